package dev.taffrail.http.travel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.history.Blame;
import dev.taffrail.core.history.EventTrace;
import dev.taffrail.core.history.ObjectHistory;
import dev.taffrail.core.history.Provenance;
import dev.taffrail.core.history.RowDifference;
import dev.taffrail.core.history.StateDiff;
import dev.taffrail.core.log.EventHeader;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.RowKey;
import java.util.List;
import java.util.Optional;

/** Answers in JSON; {@code docs/api.md} has their shapes. */
final class TravelJson {
  private TravelJson() {}

  static ObjectNode object() {
    return EventJson.mapper().createObjectNode();
  }

  static ObjectNode event(LoggedEvent event) {
    EventHeader header = event.header();
    ObjectNode json = object();
    json.put("cursor", header.cursor().toString());
    json.put("time", EventJson.format(header.time()));
    json.put("type", header.type());
    json.put("subject", header.subject().toString());
    json.set("actor", EventJson.mapper().valueToTree(header.actor()));
    json.put("correlation", header.correlationId());
    header.cause().ifPresent(cause -> json.put("cause", Long.toString(cause)));
    if (event.payload().isPresent()) {
      json.set("data", event.data());
    } else {
      json.put("redacted", true);
    }
    return json;
  }

  private static void events(ArrayNode array, List<LoggedEvent> events) {
    events.forEach(event -> array.add(event(event)));
  }

  private static ObjectNode row(RowKey row) {
    return object().put("type", row.table()).put("namespace", row.namespace()).put("id", row.id());
  }

  private static ObjectNode difference(RowDifference difference) {
    ObjectNode json = row(difference.row());
    json.set("patch", difference.patch());
    return json;
  }

  static ObjectNode history(String name, ObjectHistory history) {
    ObjectNode json = object();
    json.put("cursor", history.upTo().toString());
    json.put("object", name);
    ArrayNode entries = json.putArray("entries");
    for (ObjectHistory.Entry entry : history.entries()) {
      ObjectNode one = entries.addObject();
      one.put("sequence", Long.toString(entry.sequence()));
      entry.event().ifPresent(event -> one.set("event", event(event)));
      ArrayNode changes = one.putArray("changes");
      entry.changes().forEach(change -> changes.add(difference(change)));
    }
    if (!history.complete()) {
      json.put("next", Long.toString(history.next()));
    }
    return json;
  }

  static ObjectNode blame(String name, Blame blame) {
    ObjectNode json = object();
    json.put("cursor", blame.moment().toString());
    json.put("object", name);
    ArrayNode fields = json.putArray("fields");
    for (Blame.Line line : blame.lines()) {
      ObjectNode one = row(line.row());
      one.put("field", line.pointer());
      line.value().ifPresent(value -> one.set("value", value));
      provenance(one, line.setBy());
      fields.add(one);
    }
    return json;
  }

  private static void provenance(ObjectNode json, Provenance provenance) {
    json.put("sequence", Long.toString(provenance.sequence()));
    provenance.event().ifPresent(event -> json.set("event", event(event)));
    provenance
        .root()
        .filter(root -> !provenance.event().equals(Optional.of(root)))
        .ifPresent(root -> json.set("root", event(root)));
    if (!provenance.meanwhile().isEmpty()) {
      events(json.putArray("meanwhile"), provenance.meanwhile());
    }
  }

  static ObjectNode diff(StateDiff diff) {
    ObjectNode json = object();
    json.put("from", diff.from().toString());
    json.put("to", diff.to().toString());
    ArrayNode rows = json.putArray("rows");
    for (StateDiff.Difference difference : diff.rows()) {
      ObjectNode one = difference(difference.row());
      one.put("sequence", Long.toString(difference.sequence()));
      ArrayNode subjects = one.putArray("subjects");
      difference.subjects().forEach(subject -> subjects.add(subject.toString()));
      rows.add(one);
    }
    return json;
  }

  static ObjectNode trace(EventTrace trace) {
    ObjectNode json = object();
    json.put("asked", Long.toString(trace.asked()));
    json.put("correlation", trace.root().header().correlationId());
    json.set("actor", EventJson.mapper().valueToTree(trace.root().header().actor()));
    json.put("complete", trace.complete());
    nodes(json.putArray("events"), trace.roots());
    return json;
  }

  private static void nodes(ArrayNode array, List<EventTrace.Node> nodes) {
    for (EventTrace.Node node : nodes) {
      ObjectNode json = event(node.event());
      if (!node.meanwhile().isEmpty()) {
        events(json.putArray("meanwhile"), node.meanwhile());
      }
      nodes(json.putArray("effects"), node.effects());
      array.add(json);
    }
  }
}
