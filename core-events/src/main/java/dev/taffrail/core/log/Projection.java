package dev.taffrail.core.log;

import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Folds events into rows that are not stored yet, over those that are. The events of one command
 * are accepted or rejected together. The writer and a replay use it alike; it is confined to one
 * thread.
 */
final class Projection implements RowSource {
  private final RowSource base;
  private Map<RowKey, Optional<StoredRow>> sealed = new HashMap<>();
  private Map<RowKey, Optional<StoredRow>> accepted = new HashMap<>();
  private final Map<RowKey, Optional<StoredRow>> ofCommand = new HashMap<>();

  Projection(RowSource base) {
    this.base = base;
  }

  @Override
  public Optional<StoredRow> find(RowKey key) {
    Optional<StoredRow> row = ofCommand.get(key);
    if (row == null) {
      row = accepted.get(key);
    }
    if (row == null) {
      row = sealed.get(key);
    }
    return row == null ? base.find(key) : row;
  }

  @Override
  public SortedMap<RowKey, StoredRow> list(String table, String namespace, String idPrefix) {
    SortedMap<RowKey, StoredRow> rows = base.list(table, namespace, idPrefix);
    RowSource.overlay(rows, sealed, table, namespace, idPrefix);
    RowSource.overlay(rows, accepted, table, namespace, idPrefix);
    RowSource.overlay(rows, ofCommand, table, namespace, idPrefix);
    return rows;
  }

  /** State with everything applied so far. */
  StateView view(long sequence) {
    return new RowsView(this, sequence);
  }

  /** Applies an event of the current command; what the applier throws leaves no change. */
  List<RowChange> apply(
      EventDefinition<?> definition, Event event, Subject subject, long sequence, Instant time) {
    EventRows rows = new EventRows(subject, sequence, time);
    definition.apply(rows, event);
    List<RowChange> changes = new ArrayList<>(rows.changed.size());
    rows.changed.forEach(
        (key, after) -> {
          Optional<StoredRow> before = find(key);
          if (before.isPresent() || after.isPresent()) {
            changes.add(new RowChange(key, before, after));
          }
        });
    changes.forEach(change -> ofCommand.put(change.key(), change.after()));
    return changes;
  }

  /** Keeps what the current command changed. */
  void accept() {
    accepted.putAll(ofCommand);
    ofCommand.clear();
  }

  /** Forgets what the current command changed. */
  void reject() {
    ofCommand.clear();
  }

  /** Makes a row what it was before something accepted changed it. */
  void restore(RowKey key, Optional<StoredRow> row) {
    accepted.put(key, row);
  }

  /** What was accepted since it was last {@link #seal}ed; empty values are removals. */
  Map<RowKey, Optional<StoredRow>> accepted() {
    return accepted;
  }

  /** What was accepted so far is being stored; until {@link #clear} the rows below may lack it. */
  void seal() {
    sealed = accepted;
    accepted = new HashMap<>();
  }

  /** What is being stored. */
  Map<RowKey, Optional<StoredRow>> sealed() {
    return sealed;
  }

  /** Forgets what was sealed, as the rows below have it now. */
  void clear() {
    sealed = new HashMap<>();
  }

  /** What one applier sees. */
  private final class EventRows implements Rows {
    private final Subject subject;
    private final long sequence;
    private final Instant time;
    private final Map<RowKey, Optional<StoredRow>> changed = new LinkedHashMap<>();

    EventRows(Subject subject, long sequence, Instant time) {
      this.subject = subject;
      this.sequence = sequence;
      this.time = time;
    }

    @Override
    public Subject subject() {
      return subject;
    }

    @Override
    public long sequence() {
      return sequence;
    }

    @Override
    public Instant time() {
      return time;
    }

    @Override
    public <T> Optional<T> find(Table<T> table, String id) {
      RowKey key = RowKey.of(table, subject.namespace(), id);
      Optional<StoredRow> row = changed.get(key);
      return (row == null ? Projection.this.find(key) : row).map(found -> found.value(table));
    }

    @Override
    public <T> void put(Table<T> table, String id, T value) {
      changed.put(
          RowKey.of(table, subject.namespace(), id),
          Optional.of(StoredRow.of(table, sequence, value)));
    }

    @Override
    public void remove(Table<?> table, String id) {
      changed.put(RowKey.of(table, subject.namespace(), id), Optional.empty());
    }
  }
}
