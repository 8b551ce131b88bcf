package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AF_INET;
import static dev.taffrail.linux.Native.AF_INET6;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Rtnetlink.IFA_ADDRESS;
import static dev.taffrail.linux.Rtnetlink.IFA_BROADCAST;
import static dev.taffrail.linux.Rtnetlink.IFA_FLAGS;
import static dev.taffrail.linux.Rtnetlink.IFA_F_NODAD;
import static dev.taffrail.linux.Rtnetlink.IFA_LOCAL;
import static dev.taffrail.linux.Rtnetlink.IFF_UP;
import static dev.taffrail.linux.Rtnetlink.IFLA_ADDRESS;
import static dev.taffrail.linux.Rtnetlink.IFLA_BRPORT_ISOLATED;
import static dev.taffrail.linux.Rtnetlink.IFLA_BRPORT_MODE;
import static dev.taffrail.linux.Rtnetlink.IFLA_BR_STP_STATE;
import static dev.taffrail.linux.Rtnetlink.IFLA_EXT_MASK;
import static dev.taffrail.linux.Rtnetlink.IFLA_GROUP;
import static dev.taffrail.linux.Rtnetlink.IFLA_IFNAME;
import static dev.taffrail.linux.Rtnetlink.IFLA_INFO_DATA;
import static dev.taffrail.linux.Rtnetlink.IFLA_INFO_KIND;
import static dev.taffrail.linux.Rtnetlink.IFLA_INFO_SLAVE_DATA;
import static dev.taffrail.linux.Rtnetlink.IFLA_INFO_SLAVE_KIND;
import static dev.taffrail.linux.Rtnetlink.IFLA_IPVLAN_FLAGS;
import static dev.taffrail.linux.Rtnetlink.IFLA_IPVLAN_MODE;
import static dev.taffrail.linux.Rtnetlink.IFLA_LINK;
import static dev.taffrail.linux.Rtnetlink.IFLA_LINKINFO;
import static dev.taffrail.linux.Rtnetlink.IFLA_MACVLAN_MODE;
import static dev.taffrail.linux.Rtnetlink.IFLA_MASTER;
import static dev.taffrail.linux.Rtnetlink.IFLA_MTU;
import static dev.taffrail.linux.Rtnetlink.IFLA_NET_NS_FD;
import static dev.taffrail.linux.Rtnetlink.IFLA_VLAN_ID;
import static dev.taffrail.linux.Rtnetlink.IPVLAN_F_PRIVATE;
import static dev.taffrail.linux.Rtnetlink.IPVLAN_F_VEPA;
import static dev.taffrail.linux.Rtnetlink.IPVLAN_MODE_L2;
import static dev.taffrail.linux.Rtnetlink.IPVLAN_MODE_L3;
import static dev.taffrail.linux.Rtnetlink.IPVLAN_MODE_L3S;
import static dev.taffrail.linux.Rtnetlink.MACVLAN_MODE_BRIDGE;
import static dev.taffrail.linux.Rtnetlink.MACVLAN_MODE_PASSTHRU;
import static dev.taffrail.linux.Rtnetlink.MACVLAN_MODE_PRIVATE;
import static dev.taffrail.linux.Rtnetlink.MACVLAN_MODE_VEPA;
import static dev.taffrail.linux.Rtnetlink.NLM_F_ACK;
import static dev.taffrail.linux.Rtnetlink.NLM_F_CREATE;
import static dev.taffrail.linux.Rtnetlink.NLM_F_DUMP;
import static dev.taffrail.linux.Rtnetlink.NLM_F_EXCL;
import static dev.taffrail.linux.Rtnetlink.NLM_F_REQUEST;
import static dev.taffrail.linux.Rtnetlink.RTA_DST;
import static dev.taffrail.linux.Rtnetlink.RTA_GATEWAY;
import static dev.taffrail.linux.Rtnetlink.RTA_OIF;
import static dev.taffrail.linux.Rtnetlink.RTA_TABLE;
import static dev.taffrail.linux.Rtnetlink.RTEXT_FILTER_SKIP_STATS;
import static dev.taffrail.linux.Rtnetlink.RTM_DELADDR;
import static dev.taffrail.linux.Rtnetlink.RTM_DELLINK;
import static dev.taffrail.linux.Rtnetlink.RTM_DELROUTE;
import static dev.taffrail.linux.Rtnetlink.RTM_GETADDR;
import static dev.taffrail.linux.Rtnetlink.RTM_GETLINK;
import static dev.taffrail.linux.Rtnetlink.RTM_GETROUTE;
import static dev.taffrail.linux.Rtnetlink.RTM_NEWADDR;
import static dev.taffrail.linux.Rtnetlink.RTM_NEWLINK;
import static dev.taffrail.linux.Rtnetlink.RTM_NEWROUTE;
import static dev.taffrail.linux.Rtnetlink.RTN_UNICAST;
import static dev.taffrail.linux.Rtnetlink.RTPROT_BOOT;
import static dev.taffrail.linux.Rtnetlink.RT_SCOPE_HOST;
import static dev.taffrail.linux.Rtnetlink.RT_SCOPE_LINK;
import static dev.taffrail.linux.Rtnetlink.RT_SCOPE_NOWHERE;
import static dev.taffrail.linux.Rtnetlink.RT_SCOPE_UNIVERSE;
import static dev.taffrail.linux.Rtnetlink.RT_TABLE_MAIN;
import static dev.taffrail.linux.Rtnetlink.VETH_INFO_PEER;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.linux.NetworkStack;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** The messages of rtnetlink(7), sent over a socket of the namespace that they are about. */
final class NetlinkStack implements NetworkStack {
  private static final int ACKNOWLEDGED = NLM_F_REQUEST | NLM_F_ACK;
  private static final int CREATE = ACKNOWLEDGED | NLM_F_CREATE | NLM_F_EXCL;

  /** RFC 3021: two addresses and no broadcast. */
  private static final int POINT_TO_POINT = 31;

  /** 4095 means something else; IEEE 802.1Q. */
  private static final int MAX_VLAN = 4094;

  private static final Map<String, Integer> MACVLAN_MODES =
      Map.of(
          "private", MACVLAN_MODE_PRIVATE,
          "vepa", MACVLAN_MODE_VEPA,
          "bridge", MACVLAN_MODE_BRIDGE,
          "passthru", MACVLAN_MODE_PASSTHRU);
  private static final Map<String, Integer> IPVLAN_MODES =
      Map.of("l2", IPVLAN_MODE_L2, "l3", IPVLAN_MODE_L3, "l3s", IPVLAN_MODE_L3S);
  private static final Map<String, Integer> IPVLAN_FLAGS =
      Map.of("bridge", 0, "private", IPVLAN_F_PRIVATE, "vepa", IPVLAN_F_VEPA);

  private final NetlinkSocket socket;
  private final NativeNetworkNamespaces namespaces;

  /** Takes over {@code socket}. */
  NetlinkStack(NetlinkSocket socket, NativeNetworkNamespaces namespaces) {
    this.socket = socket;
    this.namespaces = namespaces;
  }

  /** The stack of the namespace at {@code path}. */
  static NetlinkStack open(NativeNetworkNamespaces namespaces, Path path) {
    return new NetlinkStack(namespaces.within(path, NetlinkSocket::open), namespaces);
  }

  @Override
  public List<Link> links() {
    NetlinkMessage dump = new NetlinkMessage(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP);
    dump.linkHeader(0, 0, 0).int32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    return socket.exchange(dump, "list the links").stream().map(RouteAnswers::link).toList();
  }

  @Override
  public Optional<Link> link(String name) {
    if (!LinkName.isPossible(name)) {
      return Optional.empty();
    }
    NetlinkMessage get = new NetlinkMessage(RTM_GETLINK, ACKNOWLEDGED);
    get.linkHeader(0, 0, 0).int32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS).text(IFLA_IFNAME, name);
    try {
      return Optional.of(
          RouteAnswers.link(socket.exchange(get, "look for the link " + name).get(0)));
    } catch (RuntimeFailure failure) {
      return absent(failure, Kind.NOT_FOUND);
    }
  }

  @Override
  public List<LinkAddress> addresses() {
    Map<Integer, String> names = names();
    List<LinkAddress> found = new ArrayList<>();
    for (int family : new int[] {AF_INET, AF_INET6}) {
      NetlinkMessage dump = new NetlinkMessage(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP);
      dump.addressHeader(family, 0, 0, 0);
      for (ByteBuffer answer : socket.exchange(dump, "list the addresses")) {
        RouteAnswers.address(answer, names).ifPresent(found::add);
      }
    }
    return List.copyOf(found);
  }

  @Override
  public List<Route> routes() {
    Map<Integer, String> names = names();
    List<Route> found = new ArrayList<>();
    for (int family : new int[] {AF_INET, AF_INET6}) {
      NetlinkMessage dump = new NetlinkMessage(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);
      dump.routeHeader(family, 0, RT_TABLE_MAIN, 0, 0, 0).int32(RTA_TABLE, RT_TABLE_MAIN);
      List<ByteBuffer> answers = new ArrayList<>();
      try {
        answers.addAll(socket.exchange(dump, "list the routes"));
      } catch (RuntimeFailure failure) {
        // A table of a family is made with its first route.
        absent(failure, Kind.NOT_FOUND);
      }
      answers.forEach(answer -> found.addAll(RouteAnswers.routes(answer, names)));
    }
    return List.copyOf(found);
  }

  /**
   * Asks for one that cannot be: of a kind that it has, the kernel finds fault with its address.
   */
  @Override
  public boolean hasKind(String kind) {
    NetlinkMessage message = new NetlinkMessage(RTM_NEWLINK, CREATE);
    message
        .linkHeader(0, 0, 0)
        .raw(IFLA_ADDRESS, new byte[1])
        .attribute(IFLA_LINKINFO, info -> info.text(IFLA_INFO_KIND, kind));
    try {
      socket.exchange(message, "ask for links of the kind " + kind);
    } catch (RuntimeFailure failure) {
      if (failure.kind() == Kind.UNIMPLEMENTED) {
        return false;
      }
      if (failure.kind() == Kind.INVALID_ARGUMENT) {
        return true;
      }
      throw failure;
    }
    throw new IllegalStateException("A " + kind + " was made with an address of one byte");
  }

  @Override
  public void createBridge(String name, Optional<String> mac, int mtu) {
    NetlinkMessage message = newLink(new End(name, mac), OptionalInt.of(mtu));
    kind(message, "bridge", data -> data.int32(IFLA_BR_STP_STATE, 0));
    socket.exchange(message, "make the bridge " + name);
  }

  @Override
  public void createVeth(End end, End peer, Path peerNamespace, int mtu) {
    LinkName.require(peer.name());
    int namespace = namespaces.open(peerNamespace);
    try {
      NetlinkMessage message = newLink(end, OptionalInt.of(mtu));
      kind(
          message,
          "veth",
          data ->
              data.attribute(
                  VETH_INFO_PEER,
                  other ->
                      identity(other.linkHeader(0, 0, 0), peer, OptionalInt.of(mtu))
                          .int32(IFLA_NET_NS_FD, namespace)));
      socket.exchange(
          message,
          "make the pair of " + end.name() + " and " + peer.name() + " at " + peerNamespace);
    } finally {
      LIBC.close(namespace);
    }
  }

  @Override
  public void createMacvlan(String parent, String mode, End end, Path namespace, OptionalInt mtu) {
    int value = oneOf(MACVLAN_MODES, mode, "mode of a macvlan");
    createElsewhere(
        "macvlan", parent, end, namespace, mtu, data -> data.int32(IFLA_MACVLAN_MODE, value));
  }

  @Override
  public void createIpvlan(
      String parent, String mode, String flag, String name, Path namespace, OptionalInt mtu) {
    int modeValue = oneOf(IPVLAN_MODES, mode, "mode of an ipvlan");
    int flagValue = oneOf(IPVLAN_FLAGS, flag, "flag of an ipvlan");
    createElsewhere(
        "ipvlan",
        parent,
        new End(name, Optional.empty()),
        namespace,
        mtu,
        data -> data.int16(IFLA_IPVLAN_MODE, modeValue).int16(IFLA_IPVLAN_FLAGS, flagValue));
  }

  @Override
  public void createVlan(String parent, int vlan, String name, int group) {
    if (vlan < 1 || vlan > MAX_VLAN) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "Not the id of a VLAN, 1 to " + MAX_VLAN + ": " + vlan);
    }
    NetlinkMessage message = newLink(new End(name, Optional.empty()), OptionalInt.empty());
    message.int32(IFLA_LINK, index(parent)).int32(IFLA_GROUP, group);
    kind(message, "vlan", data -> data.int16(IFLA_VLAN_ID, vlan));
    socket.exchange(message, "make the VLAN " + vlan + " " + name + " on " + parent);
  }

  @Override
  public void createDummy(String name, int group) {
    NetlinkMessage message = newLink(new End(name, Optional.empty()), OptionalInt.empty());
    message
        .int32(IFLA_GROUP, group)
        .attribute(IFLA_LINKINFO, info -> info.text(IFLA_INFO_KIND, "dummy"));
    socket.exchange(message, "make the dummy link " + name);
  }

  @Override
  public void setUp(String link) {
    socket.exchange(change(link, IFF_UP, IFF_UP), "set the link " + link + " up");
  }

  @Override
  public void setMaster(String link, String bridge) {
    NetlinkMessage message = change(link, 0, 0).int32(IFLA_MASTER, index(bridge));
    socket.exchange(message, "make " + link + " a port of " + bridge);
  }

  @Override
  public void setHairpin(String link, boolean on) {
    setPort(link, IFLA_BRPORT_MODE, on, "set hairpin mode");
  }

  @Override
  public void setIsolated(String link, boolean on) {
    setPort(link, IFLA_BRPORT_ISOLATED, on, "set isolation");
  }

  @Override
  public void rename(String link, String name) {
    LinkName.require(name);
    NetlinkMessage message = new NetlinkMessage(RTM_NEWLINK, ACKNOWLEDGED);
    message.linkHeader(index(link), 0, 0).text(IFLA_IFNAME, name);
    socket.exchange(message, "rename the link " + link + " to " + name);
  }

  @Override
  public void delete(String link) {
    if (!LinkName.isPossible(link)) {
      return;
    }
    NetlinkMessage message = new NetlinkMessage(RTM_DELLINK, ACKNOWLEDGED);
    message.linkHeader(0, 0, 0).text(IFLA_IFNAME, link);
    try {
      socket.exchange(message, "delete the link " + link);
    } catch (RuntimeFailure failure) {
      absent(failure, Kind.NOT_FOUND);
    }
  }

  @Override
  public void addAddress(String link, IpPrefix address) {
    NetlinkMessage message = new NetlinkMessage(RTM_NEWADDR, CREATE);
    describe(message, index(link), address);
    if (address.isV6()) {
      message.int32(IFA_FLAGS, IFA_F_NODAD);
    } else if (address.length() < POINT_TO_POINT && !address.address().isLoopbackAddress()) {
      message.address(IFA_BROADCAST, address.lastAddress());
    }
    socket.exchange(message, "give " + link + " the address " + address);
  }

  @Override
  public void removeAddress(String link, IpPrefix address) {
    Optional<Link> found = link(link);
    if (found.isEmpty()) {
      return;
    }
    NetlinkMessage message = new NetlinkMessage(RTM_DELADDR, ACKNOWLEDGED);
    describe(message, found.get().index(), address);
    try {
      socket.exchange(message, "take the address " + address + " from " + link);
    } catch (RuntimeFailure failure) {
      // FAILED_PRECONDITION: EADDRNOTAVAIL.
      absent(failure, Kind.FAILED_PRECONDITION, Kind.NOT_FOUND);
    }
  }

  @Override
  public void addRoute(Route route) {
    NetlinkMessage message = new NetlinkMessage(RTM_NEWROUTE, CREATE);
    int scope =
        route.gateway().isPresent() || route.destination().isV6()
            ? RT_SCOPE_UNIVERSE
            : RT_SCOPE_LINK;
    describe(message, route, index(route.link()), scope);
    socket.exchange(message, "add the route " + text(route));
  }

  @Override
  public void removeRoute(Route route) {
    Optional<Link> found = link(route.link());
    if (found.isEmpty()) {
      return;
    }
    NetlinkMessage message = new NetlinkMessage(RTM_DELROUTE, ACKNOWLEDGED);
    describe(message, route, found.get().index(), RT_SCOPE_NOWHERE);
    try {
      socket.exchange(message, "remove the route " + text(route));
    } catch (RuntimeFailure failure) {
      absent(failure, Kind.NOT_FOUND);
    }
  }

  @Override
  public void close() {
    socket.close();
  }

  /**
   * On {@code parent}, which is here, under a name of its own until it is there: kernels before
   * 6.15 refuse a name that a link has here.
   */
  private void createElsewhere(
      String kind,
      String parent,
      End end,
      Path namespace,
      OptionalInt mtu,
      Consumer<NetlinkMessage> data) {
    LinkName.require(end.name());
    String action = "make the " + kind + " " + end.name() + " on " + parent + " for " + namespace;
    End passing = new End(LinkName.passing(end.name()), end.mac());
    int descriptor = namespaces.open(namespace);
    try (NetlinkStack there = open(namespaces, namespace)) {
      there.delete(passing.name());
      NetlinkMessage message = newLink(passing, mtu);
      message.int32(IFLA_LINK, index(parent)).int32(IFLA_NET_NS_FD, descriptor);
      kind(message, kind, data);
      socket.exchange(message, action);
      try {
        there.rename(passing.name(), end.name());
      } catch (RuntimeFailure failure) {
        there.delete(passing.name());
        throw failure;
      }
    } finally {
      LIBC.close(descriptor);
    }
  }

  private static NetlinkMessage newLink(End end, OptionalInt mtu) {
    LinkName.require(end.name());
    NetlinkMessage message = new NetlinkMessage(RTM_NEWLINK, CREATE);
    return identity(message.linkHeader(0, 0, 0), end, mtu);
  }

  private static NetlinkMessage identity(NetlinkMessage message, End end, OptionalInt mtu) {
    message.text(IFLA_IFNAME, end.name());
    end.mac().ifPresent(mac -> message.raw(IFLA_ADDRESS, MacText.parse(mac)));
    mtu.ifPresent(bytes -> message.int32(IFLA_MTU, bytes));
    return message;
  }

  private static void kind(NetlinkMessage message, String kind, Consumer<NetlinkMessage> data) {
    message.attribute(
        IFLA_LINKINFO, info -> info.text(IFLA_INFO_KIND, kind).attribute(IFLA_INFO_DATA, data));
  }

  /** Of a link that is there. */
  private static NetlinkMessage change(String link, int flags, int mask) {
    if (!LinkName.isPossible(link)) {
      throw noLink(link);
    }
    NetlinkMessage message = new NetlinkMessage(RTM_NEWLINK, ACKNOWLEDGED);
    return message.linkHeader(0, flags, mask).text(IFLA_IFNAME, link);
  }

  private void setPort(String link, int attribute, boolean on, String action) {
    NetlinkMessage message =
        change(link, 0, 0)
            .attribute(
                IFLA_LINKINFO,
                info ->
                    info.text(IFLA_INFO_SLAVE_KIND, "bridge")
                        .attribute(IFLA_INFO_SLAVE_DATA, data -> data.int8(attribute, on ? 1 : 0)));
    try {
      socket.exchange(message, action + " of " + link);
    } catch (RuntimeFailure failure) {
      if (link(link).filter(found -> found.master().isEmpty()).isPresent()) {
        throw new RuntimeFailure(
            Kind.FAILED_PRECONDITION,
            "Cannot " + action + " of " + link + ": it is no port of a bridge",
            failure);
      }
      throw failure;
    }
  }

  private static void describe(NetlinkMessage message, int index, IpPrefix address) {
    int family = address.isV6() ? AF_INET6 : AF_INET;
    boolean loopback = address.address().isLoopbackAddress();
    message
        .addressHeader(
            family, address.length(), loopback ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE, index)
        .address(IFA_LOCAL, address.address())
        .address(IFA_ADDRESS, address.address());
  }

  private static void describe(NetlinkMessage message, Route route, int index, int scope) {
    IpPrefix destination = route.destination();
    int family = destination.isV6() ? AF_INET6 : AF_INET;
    message.routeHeader(
        family, destination.length(), RT_TABLE_MAIN, RTPROT_BOOT, scope, RTN_UNICAST);
    if (destination.length() > 0) {
      message.address(RTA_DST, destination.address());
    }
    route
        .gateway()
        .ifPresent(
            gateway -> {
              if (gateway.getAddress().length != destination.address().getAddress().length) {
                throw new RuntimeFailure(
                    Kind.INVALID_ARGUMENT,
                    "Not a route of one family of addresses: " + text(route));
              }
              message.address(RTA_GATEWAY, gateway);
            });
    message.int32(RTA_OIF, index);
  }

  private static String text(Route route) {
    return route.destination()
        + route.gateway().map(gateway -> " via " + IpText.of(gateway)).orElse("")
        + " on "
        + route.link();
  }

  private Map<Integer, String> names() {
    Map<Integer, String> names = new HashMap<>();
    links().forEach(link -> names.put(link.index(), link.name()));
    return names;
  }

  private int index(String name) {
    return link(name).orElseThrow(() -> noLink(name)).index();
  }

  private static RuntimeFailure noLink(String name) {
    return new RuntimeFailure(Kind.NOT_FOUND, "There is no link " + name);
  }

  private static int oneOf(Map<String, Integer> values, String name, String what) {
    Integer value = values.get(name);
    if (value == null) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Not a " + what + ": " + name);
    }
    return value;
  }

  /** Empty when {@code failure} says that nothing was there, in one of these ways. */
  private static <T> Optional<T> absent(RuntimeFailure failure, Kind... kinds) {
    if (!List.of(kinds).contains(failure.kind())) {
      throw failure;
    }
    return Optional.empty();
  }
}
