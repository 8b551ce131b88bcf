package dev.taffrail.e2e;

import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Ethernet frames that a container should not send, by a packet socket in its network namespace;
 * see RFC 4861 for what is in them.
 */
final class ForgedFrames {
  private static final String SEND =
      """
      my ($link, $frame) = @ARGV;
      socket(my $socket, 17, 3, 0) or die "socket: $!";
      my $request = pack("a16 x24", $link);
      ioctl($socket, 0x8933, $request) or die "SIOCGIFINDEX: $!";
      my $address = pack("S n i S C C a8", 17, 3, unpack("x16 i", $request), 0, 0, 6, "");
      send($socket, pack("H*", $frame), 0, $address) or die "send: $!";
      """;
  private static final HexFormat MAC = HexFormat.ofDelimiter(":");
  private static final int ETHERNET = 14;
  private static final int IPV6 = 40;
  private static final byte ICMPV6 = 58;

  private ForgedFrames() {}

  /** Sends one from {@code eth0} of the namespace of a process. */
  static void send(long pid, byte[] frame) {
    CommandResult sent =
        Commands.run(
            Map.of(),
            new byte[0],
            List.of(
                "nsenter",
                "-t",
                Long.toString(pid),
                "-n",
                "perl",
                "-e",
                SEND,
                "eth0",
                HexFormat.of().formatHex(frame)));
    sent.succeeded();
  }

  /** "I am a router for everything", to all. */
  static byte[] routerAdvertisement(String mac) {
    ByteBuffer message = ByteBuffer.allocate(16);
    // Type 134; hop limit 64, life time of half an hour.
    message.put(0, (byte) 134).put(4, (byte) 64).putShort(6, (short) 1800);
    return icmpv6(mac, "33:33:00:00:00:01", "ff02::1", bytes(message));
  }

  /** "{@code target} is at my hardware address", to one neighbour. */
  static byte[] neighbourAdvertisement(String mac, String toMac, String to, String target) {
    ByteBuffer message = ByteBuffer.allocate(32);
    // Type 136, flag "override"; the option "target link-layer address".
    message.put(0, (byte) 136).put(4, (byte) 0x20).put(8, address(target));
    message.put(24, (byte) 2).put(25, (byte) 1).put(26, MAC.parseHex(mac));
    return icmpv6(mac, toMac, to, bytes(message));
  }

  /** A frame of a protocol for experiments (IEEE 802), for its sender's address alone. */
  static byte[] from(String mac, String toMac) {
    return ByteBuffer.allocate(60)
        .put(MAC.parseHex(toMac))
        .put(MAC.parseHex(mac))
        .putShort((short) 0x88b5)
        .array();
  }

  private static byte[] bytes(ByteBuffer message) {
    byte[] bytes = new byte[message.capacity()];
    message.get(0, bytes);
    return bytes;
  }

  private static byte[] icmpv6(String mac, String toMac, String to, byte[] message) {
    byte[] source = address("fe80::bad");
    ByteBuffer.wrap(message).putShort(2, checksum(source, address(to), message));
    return ByteBuffer.allocate(ETHERNET + IPV6 + message.length)
        .put(MAC.parseHex(toMac))
        .put(MAC.parseHex(mac))
        .putShort((short) 0x86dd)
        .putInt(0x60000000)
        .putShort((short) message.length)
        .put(ICMPV6)
        .put((byte) 255)
        .put(source)
        .put(address(to))
        .put(message)
        .array();
  }

  private static short checksum(byte[] source, byte[] destination, byte[] message) {
    ByteBuffer pseudo =
        ByteBuffer.allocate(IPV6 + message.length)
            .put(source)
            .put(destination)
            .putInt(message.length)
            .putInt(ICMPV6)
            .put(message)
            .flip();
    int sum = 0;
    while (pseudo.hasRemaining()) {
      sum += pseudo.getShort() & 0xffff;
    }
    while (sum > 0xffff) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }

  private static byte[] address(String text) {
    try {
      byte[] address = InetAddress.getByName(text).getAddress();
      if (address.length != Inet6Address.getByName("::1").getAddress().length) {
        throw new IllegalArgumentException(text);
      }
      return address;
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
