package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taffrail.testkit.daemon.Commands;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A container that runs is on the networks that its settings name, with the links, addresses and
 * the way out that the log says.
 */
final class NetworksAreWhole implements Invariant {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    Map<String, JsonNode> networks = after.rows("networks");
    Map<String, JsonNode> specifications = after.rows("container_specifications");
    for (String id : after.withTask()) {
      Set<String> wanted = wanted(after.containers().get(id), specifications.get(id));
      Set<String> on = new TreeSet<>();
      Set<String> expected = new TreeSet<>();
      for (JsonNode endpoint : after.endpoints().values()) {
        if (endpoint.path("container").asText().equals(id)) {
          JsonNode network = networks.get(endpoint.path("network").asText());
          on.add(network.path("name").asText());
          expect(expected, endpoint, network);
        }
      }
      if (!on.equals(wanted)) {
        violations.add("Container " + id + " is on " + on + ", not on " + wanted);
      }
      Set<String> found = expected.isEmpty() ? Set.of() : found(after, id);
      if (!found.equals(expected)) {
        violations.add("Container " + id + " has " + found + ", not " + expected);
      }
    }
    return violations;
  }

  private static Set<String> wanted(JsonNode status, JsonNode specification) {
    JsonNode endpoints =
        status.path("changedEndpoints").isObject()
            ? status.path("changedEndpoints")
            : specification.path("networking").path("endpoints");
    Set<String> wanted = new TreeSet<>();
    endpoints.fieldNames().forEachRemaining(wanted::add);
    return wanted;
  }

  private static void expect(Set<String> expected, JsonNode endpoint, JsonNode network) {
    String link = endpoint.path("containerLink").asText();
    NetworkRows.addresses(endpoint).forEach(address -> expected.add(link + " " + address));
    if (endpoint.path("gateway").asBoolean()) {
      NetworkRows.gateways(network).stream()
          .filter(gateway -> !NetworkRows.isV6(gateway))
          .forEach(gateway -> expected.add("default via " + gateway + " " + link));
    }
  }

  private static Set<String> found(Aftermath after, String id) throws IOException {
    Set<String> found = new TreeSet<>();
    for (JsonNode link : inside(after, id, "address", "show", "scope", "global")) {
      for (JsonNode address : link.path("addr_info")) {
        found.add(link.path("ifname").asText() + " " + address.path("local").asText());
      }
    }
    for (JsonNode route : inside(after, id, "route", "show", "default")) {
      found.add("default via " + route.path("gateway").asText() + " " + route.path("dev").asText());
    }
    return found;
  }

  // A container may end while it is looked at: then there is no such namespace.
  private static JsonNode inside(Aftermath after, String id, String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("nsenter", "--net=" + after.sandbox(id).resolve("netns"), "ip", "-j"));
    command.addAll(List.of(words));
    String text = Commands.run(Map.of(), new byte[0], command).out();
    return text.isBlank() ? JSON.createArrayNode() : JSON.readTree(text);
  }
}
