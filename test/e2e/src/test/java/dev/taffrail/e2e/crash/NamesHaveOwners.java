package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Names are reserved for the containers and networks that bear them, and for nobody else. */
final class NamesHaveOwners implements Invariant {
  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    compare(after.rows("container_names"), after.containers(), violations);
    compare(after.rows("network_names"), after.rows("networks"), violations);
    return violations;
  }

  private static void compare(
      Map<String, JsonNode> names, Map<String, JsonNode> owners, List<String> violations) {
    Map<String, String> reserved = new TreeMap<>();
    names.forEach((name, row) -> reserved.put(name, row.path("owner").asText()));
    Map<String, String> borne = new TreeMap<>();
    owners.forEach((id, row) -> borne.put(row.path("name").asText(), id));
    if (!reserved.equals(borne)) {
      violations.add("Names reserved: " + reserved + ", borne: " + borne);
    }
  }
}
