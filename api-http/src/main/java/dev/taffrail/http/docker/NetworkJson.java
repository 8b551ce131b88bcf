package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Networks in the shapes of Docker's API. */
final class NetworkJson {
  private NetworkJson() {}

  /** Without the containers that are on it. */
  static ObjectNode of(Network network) {
    ObjectNode json =
        Json.object()
            .put("Name", network.name())
            .put("Id", network.id())
            .put("Created", network.created().toString())
            .put("Scope", "local")
            .put("Driver", network.driver())
            .put("EnableIPv4", network.ipv4())
            .put("EnableIPv6", network.ipv6());
    ObjectNode addresses = json.putObject("IPAM").put("Driver", network.ipamDriver());
    if (network.isPredefined()) {
      addresses.putNull("Options");
    } else {
      addresses.set("Options", Json.strings(network.ipamOptions()));
    }
    ArrayNode pools = addresses.putArray("Config");
    network.pools().forEach(pool -> pools.add(pool(pool)));
    json.put("Internal", network.internal()).put("Attachable", network.attachable());
    rest(json);
    json.set("Options", Json.strings(network.options()));
    json.set("Labels", Json.strings(network.labels()));
    return json;
  }

  private static ObjectNode pool(AddressPool pool) {
    ObjectNode json = Json.object().put("Subnet", pool.subnet().toString());
    pool.range().ifPresent(range -> json.put("IPRange", range.toString()));
    pool.gateway().ifPresent(gateway -> json.put("Gateway", IpText.of(gateway)));
    if (!pool.auxiliary().isEmpty()) {
      ObjectNode auxiliary = json.putObject("AuxiliaryAddresses");
      pool.auxiliary().forEach((name, address) -> auxiliary.put(name, IpText.of(address)));
    }
    return json;
  }

  static ObjectNode of(BuiltinNetworks.Builtin network) {
    ObjectNode json =
        Json.object()
            .put("Name", network.name())
            .put("Id", network.id())
            .put("Created", Times.NEVER)
            .put("Scope", "local")
            .put("Driver", network.driver())
            .put("EnableIPv4", true)
            .put("EnableIPv6", false);
    ObjectNode addresses = json.putObject("IPAM").put("Driver", "default");
    addresses.putNull("Options");
    addresses.putNull("Config");
    json.put("Internal", false).put("Attachable", false);
    rest(json);
    json.putObject("Options");
    json.putObject("Labels");
    return json;
  }

  private static void rest(ObjectNode json) {
    json.put("Ingress", false).putObject("ConfigFrom").put("Network", "");
    json.put("ConfigOnly", false).putObject("Containers");
  }

  /**
   * Adds who is on the network.
   *
   * @param views among which their containers are
   */
  static ObjectNode withEndpoints(
      ObjectNode json, List<Endpoint> endpoints, List<ContainerView> views) {
    Map<String, String> names = new HashMap<>();
    views.forEach(view -> names.put(view.id(), view.status().name()));
    ObjectNode attached = json.putObject("Containers");
    for (Endpoint endpoint : endpoints) {
      attached
          .putObject(endpoint.container())
          .put("Name", names.getOrDefault(endpoint.container(), ""))
          .put("EndpointID", endpoint.id())
          .put("MacAddress", endpoint.mac())
          .put("IPv4Address", text(endpoint.ipv4()))
          .put("IPv6Address", text(endpoint.ipv6()));
    }
    return json;
  }

  private static String text(Optional<IpPrefix> address) {
    return address.map(IpPrefix::toString).orElse("");
  }

  /** Adds those that use a network which gives no addresses. */
  static ObjectNode withMembers(ObjectNode json, List<ContainerView> members) {
    ObjectNode attached = json.putObject("Containers");
    for (ContainerView member : members) {
      attached
          .putObject(member.id())
          .put("Name", member.status().name())
          .put("EndpointID", "")
          .put("MacAddress", "")
          .put("IPv4Address", "")
          .put("IPv6Address", "");
    }
    return json;
  }
}
