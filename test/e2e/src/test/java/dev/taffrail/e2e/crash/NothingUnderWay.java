package dev.taffrail.e2e.crash;

import java.util.List;
import java.util.Set;

/** Every intent that the dead daemon left has its outcome. */
final class NothingUnderWay implements Invariant {
  private static final Set<String> INTENTS = Set.of("starting", "removing");

  @Override
  public List<String> violations(Aftermath after) {
    return after.containers().entrySet().stream()
        .filter(entry -> INTENTS.contains(entry.getValue().path("phase").asText()))
        .map(entry -> "Container " + entry.getKey() + " has an open intent: " + entry.getValue())
        .toList();
  }
}
