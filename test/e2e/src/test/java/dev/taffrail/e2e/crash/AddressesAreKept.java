package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A container that its policy starts again and again has its addresses and ports once: they are
 * given once and stay until it is removed.
 */
final class AddressesAreKept implements Invariant {
  private static final Set<String> GIVEN = Set.of("network.attached", "network.published");

  @Override
  public List<String> violations(Aftermath after) {
    Map<String, Integer> given = new TreeMap<>();
    List<String> violations = new ArrayList<>();
    for (JsonNode event : after.log().events()) {
      if (GIVEN.contains(LogBook.typeOf(event))) {
        JsonNode data = event.path("data");
        String container =
            data.path("container").asText(data.path("endpoint").path("container").asText());
        boolean keeps =
            after.log().of(container).stream()
                .limit(1)
                .anyMatch(
                    created ->
                        created
                            .path("data")
                            .path("specification")
                            .path("labels")
                            .has(Program.KEEPS));
        if (keeps && given.merge(container + LogBook.typeOf(event), 1, Integer::sum) > 1) {
          violations.add("Given again: " + event);
        }
      }
    }
    return violations;
  }
}
