package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Endpoints and published ports are those of containers that run or are due again; addresses and
 * host ports are reserved for exactly these.
 */
final class EndpointsHaveOwners implements Invariant {
  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    Map<String, String> addresses = new TreeMap<>();
    Map<String, JsonNode> networks = after.rows("networks");
    for (JsonNode endpoint : after.endpoints().values()) {
      String container = endpoint.path("container").asText();
      String network = endpoint.path("network").asText();
      if (!after.withNetwork().contains(container) || !networks.containsKey(network)) {
        violations.add("An endpoint without owner: " + endpoint);
      }
      NetworkRows.addresses(endpoint).forEach(ip -> addresses.put(network + "/" + ip, container));
    }
    Map<String, String> ports = new TreeMap<>();
    for (Map.Entry<String, JsonNode> published : after.rows("network_ports").entrySet()) {
      String container = published.getKey();
      String network = published.getValue().path("network").asText();
      if (!after.endpoints().containsKey(container + "/" + network)) {
        violations.add("Published ports without endpoint: " + published);
      }
      for (JsonNode binding : published.getValue().path("bindings")) {
        ports.put(
            binding.path("protocol").asText()
                + "/"
                + binding.path("hostPort").asText()
                + "/"
                + binding.path("hostAddress").asText(),
            container);
      }
    }
    compare("Addresses", after.rows("network_addresses"), addresses, violations);
    compare("Ports", after.rows("host_ports"), ports, violations);
    return violations;
  }

  private static void compare(
      String what, Map<String, JsonNode> rows, Map<String, String> used, List<String> violations) {
    Map<String, String> reserved = new TreeMap<>();
    rows.forEach((key, row) -> reserved.put(key, row.path("owner").asText()));
    if (!reserved.equals(used)) {
      violations.add(what + " reserved: " + reserved + ", used: " + used);
    }
  }
}
