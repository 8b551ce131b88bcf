package dev.taffrail.network.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.NetworkTraits.WayOut;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a list says of the addresses that its plugins will give. The plugins {@code host-local} and
 * {@code static} say it in their configuration; of others nothing is known beforehand.
 */
final class KnownRanges {
  private static final String HOST_LOCAL = "host-local";
  private static final String STATIC = "static";

  /** Plugins that give no addresses but those of a plugin that they call for them. */
  private static final Set<String> LAYER_2 =
      Set.of("bridge", "dummy", "host-device", "ipvlan", "loopback", "macvlan", "tap", "vlan");

  private final JsonNode plugin;
  private final JsonNode ipam;
  private final String type;

  private KnownRanges(ObjectNode plugin) {
    this.plugin = plugin;
    this.ipam = plugin.path("ipam");
    this.type = ipam.path("type").asText("");
  }

  /** The first plugin makes the link. */
  static KnownRanges of(ConfigurationList list) {
    return new KnownRanges(list.plugins().get(0));
  }

  /** By what containers have their default route; where that is not known, by the link. */
  WayOut wayOut() {
    boolean known =
        type.isEmpty()
            ? LAYER_2.contains(plugin.path("type").asText())
            : type.equals(HOST_LOCAL) || type.equals(STATIC);
    if (!known) {
      return WayOut.LINK;
    }
    return pools().stream().anyMatch(pool -> pool.gateway().isPresent())
        ? WayOut.GATEWAY
        : WayOut.NONE;
  }

  /** One for each subnet; with a gateway where containers have their default route by it. */
  List<AddressPool> pools() {
    List<AddressPool> pools = new ArrayList<>();
    if (type.equals(HOST_LOCAL)) {
      add(pools, ipam);
      for (JsonNode set : ipam.path("ranges")) {
        set.forEach(range -> add(pools, range));
      }
    } else if (type.equals(STATIC)) {
      for (JsonNode address : ipam.path("addresses")) {
        prefix(address.path("address").asText(""))
            .ifPresent(own -> add(pools, own.range(), ip(address.path("gateway"))));
      }
    }
    return pools;
  }

  private void add(List<AddressPool> pools, JsonNode range) {
    prefix(range.path("subnet").asText(""))
        .map(IpPrefix::range)
        .ifPresent(
            subnet ->
                // host-local's gateway is the first address unless it is told another one.
                add(pools, subnet, ip(range.path("gateway")).or(() -> Optional.of(subnet.at(1)))));
  }

  private void add(List<AddressPool> pools, IpPrefix subnet, Optional<InetAddress> gateway) {
    if (pools.stream().noneMatch(pool -> pool.subnet().equals(subnet))) {
      Optional<InetAddress> out = defaultRoute(subnet.isV6()).flatMap(by -> by.or(() -> gateway));
      pools.add(new AddressPool(subnet, Optional.empty(), out, Map.of()));
    }
  }

  /** Present where there is one; in it the gateway that it names. */
  private Optional<Optional<InetAddress>> defaultRoute(boolean v6) {
    for (JsonNode route : ipam.path("routes")) {
      Optional<IpPrefix> destination = prefix(route.path("dst").asText(""));
      if (destination.filter(to -> to.length() == 0 && to.isV6() == v6).isPresent()) {
        return Optional.of(ip(route.path("gw")));
      }
    }
    return plugin.path("isDefaultGateway").asBoolean()
        ? Optional.of(Optional.empty())
        : Optional.empty();
  }

  private static Optional<IpPrefix> prefix(String text) {
    try {
      return Optional.of(IpPrefix.parse(text));
    } catch (RuntimeFailure e) {
      // The plugin will say what is wrong with it.
      return Optional.empty();
    }
  }

  private static Optional<InetAddress> ip(JsonNode text) {
    try {
      return text.isTextual() ? Optional.of(IpText.parse(text.asText())) : Optional.empty();
    } catch (RuntimeFailure e) {
      return Optional.empty();
    }
  }
}
