package dev.taffrail.linux;

import static dev.taffrail.linux.Rtnetlink.NLA_HDRLEN;
import static dev.taffrail.linux.Rtnetlink.NLA_TYPE_MASK;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The attributes of a message or of another attribute. */
final class NetlinkAttributes {
  private final Map<Integer, ByteBuffer> values = new HashMap<>();

  /** All from the position of {@code bytes} to its limit; what is cut short ends them. */
  NetlinkAttributes(ByteBuffer bytes) {
    int at = bytes.position();
    while (at + NLA_HDRLEN <= bytes.limit()) {
      int length = Short.toUnsignedInt(bytes.getShort(at));
      if (length < NLA_HDRLEN || at + length > bytes.limit()) {
        return;
      }
      int type = bytes.getShort(at + Short.BYTES) & NLA_TYPE_MASK;
      values.put(type, slice(bytes, at + NLA_HDRLEN, length - NLA_HDRLEN));
      at += align(length);
    }
  }

  /** {@code length} bytes at {@code from}, in the same byte order. */
  static ByteBuffer slice(ByteBuffer bytes, int from, int length) {
    return bytes.slice(from, length).order(ByteOrder.nativeOrder());
  }

  /** Up to a multiple of 4; NLMSG_ALIGN and NLA_ALIGN of linux/netlink.h. */
  static int align(int length) {
    return (length + 3) & ~3;
  }

  Optional<ByteBuffer> value(int type) {
    return Optional.ofNullable(values.get(type));
  }

  /** Empty when it is not there. */
  String text(int type) {
    ByteBuffer value = values.get(type);
    if (value == null) {
      return "";
    }
    int end = 0;
    while (end < value.limit() && value.get(end) != 0) {
      end++;
    }
    return KernelText.decode(value, 0, end);
  }

  OptionalInt int32(int type) {
    ByteBuffer value = values.get(type);
    return value == null ? OptionalInt.empty() : OptionalInt.of(value.getInt(0));
  }

  byte[] raw(int type) {
    ByteBuffer value = values.get(type);
    byte[] raw = new byte[value == null ? 0 : value.limit()];
    if (value != null) {
      value.get(0, raw);
    }
    return raw;
  }

  /** IPv4 or IPv6, as its length says; empty for anything else. */
  Optional<InetAddress> address(int type) {
    try {
      return Optional.of(InetAddress.getByAddress(raw(type)));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  /** No attributes when it is not there. */
  NetlinkAttributes nested(int type) {
    return new NetlinkAttributes(value(type).orElse(ByteBuffer.allocate(0)));
  }
}
