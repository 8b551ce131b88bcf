package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What rows of networks and endpoints say. */
final class NetworkRows {
  private NetworkRows() {}

  /** The addresses of an endpoint, without the lengths of their prefixes. */
  static List<String> addresses(JsonNode endpoint) {
    List<String> addresses = new ArrayList<>();
    for (String family : List.of("ipv4", "ipv6")) {
      String prefix = endpoint.path(family).asText("");
      if (!prefix.isEmpty()) {
        addresses.add(prefix.substring(0, prefix.indexOf('/')));
      }
    }
    return addresses;
  }

  static boolean isV6(String address) {
    return address.contains(":");
  }

  /** The gateways of a network, one for each range that has one. */
  static List<String> gateways(JsonNode network) {
    List<String> gateways = new ArrayList<>();
    for (JsonNode pool : network.path("pools")) {
      String gateway = pool.path("gateway").asText("");
      if (!gateway.isEmpty()) {
        gateways.add(gateway);
      }
    }
    return gateways;
  }

  /** The link of a bridge network. */
  static String bridge(JsonNode network) {
    return network
        .path("options")
        .path("com.docker.network.bridge.name")
        .asText("br-" + network.path("id").asText().substring(0, 12));
  }
}
