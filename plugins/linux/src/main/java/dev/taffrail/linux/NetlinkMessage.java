package dev.taffrail.linux;

import static dev.taffrail.linux.Rtnetlink.NLA_HDRLEN;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * Builds one message: struct nlmsghdr, the fixed part of its family, attributes (type, length,
 * value, each at a multiple of 4); all in the machine's byte order. See netlink(7).
 */
final class NetlinkMessage {
  private static final int SIZE = 1024;
  private static final int SEQUENCE_AT = 8;

  private final ByteBuffer bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder());

  NetlinkMessage(int type, int flags) {
    // struct nlmsghdr: length, type, flags, sequence, port.
    bytes.putInt(0).putShort((short) type).putShort((short) flags).putInt(0).putInt(0);
  }

  /** struct ifinfomsg: family, padding, type, index, flags, mask of the flags that change. */
  NetlinkMessage linkHeader(int index, int flags, int change) {
    bytes.putInt(0).putInt(index).putInt(flags).putInt(change);
    return this;
  }

  /** struct ifaddrmsg: family, length of the prefix, flags, scope, index. */
  NetlinkMessage addressHeader(int family, int prefixLength, int scope, int index) {
    bytes.put((byte) family).put((byte) prefixLength).put((byte) 0).put((byte) scope);
    bytes.putInt(index);
    return this;
  }

  /** struct rtmsg: family, lengths of destination and source, TOS, table, and as named; flags. */
  NetlinkMessage routeHeader(
      int family, int prefixLength, int table, int protocol, int scope, int type) {
    bytes.put((byte) family).put((byte) prefixLength).put((byte) 0).put((byte) 0);
    bytes.put((byte) table).put((byte) protocol).put((byte) scope).put((byte) type).putInt(0);
    return this;
  }

  NetlinkMessage text(int type, String value) {
    return attribute(type, into -> KernelText.encode(value, 0, value.length(), into.bytes));
  }

  NetlinkMessage int8(int type, int value) {
    return attribute(type, into -> into.bytes.put((byte) value));
  }

  NetlinkMessage int16(int type, int value) {
    return attribute(type, into -> into.bytes.putShort((short) value));
  }

  NetlinkMessage int32(int type, int value) {
    return attribute(type, into -> into.bytes.putInt(value));
  }

  NetlinkMessage address(int type, InetAddress value) {
    return raw(type, value.getAddress());
  }

  NetlinkMessage raw(int type, byte[] value) {
    return attribute(type, into -> into.bytes.put(value));
  }

  /** An attribute whose value is what {@code content} appends, further attributes for example. */
  NetlinkMessage attribute(int type, Consumer<NetlinkMessage> content) {
    int at = bytes.position();
    bytes.putShort((short) 0).putShort((short) type);
    content.accept(this);
    bytes.putShort(at, (short) (bytes.position() - at));
    while (bytes.position() % NLA_HDRLEN != 0) {
      bytes.put((byte) 0);
    }
    return this;
  }

  /** The whole message, from its beginning. */
  ByteBuffer encode(int sequence) {
    bytes.putInt(0, bytes.position()).putInt(SEQUENCE_AT, sequence);
    return bytes.duplicate().flip();
  }
}
