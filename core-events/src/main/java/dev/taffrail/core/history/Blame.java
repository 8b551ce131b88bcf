package dev.taffrail.core.history;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.RowKey;
import dev.taffrail.core.log.RowVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who set what. A field is blamed on the event after which it last had another value; an array is
 * one value unless one of its elements is asked for.
 *
 * @param moment whose state this is
 * @param lines by row, then in the order of the stored value
 */
public record Blame(Cursor moment, List<Line> lines) {
  public Blame {
    lines = List.copyOf(lines);
  }

  /**
   * One field.
   *
   * @param pointer RFC 6901, within the row; {@code ""} when the whole row is gone
   * @param value empty when it is not there: then the line tells who removed it
   */
  public record Line(RowKey row, String pointer, Optional<JsonNode> value, Provenance setBy) {}

  /**
   * Of an object's rows together, or of those with the field.
   *
   * @param field a JSON pointer ({@code /task/pid}) or a dotted path ({@code task.pid}); empty for
   *     every leaf. NOT_FOUND when no row has or had it, or the object was never there
   */
  public static Blame of(ReadableLog log, Subject subject, Optional<String> field, Cursor moment) {
    return of(log, ObjectRows.of(log, subject), subject.toString(), field, moment);
  }

  /** Of one row. */
  public static Blame of(ReadableLog log, RowKey row, Optional<String> field, Cursor moment) {
    return of(log, ObjectRows.of(log, row), row.toString(), field, moment);
  }

  private static Blame of(
      ReadableLog log, ObjectRows rows, String what, Optional<String> field, Cursor moment) {
    long upTo = ObjectRows.check(log, moment);
    Optional<JsonPointer> pointer = field.map(Blame::pointer);
    Map<Long, Provenance> known = new HashMap<>();
    List<Line> lines = new ArrayList<>();
    for (RowKey row : rows.all(upTo)) {
      List<RowVersion> versions = rows.versions(row, upTo);
      blame(versions, pointer)
          .forEach(
              (at, version) ->
                  lines.add(
                      new Line(
                          row,
                          at.toString(),
                          valueAt(versions.get(versions.size() - 1), at),
                          known.computeIfAbsent(
                              version.sequence(), sequence -> Provenance.of(log, sequence)))));
    }
    if (lines.isEmpty()) {
      throw new RuntimeFailure(
          Kind.NOT_FOUND,
          field.map(name -> "No field " + name + " in " + what).orElse("No state of " + what)
              + " as of "
              + moment);
    }
    return new Blame(moment, lines);
  }

  /** INVALID_ARGUMENT for neither a pointer nor a path. */
  private static JsonPointer pointer(String field) {
    String text = field.startsWith("/") ? field : "/" + field.replace('.', '/');
    try {
      return JsonPointer.compile(text);
    } catch (IllegalArgumentException e) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Not a field: " + field, e);
    }
  }

  /** The version that each wanted field comes from. */
  private static Map<JsonPointer, RowVersion> blame(
      List<RowVersion> versions, Optional<JsonPointer> wanted) {
    Map<JsonPointer, RowVersion> blamed = new LinkedHashMap<>();
    if (versions.isEmpty()) {
      return blamed;
    }
    RowVersion last = versions.get(versions.size() - 1);
    if (last.value().isEmpty()) {
      boolean had =
          wanted.isEmpty()
              || versions.stream().anyMatch(version -> valueAt(version, wanted.get()).isPresent());
      if (had) {
        blamed.put(JsonPointer.empty(), last);
      }
      return blamed;
    }
    List<JsonPointer> open = new ArrayList<>();
    JsonPointer start = wanted.orElse(JsonPointer.empty());
    Optional<JsonNode> value = valueAt(last, start);
    if (value.isPresent()) {
      collectLeaves(start, value.get(), open);
    } else if (versions.stream().anyMatch(version -> valueAt(version, start).isPresent())) {
      open.add(start);
    }
    // Their order is that of the value, whatever the order in which they are found.
    open.forEach(pointer -> blamed.put(pointer, last));
    for (int i = versions.size() - 1; i >= 0 && !open.isEmpty(); i--) {
      RowVersion version = versions.get(i);
      Optional<RowVersion> before = i == 0 ? Optional.empty() : Optional.of(versions.get(i - 1));
      open.removeIf(
          pointer -> {
            boolean set =
                before.isEmpty() || !valueAt(before.get(), pointer).equals(valueAt(last, pointer));
            if (set) {
              blamed.put(pointer, version);
            }
            return set;
          });
    }
    return blamed;
  }

  private static void collectLeaves(JsonPointer at, JsonNode value, List<JsonPointer> leaves) {
    if (value.isObject() && !value.isEmpty()) {
      value
          .properties()
          .forEach(
              member ->
                  collectLeaves(at.appendProperty(member.getKey()), member.getValue(), leaves));
    } else {
      leaves.add(at);
    }
  }

  private static Optional<JsonNode> valueAt(RowVersion version, JsonPointer pointer) {
    return version.value().map(value -> value.at(pointer)).filter(node -> !node.isMissingNode());
  }
}
