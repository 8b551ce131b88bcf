package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.log.CloudEventJson;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.Playback;
import dev.taffrail.core.log.StateChange;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;

/** What a replay prints: lines for people, or a JSON object a line. */
final class ReplayOutput {
  private final TaffrailCommand command;
  private final PrintWriter out;
  private final EventText text;
  private final boolean json;
  private final String logId;

  ReplayOutput(TaffrailCommand command, boolean json, String logId) {
    this.command = command;
    this.out = command.terminal().out();
    this.text = new EventText(command);
    this.json = json;
    this.logId = logId;
  }

  void step(Playback.Step step) {
    if (json) {
      out.println(json(step));
      return;
    }
    out.println(text.line(step.event().header()));
    text.changes(step.changes()).forEach(out::println);
    step.note()
        .or(
            () ->
                step.event().payload().isEmpty()
                    ? Optional.of("it is redacted; what it said stands in these changes no more")
                    : Optional.empty())
        .ifPresent(note -> out.println("  note: " + note));
  }

  /** The step was undone. */
  void undone(Playback.Step step) {
    if (json) {
      ObjectNode object = json(step);
      object.put("undone", true);
      out.println(object);
      return;
    }
    out.println(command.paint(Style.REMOVED, "undone ") + text.line(step.event().header()));
  }

  ObjectNode json(Playback.Step step) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.set("event", CloudEventJson.write(logId, step.event()));
    ArrayNode changes = object.putArray("changes");
    step.changes().forEach(change -> changes.add(json(change)));
    step.note().ifPresent(note -> object.put("note", note));
    return object;
  }

  static ObjectNode json(StateChange change) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("table", change.table());
    object.put("namespace", change.namespace());
    object.put("id", change.id());
    change.before().ifPresent(value -> object.set("before", value));
    change.after().ifPresent(value -> object.set("after", value));
    return object;
  }

  /** The values of the watches that have changed. */
  void watches(List<Watch> watches, Scope scope, Cursor cursor) {
    for (Watch watch : watches) {
      if (watch.changed(scope)) {
        watch(watch, cursor);
      }
    }
  }

  void watch(Watch watch, Cursor cursor) {
    if (json) {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      object.put("watch", watch.text());
      object.put("cursor", cursor.toString());
      watch.value().ifPresent(value -> object.set("value", value));
      out.println(object);
      return;
    }
    out.println(
        command.paint(Style.CURSOR, cursor.toString())
            + " "
            + command.paint(Style.HEADING, watch.text())
            + " = "
            + watch.value().map(Object::toString).orElse("(not there)"));
  }

  /** Where the replay has come to. */
  void end(Playback playback, long events, String stop) {
    if (json) {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      ObjectNode end = object.putObject("end");
      end.put("cursor", playback.cursor().toString());
      end.put("events", events);
      end.put("stateHash", playback.stateHash());
      end.put("reason", stop);
      out.println(object);
      return;
    }
    out.println(
        "at "
            + command.paint(Style.CURSOR, playback.cursor().toString())
            + " after "
            + events
            + (events == 1 ? " event" : " events")
            + ": "
            + stop);
    out.println("state " + playback.stateHash());
  }
}
