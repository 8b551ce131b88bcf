package dev.taffrail.core.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.LogIndex;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.RowKey;
import dev.taffrail.core.log.RowVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

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
   * @param type of the row (its table) or of the subject of an event that changed it
   */
  public static StateDiff of(ReadableLog log, Cursor from, Cursor to, Optional<String> type) {
    long a = ObjectRows.check(log, from);
    long b = ObjectRows.check(log, to);
    SortedMap<RowKey, Set<Subject>> touched = log.index().touched(Math.min(a, b), Math.max(a, b));
    type.ifPresent(
        wanted ->
            touched
                .entrySet()
                .removeIf(
                    entry ->
                        !entry.getKey().table().equals(wanted)
                            && entry.getValue().stream()
                                .noneMatch(subject -> subject.type().equals(wanted))));
    return compare(log, from, to, touched);
  }

  /** The rows of one object. */
  public static StateDiff of(ReadableLog log, Cursor from, Cursor to, Subject subject) {
    long a = ObjectRows.check(log, from);
    long b = ObjectRows.check(log, to);
    ObjectRows rows = ObjectRows.of(log, subject);
    SortedMap<RowKey, Set<Subject>> touched = new TreeMap<>();
    for (long sequence : rows.sequences(Math.min(a, b), Math.max(a, b))) {
      rows.changedBy(sequence, log.find(sequence))
          .forEach(row -> touched.put(row, Set.of(subject)));
    }
    return compare(log, from, to, touched);
  }

  private static StateDiff compare(
      ReadableLog log, Cursor from, Cursor to, SortedMap<RowKey, Set<Subject>> touched) {
    LogIndex index = log.index();
    List<Difference> differences = new ArrayList<>();
    for (Map.Entry<RowKey, Set<Subject>> entry : touched.entrySet()) {
      RowKey row = entry.getKey();
      Optional<RowVersion> old = index.lastVersion(row, from.sequence());
      Optional<RowVersion> now = index.lastVersion(row, to.sequence());
      Optional<JsonNode> before = old.flatMap(RowVersion::value);
      Optional<JsonNode> after = now.flatMap(RowVersion::value);
      if (!before.equals(after)) {
        long sequence =
            Math.max(
                old.map(RowVersion::sequence).orElse(0L), now.map(RowVersion::sequence).orElse(0L));
        differences.add(
            new Difference(new RowDifference(row, before, after), entry.getValue(), sequence));
      }
    }
    return new StateDiff(from, to, differences);
  }
}
