package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.testkit.daemon.ApiClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The daemon's log as far as it has been read: what was read once must still be there later. */
final class LogBook {
  static final String CONTAINER = "dev.taffrail.container.";
  private final List<JsonNode> events = new ArrayList<>();
  private final Map<String, List<JsonNode>> containers = new LinkedHashMap<>();

  /** Reads what is new; AssertionError when what was there has changed or gone. */
  void read(ApiClient api) throws IOException {
    String from = "";
    if (!events.isEmpty()) {
      JsonNode last = events.get(events.size() - 1);
      // The last one again, to compare.
      String[] cursor = last.path("cursor").asText().split("-", 2);
      from = "?from=" + cursor[0] + "-" + (Long.parseLong(cursor[1]) - 1);
    }
    ApiClient.Answer answer = api.get("/taffrail/v1/events" + from);
    if (answer.status() != 200) {
      throw new AssertionError("The log cannot be read on: " + answer.text());
    }
    List<JsonNode> found = answer.lines();
    if (!events.isEmpty()) {
      JsonNode last = events.get(events.size() - 1);
      if (found.isEmpty() || !found.get(0).equals(last)) {
        throw new AssertionError("An event is lost or changed: " + last + "\nnow " + found);
      }
      found = found.subList(1, found.size());
    }
    found.forEach(this::add);
  }

  private void add(JsonNode event) {
    events.add(event);
    String subject = event.path("subject").asText();
    if (event.path("type").asText().startsWith(CONTAINER)) {
      String id = subject.substring(subject.lastIndexOf('/') + 1);
      containers.computeIfAbsent(id, absent -> new ArrayList<>()).add(event);
    }
  }

  /** All events from the oldest on; sequences are dense, so the n-th is at n - 1. */
  List<JsonNode> events() {
    return Collections.unmodifiableList(events);
  }

  /** Sequence of the last event. */
  long head() {
    return events.size();
  }

  /** Ids of all containers there ever were. */
  Set<String> containers() {
    return Collections.unmodifiableSet(containers.keySet());
  }

  List<JsonNode> of(String container) {
    return Collections.unmodifiableList(containers.getOrDefault(container, List.of()));
  }

  /** Without the prefix and the version: {@code container.exited}. */
  static String typeOf(JsonNode event) {
    String type = event.path("type").asText();
    return type.substring("dev.taffrail.".length(), type.lastIndexOf('.'));
  }
}
