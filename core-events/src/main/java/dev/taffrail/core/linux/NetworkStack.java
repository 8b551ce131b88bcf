package dev.taffrail.core.linux;

import dev.taffrail.core.ip.IpPrefix;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Links, addresses and routes of one network namespace; see rtnetlink(7), ip-link(8). Names of
 * links have 1 to 15 bytes (IFNAMSIZ). ALREADY_EXISTS, NOT_FOUND, FAILED_PRECONDITION (busy, down,
 * unreachable), PERMISSION_DENIED, UNIMPLEMENTED (the kernel lacks that kind of link). Threads may
 * share it; all calls block, for well under a millisecond unless said otherwise. Lists are ABORTED
 * when changes never let them be read whole; a look at one link is not.
 */
public interface NetworkStack extends AutoCloseable {
  /**
   * A link.
   *
   * @param kind as {@code ip -d link} says: {@code bridge}, {@code veth}; empty for hardware
   * @param mac {@code 02:42:ac:11:00:02}; empty for what has none
   * @param master index of the bridge it is a port of
   * @param group by which its maker may know it again, see ip-link(8); 0 for none
   */
  record Link(
      int index,
      String name,
      String kind,
      String mac,
      int mtu,
      boolean up,
      OptionalInt master,
      int group) {}

  /** An address of a link, with the length of its prefix. */
  record LinkAddress(String link, IpPrefix address) {}

  /**
   * A route of the main table.
   *
   * @param destination {@code 0.0.0.0/0} or {@code ::/0} for a default route
   * @param gateway empty when the destination is on the link
   */
  record Route(IpPrefix destination, Optional<InetAddress> gateway, String link) {}

  /**
   * One end of a pair.
   *
   * @param mac empty for one that the kernel makes up
   */
  record End(String name, Optional<String> mac) {}

  List<Link> links();

  Optional<Link> link(String name);

  List<LinkAddress> addresses();

  List<Route> routes();

  /** Whether the kernel has links of that kind; makes none. A module is loaded for it. */
  boolean hasKind(String kind);

  /** Makes a bridge, down, without STP and with IPv6 as the namespace has it. */
  void createBridge(String name, Optional<String> mac, int mtu);

  /** Makes a pair of links, down; {@code peer} appears in the other namespace. */
  void createVeth(End end, End peer, Path peerNamespace, int mtu);

  /**
   * Makes a link on {@code parent} that appears in another namespace, down. What an attempt that
   * was cut short has left there goes.
   *
   * @param mode {@code bridge}, {@code private}, {@code vepa}, {@code passthru}
   */
  void createMacvlan(String parent, String mode, End end, Path namespace, OptionalInt mtu);

  /**
   * Makes a link on {@code parent} that appears in another namespace, down. What an attempt that
   * was cut short has left there goes.
   *
   * @param mode {@code l2}, {@code l3}, {@code l3s}
   * @param flag {@code bridge}, {@code private}, {@code vepa}
   */
  void createIpvlan(
      String parent, String mode, String flag, String name, Path namespace, OptionalInt mtu);

  /** Makes a link of 802.1Q on {@code parent}, down, in this namespace. */
  void createVlan(String parent, int vlan, String name, int group);

  /** Makes a link that goes nowhere, down. */
  void createDummy(String name, int group);

  void setUp(String link);

  /** Makes {@code link} a port of {@code bridge}. */
  void setMaster(String link, String bridge);

  /** Of a port: frames may leave where they came in. */
  void setHairpin(String link, boolean on);

  /** Of a port: it reaches only ports that are not isolated. */
  void setIsolated(String link, boolean on);

  void rename(String link, String name);

  /**
   * Removes a link, and with it the other end of a pair. Takes tens of milliseconds, for the kernel
   * waits until nobody sees the link any more; when it removes a namespace, it does so in the
   * background. Nothing there is fine.
   */
  void delete(String link);

  /** Adds an address; IPv6 without duplicate address detection. */
  void addAddress(String link, IpPrefix address);

  /** Nothing there is fine. */
  void removeAddress(String link, IpPrefix address);

  void addRoute(Route route);

  /** Nothing there is fine. */
  void removeRoute(Route route);

  @Override
  void close();
}
