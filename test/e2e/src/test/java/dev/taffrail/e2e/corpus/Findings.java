package dev.taffrail.e2e.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.history.ObjectHistory;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.Page;
import dev.taffrail.core.log.Playback;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is found in a log, as JSON that can be compared with what an earlier build found. */
final class Findings {
  private static final int PAGE = 512;
  private static final int MANY = 10_000;

  private final ReadableLog log;

  Findings(ReadableLog log) {
    this.log = log;
  }

  /** Everything: where the log ends, its state, the lives of its containers. */
  JsonNode all() {
    ObjectNode all = EventJson.mapper().createObjectNode();
    all.put("logId", log.info().logId());
    all.put("oldest", log.info().oldest());
    all.put("head", log.head().toString());
    all.put("hash", log.info().hash());
    try (Playback end = new Playback(log, log.head())) {
      all.put("stateHash", end.stateHash());
    }
    all.set("events", events());
    all.set("state", state(log.head()));
    all.set("stateAtTheBeginning", state(log.oldest()));
    all.set("histories", histories());
    return all;
  }

  /** How many there are of each type; fails when one cannot be read by this build. */
  private JsonNode events() {
    Map<String, Integer> types = new TreeMap<>();
    Cursor next = log.oldest();
    boolean more = true;
    while (more) {
      Page page = log.read(next, EventFilter.ALL, PAGE);
      page.events().forEach(event -> types.merge(read(event), 1, Integer::sum));
      next = page.next();
      more = !page.atHead();
    }
    return EventJson.mapper().valueToTree(types);
  }

  private String read(LoggedEvent event) {
    String type = event.header().type();
    event
        .payload()
        .ifPresent(
            payload ->
                EventJson.read(
                    payload.getBytes(StandardCharsets.UTF_8),
                    log.catalogue().definition(type).eventClass()));
    return type + (event.payload().isEmpty() ? " (redacted)" : "");
  }

  private JsonNode state(Cursor moment) {
    ObjectNode tables = EventJson.mapper().createObjectNode();
    try (Snapshot state = log.asOf(moment)) {
      for (Table<?> table : log.catalogue().tables()) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        for (Row<?> row : state.listAll(table)) {
          rows.add(EventJson.mapper().<JsonNode>valueToTree(row));
        }
        if (!rows.isEmpty()) {
          tables.set(table.name(), rows);
        }
      }
    }
    return tables;
  }

  private JsonNode histories() {
    ObjectNode histories = EventJson.mapper().createObjectNode();
    for (String id : containers()) {
      ArrayNode entries = histories.putArray(id);
      ObjectHistory history =
          ObjectHistory.of(log, Subject.of("containers", id), 0, log.head(), MANY);
      for (ObjectHistory.Entry entry : history.entries()) {
        ObjectNode one = entries.addObject();
        one.put("sequence", entry.sequence());
        entry.event().ifPresent(event -> one.put("type", event.header().type()));
        ArrayNode changes = one.putArray("changes");
        entry
            .changes()
            .forEach(
                change ->
                    changes
                        .addObject()
                        .put("row", change.row().toString())
                        .set("patch", change.patch()));
      }
    }
    return histories;
  }

  /** All that there ever were, as far as the log goes back. */
  private Set<String> containers() {
    Set<String> ids = new TreeSet<>();
    log.index()
        .subjects(Subject.DEFAULT_NAMESPACE, "containers", "", MANY)
        .forEach(subject -> ids.add(subject.id()));
    return ids;
  }
}
