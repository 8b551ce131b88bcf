package dev.taffrail.core.history;

import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.RowKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What happened to one object, or to one row, up to a moment.
 *
 * @param upTo the moment
 * @param entries in the order of the log
 * @param next continue after it
 * @param complete false when more entries follow {@code next}
 */
public record ObjectHistory(Cursor upTo, List<Entry> entries, long next, boolean complete) {
  public ObjectHistory {
    entries = List.copyOf(entries);
  }

  /**
   * One event.
   *
   * @param event empty when it was truncated or lost, and only what came of it is known
   * @param changes to the object's rows; empty for an event that only tells something about it
   */
  public record Entry(long sequence, Optional<LoggedEvent> event, List<RowDifference> changes) {
    public Entry {
      changes = List.copyOf(changes);
    }
  }

  /**
   * All rows of an object together; no entries when the log knows nothing of it.
   *
   * @param after entries above this sequence only
   */
  public static ObjectHistory of(
      ReadableLog log, Subject subject, long after, Cursor upTo, int limit) {
    return of(log, ObjectRows.of(log, subject), after, upTo, limit);
  }

  /** One row alone. */
  public static ObjectHistory of(ReadableLog log, RowKey row, long after, Cursor upTo, int limit) {
    return of(log, ObjectRows.of(log, row), after, upTo, limit);
  }

  private static ObjectHistory of(
      ReadableLog log, ObjectRows rows, long after, Cursor upTo, int limit) {
    long end = ObjectRows.check(log, upTo);
    List<Entry> entries = new ArrayList<>();
    long next = after;
    for (long sequence : rows.sequences(after, end)) {
      if (entries.size() == limit) {
        return new ObjectHistory(upTo, entries, next, false);
      }
      entries.add(entry(log, rows, sequence));
      next = sequence;
    }
    return new ObjectHistory(upTo, entries, next, true);
  }

  private static Entry entry(ReadableLog log, ObjectRows rows, long sequence) {
    Optional<LoggedEvent> event = log.find(sequence);
    List<RowDifference> changes = new ArrayList<>();
    for (RowKey row : rows.changedBy(sequence, event)) {
      changes.add(new RowDifference(row, rows.value(row, sequence - 1), rows.value(row, sequence)));
    }
    return new Entry(sequence, event, changes);
  }
}
