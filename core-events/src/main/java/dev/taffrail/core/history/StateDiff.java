package dev.taffrail.core.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.RowKey;
import dev.taffrail.core.log.RowVersion;
import dev.taffrail.core.log.TouchedRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What differs between the states of two moments; it costs what the events between them cost, not
 * what the states do.
 *
 * @param from the moment that is the old side; it may be the later one
 * @param rows ordered by table, namespace and id
 */
public record StateDiff(Cursor from, Cursor to, List<Difference> rows) {
  public StateDiff {
    rows = List.copyOf(rows);
  }

  /**
   * One row.
   *
   * @param subjects whom the events were about that changed it; empty when that is not known
   * @param sequence the last event up to the later moment that changed it
   */
  public record Difference(RowDifference row, Set<Subject> subjects, long sequence) {}

  /**
   * All rows, or those of one type.
   *
   * @param type of the row (its table) or of the subject of an event that changed it; NOT_FOUND
   *     when there is no such type
   */
  public static StateDiff of(ReadableLog log, Cursor from, Cursor to, Optional<String> type) {
    long a = ObjectRows.check(log, from);
    long b = ObjectRows.check(log, to);
    type.filter(wanted -> !ObjectTypes.isKnown(log.catalogue(), wanted))
        .ifPresent(
            unknown -> {
              throw new RuntimeFailure(
                  Kind.NOT_FOUND, "No such type of state or of object: " + unknown);
            });
    List<TouchedRow> touched = new ArrayList<>(log.index().touched(Math.min(a, b), Math.max(a, b)));
    type.ifPresent(wanted -> touched.removeIf(row -> !isOf(wanted, row)));
    return compare(from, to, touched);
  }

  private static boolean isOf(String type, TouchedRow row) {
    return row.key().table().equals(type)
        || row.subjects().stream().anyMatch(subject -> subject.type().equals(type));
  }

  /** The rows of one object. */
  public static StateDiff of(ReadableLog log, Cursor from, Cursor to, Subject subject) {
    long a = ObjectRows.check(log, from);
    long b = ObjectRows.check(log, to);
    long earlier = Math.min(a, b);
    long later = Math.max(a, b);
    ObjectRows rows = ObjectRows.of(log, subject);
    Set<RowKey> keys = new TreeSet<>();
    for (long sequence : rows.sequences(earlier, later)) {
      keys.addAll(rows.changedBy(sequence, log.find(sequence)));
    }
    List<Difference> differences = new ArrayList<>();
    for (RowKey row : keys) {
      Optional<RowVersion> last = rows.last(row, later);
      RowDifference difference =
          new RowDifference(
              row,
              rows.last(row, a).flatMap(RowVersion::value),
              rows.last(row, b).flatMap(RowVersion::value));
      if (last.isPresent() && !difference.before().equals(difference.after())) {
        differences.add(new Difference(difference, Set.of(subject), last.get().sequence()));
      }
    }
    return new StateDiff(from, to, differences);
  }

  private static StateDiff compare(Cursor from, Cursor to, List<TouchedRow> touched) {
    boolean backwards = from.sequence() > to.sequence();
    List<Difference> differences = new ArrayList<>();
    for (TouchedRow row : touched) {
      Optional<JsonNode> before = backwards ? row.later() : row.earlier();
      Optional<JsonNode> after = backwards ? row.earlier() : row.later();
      if (!before.equals(after)) {
        differences.add(
            new Difference(
                new RowDifference(row.key(), before, after), row.subjects(), row.sequence()));
      }
    }
    return new StateDiff(from, to, differences);
  }
}
