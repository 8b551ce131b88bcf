package dev.taffrail.testkit;

import dev.taffrail.core.event.Emission;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Rows in memory. Events and rows pass through their stored form, so what does not survive JSON
 * fails here as it would in the daemon. Not for concurrent use.
 */
final class MemoryState implements StateView {
  private static final Comparator<String> BY_BYTES =
      Comparator.comparing(text -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  /** By {@code table NUL namespace NUL id}. */
  private final NavigableMap<String, Row<?>> rows = new TreeMap<>(BY_BYTES);

  private long sequence;

  MemoryState copy() {
    MemoryState copy = new MemoryState();
    copy.rows.putAll(rows);
    copy.sequence = sequence;
    return copy;
  }

  /** Applies the next event. */
  void apply(EventCatalogue catalogue, Emission emission, Instant time) {
    EventDefinition<?> definition = catalogue.definition(emission.event());
    byte[] payload = EventJson.write(emission.event());
    Event stored = EventJson.read(payload, definition.eventClass());
    if (!stored.equals(emission.event())) {
      throw new AssertionError("Stored as JSON, " + emission.event() + " comes back as " + stored);
    }
    sequence++;
    definition.apply(new Changes(emission.subject(), sequence, time), stored);
  }

  private static String key(Table<?> table, String namespace, String id) {
    return table.name() + '\0' + namespace + '\0' + id;
  }

  @Override
  public <T> Optional<T> find(Table<T> table, String namespace, String id) {
    return Optional.ofNullable(rows.get(key(table, namespace, id)))
        .map(row -> table.rowClass().cast(row.value()));
  }

  @Override
  public <T> List<Row<T>> list(Table<T> table, String namespace, String idPrefix) {
    return startingWith(table, key(table, namespace, idPrefix));
  }

  @Override
  public <T> List<Row<T>> listAll(Table<T> table) {
    return startingWith(table, table.name() + '\0');
  }

  private <T> List<Row<T>> startingWith(Table<T> table, String prefix) {
    List<Row<T>> found = new ArrayList<>();
    for (Map.Entry<String, Row<?>> entry : rows.tailMap(prefix, true).entrySet()) {
      if (!entry.getKey().startsWith(prefix)) {
        break;
      }
      Row<?> row = entry.getValue();
      found.add(
          new Row<>(row.namespace(), row.id(), row.sequence(), table.rowClass().cast(row.value())));
    }
    return found;
  }

  @Override
  public long sequence() {
    return sequence;
  }

  @Override
  public String toString() {
    return rows.values().toString();
  }

  /** What the applier of one event may do. */
  private final class Changes implements Rows {
    private final Subject subject;
    private final long sequence;
    private final Instant time;

    Changes(Subject subject, long sequence, Instant time) {
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
      return MemoryState.this.find(table, subject.namespace(), id);
    }

    @Override
    public <T> void put(Table<T> table, String id, T value) {
      T stored = EventJson.read(EventJson.write(value), table.rowClass());
      if (!stored.equals(value)) {
        throw new AssertionError("Stored as JSON, " + value + " comes back as " + stored);
      }
      rows.put(
          key(table, subject.namespace(), id),
          new Row<>(subject.namespace(), id, sequence, stored));
    }

    @Override
    public void remove(Table<?> table, String id) {
      rows.remove(key(table, subject.namespace(), id));
    }
  }
}
