package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AF_INET;
import static dev.taffrail.linux.Rtnetlink.IFA_ADDRESS;
import static dev.taffrail.linux.Rtnetlink.IFA_LOCAL;
import static dev.taffrail.linux.Rtnetlink.IFF_UP;
import static dev.taffrail.linux.Rtnetlink.IFLA_ADDRESS;
import static dev.taffrail.linux.Rtnetlink.IFLA_GROUP;
import static dev.taffrail.linux.Rtnetlink.IFLA_IFNAME;
import static dev.taffrail.linux.Rtnetlink.IFLA_INFO_KIND;
import static dev.taffrail.linux.Rtnetlink.IFLA_LINKINFO;
import static dev.taffrail.linux.Rtnetlink.IFLA_MASTER;
import static dev.taffrail.linux.Rtnetlink.IFLA_MTU;
import static dev.taffrail.linux.Rtnetlink.RTA_DST;
import static dev.taffrail.linux.Rtnetlink.RTA_GATEWAY;
import static dev.taffrail.linux.Rtnetlink.RTA_MULTIPATH;
import static dev.taffrail.linux.Rtnetlink.RTA_OIF;
import static dev.taffrail.linux.Rtnetlink.RTA_TABLE;
import static dev.taffrail.linux.Rtnetlink.RTN_UNICAST;
import static dev.taffrail.linux.Rtnetlink.RT_TABLE_MAIN;

import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.linux.NetworkStack.Link;
import dev.taffrail.core.linux.NetworkStack.LinkAddress;
import dev.taffrail.core.linux.NetworkStack.Route;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What rtnetlink(7) answers: the fixed part of the family, then attributes. */
final class RouteAnswers {
  private static final int IFINFOMSG_SIZE = 16;
  private static final int IFADDRMSG_SIZE = 8;
  private static final int RTMSG_SIZE = 12;
  private static final int RTNEXTHOP_SIZE = 8;

  private RouteAnswers() {}

  /** struct ifinfomsg: family, padding, type, index at 4, flags at 8, mask. */
  static Link link(ByteBuffer answer) {
    NetlinkAttributes attributes = attributes(answer, IFINFOMSG_SIZE);
    return new Link(
        answer.getInt(4),
        attributes.text(IFLA_IFNAME),
        attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND),
        MacText.of(attributes.raw(IFLA_ADDRESS)),
        attributes.int32(IFLA_MTU).orElse(0),
        (answer.getInt(8) & IFF_UP) != 0,
        attributes.int32(IFLA_MASTER),
        attributes.int32(IFLA_GROUP).orElse(0));
  }

  /**
   * struct ifaddrmsg: family, length of the prefix, flags, scope, index at 4. Empty when its link
   * came after {@code names} were listed.
   */
  static Optional<LinkAddress> address(ByteBuffer answer, Map<Integer, String> names) {
    NetlinkAttributes attributes = attributes(answer, IFADDRMSG_SIZE);
    int length = Byte.toUnsignedInt(answer.get(1));
    String name = names.get(answer.getInt(4));
    // The local one is that of the link; the other may be its peer's.
    return attributes
        .address(IFA_LOCAL)
        .or(() -> attributes.address(IFA_ADDRESS))
        .filter(found -> name != null)
        .map(found -> new LinkAddress(name, new IpPrefix(found, length)));
  }

  /**
   * struct rtmsg: family, lengths of destination and source, TOS, table, protocol, scope, type at
   * 7, flags. One per next hop; none for what leads nowhere.
   */
  static List<Route> routes(ByteBuffer answer, Map<Integer, String> names) {
    NetlinkAttributes attributes = attributes(answer, RTMSG_SIZE);
    List<Route> found = new ArrayList<>();
    if (answer.get(7) == RTN_UNICAST
        && attributes.int32(RTA_TABLE).orElse(RT_TABLE_MAIN) == RT_TABLE_MAIN) {
      int length = Byte.toUnsignedInt(answer.get(1));
      InetAddress first = attributes.address(RTA_DST).orElse(any(answer.get(0)));
      IpPrefix destination = new IpPrefix(first, length);
      attributes
          .int32(RTA_OIF)
          .ifPresent(link -> add(found, destination, attributes, names.get(link)));
      attributes.value(RTA_MULTIPATH).ifPresent(hops -> addHops(found, destination, hops, names));
    }
    return found;
  }

  /** struct rtnexthop: length, flags, weight, index at 4; then attributes. */
  private static void addHops(
      List<Route> found, IpPrefix destination, ByteBuffer hops, Map<Integer, String> names) {
    int at = 0;
    while (at + RTNEXTHOP_SIZE <= hops.limit()) {
      int length = Short.toUnsignedInt(hops.getShort(at));
      if (length < RTNEXTHOP_SIZE || at + length > hops.limit()) {
        return;
      }
      ByteBuffer hop = NetlinkAttributes.slice(hops, at, length);
      add(found, destination, attributes(hop, RTNEXTHOP_SIZE), names.get(hop.getInt(4)));
      at += NetlinkAttributes.align(length);
    }
  }

  private static void add(
      List<Route> found, IpPrefix destination, NetlinkAttributes attributes, String link) {
    if (link != null) {
      found.add(new Route(destination, attributes.address(RTA_GATEWAY), link));
    }
  }

  private static NetlinkAttributes attributes(ByteBuffer answer, int from) {
    return new NetlinkAttributes(answer.position(from));
  }

  private static InetAddress any(int family) {
    try {
      return InetAddress.getByAddress(new byte[family == AF_INET ? 4 : 16]);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }
}
