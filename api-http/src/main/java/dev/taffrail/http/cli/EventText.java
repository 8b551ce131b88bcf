package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.event.Actor;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.EventHeader;
import dev.taffrail.core.log.StateChange;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;

/** Events and what they changed, as people read them. */
final class EventText {
  private static final int LONGEST_VALUE = 160;

  private final BiFunction<Style, String, String> paint;
  private final boolean unicode;

  EventText(TaffrailCommand command) {
    this.paint = command::paint;
    this.unicode = command.terminal().unicode();
  }

  /** Cursor, time, type, subject, actor. */
  String line(EventHeader header) {
    return paint.apply(Style.CURSOR, header.cursor().toString())
        + " "
        + paint.apply(Style.TIME, EventJson.format(header.time()))
        + " "
        + paint.apply(Style.TYPE, header.type())
        + " "
        + header.subject()
        + " by "
        + actor(header.actor());
  }

  /** {@code docker rm -f web (uid 0, pid 4711)}, or a part of the daemon. */
  static String actor(Actor actor) {
    if (actor.component().isPresent()) {
      return actor.component().get();
    }
    if (actor.tlsSubject().isPresent()) {
      return actor.tlsSubject().get();
    }
    List<String> ids = new ArrayList<>();
    actor.uid().ifPresent(uid -> ids.add("uid " + uid));
    actor.pid().ifPresent(pid -> ids.add("pid " + pid));
    return actor.command().orElse("unknown") + " (" + String.join(", ", ids) + ")";
  }

  /** A line for each row, and one for each member of it that changed. */
  List<String> changes(List<StateChange> changes) {
    List<String> lines = new ArrayList<>();
    for (StateChange change : changes) {
      String row = row(change);
      if (change.before().isEmpty()) {
        lines.add(
            paint.apply(Style.ADDED, "  + " + row)
                + change.after().map(value -> " " + value(value)).orElse(""));
      } else if (change.after().isEmpty()) {
        lines.add(paint.apply(Style.REMOVED, "  - " + row));
      } else {
        lines.add("  ~ " + row);
        members(lines, "", change.before().get(), change.after().get());
      }
    }
    return lines;
  }

  /** {@code containers/4f2a}, with its namespace unless that is the default one. */
  static String row(StateChange change) {
    String namespace =
        change.namespace().equals(Subject.DEFAULT_NAMESPACE) ? "" : change.namespace() + "/";
    return change.table() + "/" + namespace + change.id();
  }

  private void members(List<String> lines, String path, JsonNode before, JsonNode after) {
    if (before.equals(after)) {
      return;
    }
    if (!before.isObject() || !after.isObject()) {
      lines.add(
          "      "
              + path
              + ": "
              + paint.apply(Style.REMOVED, value(before))
              + arrow()
              + paint.apply(Style.ADDED, value(after)));
      return;
    }
    Set<String> names = new TreeSet<>();
    addNames(names, before);
    addNames(names, after);
    for (String name : names) {
      String member = path.isEmpty() ? name : path + "." + name;
      if (!before.has(name)) {
        lines.add(
            "      " + paint.apply(Style.ADDED, "+ " + member + ": " + value(after.get(name))));
      } else if (!after.has(name)) {
        lines.add(
            "      " + paint.apply(Style.REMOVED, "- " + member + ": " + value(before.get(name))));
      } else {
        members(lines, member, before.get(name), after.get(name));
      }
    }
  }

  private static void addNames(Set<String> names, JsonNode object) {
    for (Iterator<String> i = object.fieldNames(); i.hasNext(); ) {
      names.add(i.next());
    }
  }

  private String arrow() {
    return unicode ? " → " : " -> ";
  }

  private String value(JsonNode value) {
    String text = value.toString();
    return text.length() <= LONGEST_VALUE
        ? text
        : text.substring(0, LONGEST_VALUE) + (unicode ? "…" : "...");
  }
}
