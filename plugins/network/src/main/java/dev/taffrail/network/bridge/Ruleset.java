package dev.taffrail.network.bridge;

import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkDriver.Attached;
import dev.taffrail.core.network.NetworkDriver.Restored;
import dev.taffrail.core.network.PortBinding;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/**
 * The rules of nf_tables, in the language of nft(8): one table of the family inet and one of the
 * family bridge, both ours alone. Networks are rules, which change when a network comes or goes;
 * containers are elements of sets and maps.
 *
 * @param table the name of both tables
 * @param linkPrefix how the host's ends of pairs of links begin
 */
record Ruleset(String table, String linkPrefix) {
  /** Both tables anew, with everything that is there, in one transaction. */
  String whole(Collection<Restored> networks) {
    StringBuilder text = new StringBuilder();
    for (String family : List.of("inet", "bridge")) {
      text.append("add table ").append(family).append(' ').append(table).append('\n');
      text.append("delete table ").append(family).append(' ').append(table).append('\n');
    }
    text.append(
        """
        table inet %1$s {
          map ports4 { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service; }
          map ports6 { type inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service; }
          map wildports4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
          map wildports6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
          chain publish {
            dnat ip addr . port to meta l4proto . ip daddr . th dport map @ports4
            dnat ip addr . port to meta l4proto . th dport map @wildports4
            dnat ip6 addr . port to meta l4proto . ip6 daddr . th dport map @ports6
            dnat ip6 addr . port to meta l4proto . th dport map @wildports6
          }
          chain prerouting {
            type nat hook prerouting priority -100; policy accept;
            fib daddr type local jump publish
          }
          chain output {
            type nat hook output priority -100; policy accept;
            oifname "lo" ip6 daddr ::1 return
            fib daddr type local jump publish
          }
          chain postrouting { type nat hook postrouting priority 100; policy accept; }
          chain martians { type filter hook prerouting priority -300; policy accept; }
          chain forward { type filter hook forward priority 0; policy accept; }
        }
        table bridge %1$s {
          set macs { type ifname . ether_addr; }
          set owned4 { type ipv4_addr; }
          set owned6 { type ipv6_addr; }
          set sources4 { type ifname . ipv4_addr; }
          set sources6 { type ifname . ipv6_addr; }
          set targets6 { typeof @th,64,128; }
          set answers6 { typeof iifname . @th,64,128; }
          chain impostors {
            iifname . ether saddr != @macs drop
            ip saddr @owned4 iifname . ip saddr != @sources4 drop
            iifname . arp saddr ether != @macs drop
            arp saddr ip @owned4 iifname . arp saddr ip != @sources4 drop
            ip6 saddr @owned6 iifname . ip6 saddr != @sources6 drop
            icmpv6 type { nd-router-advert, nd-redirect } drop
            icmpv6 type nd-neighbor-advert @th,64,128 @targets6 \
              iifname . @th,64,128 != @answers6 drop
          }
          chain prerouting {
            type filter hook prerouting priority -200; policy accept;
            iifname "%2$s*" jump impostors
          }
        }
        """
            .formatted(table, linkPrefix));
    text.append(networks(networks.stream().map(Restored::network).toList()));
    for (Restored network : networks) {
      for (Attached attached : network.endpoints()) {
        text.append(attach(attached.endpoint()));
        text.append(publish(attached.endpoint(), attached.bindings()));
      }
    }
    return text.toString();
  }

  /** The rules of all networks, in the place of those from before. */
  String networks(Collection<Network> networks) {
    List<String> lines = new ArrayList<>();
    for (String chain : List.of("postrouting", "martians", "forward")) {
      lines.add("flush chain inet " + table + " " + chain);
    }
    // Without a way out, also to what others publish: so before everything else.
    for (Network network : networks) {
      if (network.internal()) {
        String link = quoted(BridgeOptions.of(network).link());
        rule(lines, "forward", "iifname " + link + " oifname != " + link + " drop");
      }
    }
    for (Network network : networks) {
      add(lines, network);
    }
    return String.join("\n", lines) + "\n" + gateways(networks);
  }

  private void add(List<String> lines, Network network) {
    BridgeOptions options = BridgeOptions.of(network);
    String link = quoted(options.link());
    rule(lines, "forward", "oifname " + link + " ct state established,related accept");
    rule(lines, "forward", "oifname " + link + " ct status dnat accept");
    rule(
        lines,
        "forward",
        "iifname " + link + " oifname " + link + (options.communication() ? " accept" : " drop"));
    rule(lines, "forward", "oifname " + link + " drop");
    // With route_localnet, which published ports need, the host's loopback is within reach.
    rule(lines, "martians", "iifname " + link + " ip daddr 127.0.0.0/8 drop");
    for (AddressPool pool : network.pools()) {
      IpPrefix subnet = pool.subnet();
      String source = (subnet.isV6() ? "ip6 saddr " : "ip saddr ") + subnet;
      if (options.masquerade() && !network.internal()) {
        rule(lines, "postrouting", source + " oifname != " + link + " masquerade");
      }
      rule(lines, "postrouting", source + " oifname " + link + " ct status dnat masquerade");
    }
    rule(lines, "postrouting", "ip saddr 127.0.0.0/8 oifname " + link + " masquerade");
  }

  private void rule(List<String> lines, String chain, String rule) {
    lines.add("add rule inet " + table + " " + chain + " " + rule);
  }

  /** An element of a set of the bridge table. */
  private record Owned(String set, String element) {}

  /** Nobody but the host has the address of a gateway. */
  private String gateways(Collection<Network> networks) {
    StringBuilder text = new StringBuilder();
    networks.forEach(network -> gateways(network).forEach(owned -> text.append(add(owned))));
    return text.toString();
  }

  /** What is the network's alone goes. */
  String withoutGateways(Network network) {
    return removed(gateways(network));
  }

  private static List<Owned> gateways(Network network) {
    List<Owned> owned = new ArrayList<>();
    for (AddressPool pool : network.pools()) {
      pool.gateway().ifPresent(gateway -> owned.addAll(owned(gateway)));
    }
    return owned;
  }

  /** The addresses of an endpoint are its own. */
  String attach(Endpoint endpoint) {
    StringBuilder text = new StringBuilder();
    owned(endpoint).forEach(owned -> text.append(add(owned)));
    return text.toString();
  }

  /** The addresses of an endpoint are nobody's, and nothing comes through its link. */
  String detach(Endpoint endpoint) {
    return removed(owned(endpoint));
  }

  private static List<Owned> owned(Endpoint endpoint) {
    String link = quoted(endpoint.hostLink()) + " . ";
    List<Owned> owned = new ArrayList<>(List.of(new Owned("macs", link + endpoint.mac())));
    for (InetAddress address : endpoint.addresses()) {
      owned.addAll(owned(address));
      if (address instanceof Inet6Address) {
        owned.add(new Owned("sources6", link + IpText.of(address)));
        owned.add(new Owned("answers6", link + target(address)));
      } else {
        owned.add(new Owned("sources4", link + IpText.of(address)));
      }
    }
    return owned;
  }

  private static List<Owned> owned(InetAddress address) {
    return address instanceof Inet6Address
        ? List.of(new Owned("owned6", IpText.of(address)), new Owned("targets6", target(address)))
        : List.of(new Owned("owned4", IpText.of(address)));
  }

  /**
   * An IPv6 address as the target of a neighbour advertisement, for which nft(8) of Debian 12 has
   * no name: a number.
   */
  private static String target(InetAddress address) {
    return "0x" + HexFormat.of().formatHex(address.getAddress());
  }

  /** Host ports lead to an endpoint, of the families that it has. */
  String publish(Endpoint endpoint, List<PortBinding> bindings) {
    StringBuilder text = new StringBuilder();
    for (PortBinding binding : bindings) {
      boolean v6 = binding.hostAddress() instanceof Inet6Address;
      endpoint
          .address(v6)
          .ifPresent(
              address ->
                  text.append(
                      element(
                          "add",
                          "inet",
                          map(binding),
                          key(binding)
                              + " : "
                              + IpText.of(address)
                              + " . "
                              + binding.containerPort())));
    }
    return text.toString();
  }

  /** Ends that. */
  String unpublish(Endpoint endpoint, List<PortBinding> bindings) {
    StringBuilder text = new StringBuilder(publish(endpoint, bindings));
    for (PortBinding binding : bindings) {
      boolean v6 = binding.hostAddress() instanceof Inet6Address;
      if (endpoint.address(v6).isPresent()) {
        text.append(element("delete", "inet", map(binding), key(binding)));
      }
    }
    return text.toString();
  }

  private static String map(PortBinding binding) {
    return (binding.hostAddress().isAnyLocalAddress() ? "wildports" : "ports")
        + (binding.hostAddress() instanceof Inet6Address ? "6" : "4");
  }

  private static String key(PortBinding binding) {
    return binding.hostAddress().isAnyLocalAddress()
        ? binding.protocol() + " . " + binding.hostPort()
        : binding.protocol()
            + " . "
            + IpText.of(binding.hostAddress())
            + " . "
            + binding.hostPort();
  }

  private static String quoted(String link) {
    return '"' + link + '"';
  }

  private String element(String verb, String family, String set, String element) {
    return verb + " element " + family + " " + table + " " + set + " { " + element + " }\n";
  }

  private String add(Owned owned) {
    return element("add", "bridge", owned.set(), owned.element());
  }

  /** There or not: nft(8) of Debian 12 cannot delete what is not there. */
  private String removed(List<Owned> elements) {
    StringBuilder text = new StringBuilder();
    for (Owned owned : elements) {
      text.append(add(owned));
      text.append(element("delete", "bridge", owned.set(), owned.element()));
    }
    return text.toString();
  }
}
