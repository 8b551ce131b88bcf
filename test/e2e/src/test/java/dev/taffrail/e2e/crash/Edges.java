package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.Lifecycle;
import dev.taffrail.core.container.Phase;
import dev.taffrail.testkit.daemon.ApiClient;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Events as edges of the state table: {@code running, exited, restarting}. */
final class Edges {
  private static final String NONE = "none";

  private Edges() {}

  /** All edges of the state table. */
  static List<String> all() {
    return Lifecycle.TRANSITIONS.stream().map(Edges::of).distinct().toList();
  }

  private static String of(Lifecycle.Transition transition) {
    return name(transition.from())
        + ", "
        + type(transition.event())
        + ", "
        + name(transition.next());
  }

  private static String name(Optional<Phase> phase) {
    return phase.map(one -> one.name().toLowerCase(Locale.ROOT)).orElse(NONE);
  }

  private static String type(Class<? extends ContainerEvent> event) {
    String type =
        ContainerEvent.FAMILY.definitions().stream()
            .filter(definition -> definition.eventClass() == event)
            .findFirst()
            .orElseThrow()
            .type();
    return type.substring(LogBook.CONTAINER.length(), type.lastIndexOf('.'));
  }

  /** The edge of a container's event, from the state before it and after it. */
  static String of(ApiClient api, JsonNode event) throws IOException {
    String type = event.path("type").asText();
    return phase(api, event, 1)
        + ", "
        + type.substring(LogBook.CONTAINER.length(), type.lastIndexOf('.'))
        + ", "
        + phase(api, event, 0);
  }

  private static String phase(ApiClient api, JsonNode event, long before) throws IOException {
    String[] cursor = event.path("cursor").asText().split("-", 2);
    String id = event.path("subject").asText().replaceFirst("^[^/]+/[^/]+/", "");
    ApiClient.Answer answer =
        api.get(
            "/taffrail/v1/state/containers/default/"
                + id
                + "?at="
                + cursor[0]
                + "-"
                + (Long.parseLong(cursor[1]) - before));
    return answer.status() == 404 ? NONE : answer.json().path("value").path("phase").asText();
  }
}
