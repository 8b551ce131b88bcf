package dev.taffrail.e2e.crash;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Names are reserved for the containers that bear them, and for nobody else. */
final class NamesHaveOwners implements Invariant {
  @Override
  public List<String> violations(Aftermath after) throws IOException {
    Map<String, String> reserved = new TreeMap<>();
    after
        .rows("container_names")
        .forEach((name, row) -> reserved.put(name, row.path("owner").asText()));
    Map<String, String> borne = new TreeMap<>();
    after.containers().forEach((id, status) -> borne.put(status.path("name").asText(), id));
    return reserved.equals(borne)
        ? List.of()
        : new ArrayList<>(List.of("Names reserved: " + reserved + ", borne: " + borne));
  }
}
