package dev.taffrail.core.log;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds events by subject, correlation and cause, and the versions of rows. Sequences come in
 * order, {@code after} is exclusive, {@code upTo} inclusive; nothing above the head of when this
 * was asked for is found. Events that are truncated or lost in a hole may still be found here,
 * though they cannot be read.
 */
public final class LogIndex {
  private static final int EVENTS = 512;

  private final StoreReader store;
  private final LogSource source;
  private final EventCatalogue catalogue;
  private final long head;

  LogIndex(LogSource source, EventCatalogue catalogue, long head) {
    this.store = source.store();
    this.source = source;
    this.catalogue = catalogue;
    this.head = head;
  }

  /** The events about one subject. */
  public List<Long> ofSubject(Subject subject, long after, long upTo) {
    return sequences(Keys.bySubject(subject), after, upTo);
  }

  /** Subjects that have events and whose ids start so, in the order of their ids. */
  public List<Subject> subjects(String namespace, String type, String idPrefix, int limit) {
    List<Subject> subjects = new ArrayList<>();
    byte[] prefix = Keys.bySubjects(namespace, type, idPrefix);
    try (Scan scan = store.scanPrefix(ColumnFamily.INDEX, prefix)) {
      while (subjects.size() < limit && scan.next()) {
        Subject subject = Keys.subjectOf(scan.key());
        subjects.add(subject);
        scan.seek(Bytes.concat(Keys.bySubject(subject), Bytes.u64(-1)));
      }
    }
    return subjects;
  }

  /** The events of one request. */
  public List<Long> ofCorrelation(String correlationId, int limit) {
    List<Long> found = sequences(Keys.byCorrelation(correlationId), 0, head);
    return found.size() > limit ? found.subList(0, limit) : found;
  }

  /** The events that name this one as their cause. */
  public List<Long> effects(long cause) {
    return sequences(Keys.byCause(cause), 0, head);
  }

  private List<Long> sequences(byte[] prefix, long after, long upTo) {
    List<Long> sequences = new ArrayList<>();
    byte[] from = Bytes.concat(prefix, Bytes.u64(after + 1));
    byte[] to = Bytes.concat(prefix, Bytes.u64(Math.min(upTo, head) + 1));
    try (Scan scan = store.scan(ColumnFamily.INDEX, from, to)) {
      while (scan.next()) {
        sequences.add(Bytes.u64(scan.key(), prefix.length));
      }
    }
    return sequences;
  }

  /** The row as it was after {@code sequence}, with the sequence of its last change. */
  public Optional<RowVersion> row(RowKey row, long sequence) {
    return new AsOfRows(store, sequence)
        .find(row)
        .map(found -> new RowVersion(found.sequence(), Optional.of(found.json())));
  }

  /** Every version of a row that is kept, the removals too. */
  public List<RowVersion> versions(RowKey row, long after, long upTo) {
    List<RowVersion> versions = new ArrayList<>();
    byte[] to = row.history(Math.min(upTo, head) + 1);
    try (Scan scan = store.scan(ColumnFamily.HISTORY, row.history(after + 1), to)) {
      while (scan.next()) {
        versions.add(
            new RowVersion(
                Bytes.u64(scan.key(), scan.key().length - Long.BYTES), value(scan.value())));
      }
    }
    return versions;
  }

  /** The last version of a row at or below {@code upTo}, a removal too. */
  public Optional<RowVersion> lastVersion(RowKey row, long upTo) {
    byte[] key = row.bytes();
    return store
        .floor(ColumnFamily.HISTORY, row.history(Math.min(upTo, head)))
        .filter(entry -> entry.key().length == key.length + Long.BYTES)
        .filter(entry -> Bytes.startsWith(entry.key(), key))
        .map(entry -> new RowVersion(Bytes.u64(entry.key(), key.length), value(entry.value())));
  }

  private static Optional<JsonNode> value(byte[] stored) {
    return stored.length == 0 ? Optional.empty() : Optional.of(StoredRow.parse(stored).json());
  }

  /**
   * The rows that an event changed: its applier is asked again, on the state before it. Empty when
   * that is not possible, since the event is redacted or of a type that this build does not know.
   */
  public Optional<Set<RowKey>> changed(LoggedEvent event) {
    return apply(rowsAfter(event.header().sequence() - 1), event).map(LinkedHashSet::new);
  }

  private Projection rowsAfter(long sequence) {
    return new Projection(new AsOfRows(store, sequence));
  }

  private Optional<List<RowKey>> apply(Projection rows, LoggedEvent event) {
    EventHeader header = event.header();
    Optional<EventDefinition<?>> definition = catalogue.find(header.type());
    if (event.payload().isEmpty() || definition.isEmpty()) {
      return Optional.empty();
    }
    try {
      Event record =
          EventJson.read(Keys.utf8(event.payload().get()), definition.get().eventClass());
      List<RowKey> changed =
          rows
              .apply(definition.get(), record, header.subject(), header.sequence(), header.time())
              .stream()
              .map(RowChange::key)
              .toList();
      rows.accept();
      return Optional.of(changed);
    } catch (RuntimeException e) {
      // After a loss the state before an event may not be what it was.
      return Optional.empty();
    }
  }

  /**
   * The rows that changed between two moments, each with the subjects of the events that changed
   * it. It costs a replay of that range; where that is not possible, since there is a hole in it or
   * an event as in {@link #changed}, a look at the whole history, and then there are no subjects.
   */
  public SortedMap<RowKey, Set<Subject>> touched(long after, long upTo) {
    long end = Math.min(upTo, head);
    SortedMap<RowKey, Set<Subject>> touched = new TreeMap<>();
    Projection state = rowsAfter(after);
    LogReader reader = source.reader();
    long sequence = after;
    while (sequence < end) {
      List<LoggedEvent> events = reader.after(sequence, end, EVENTS);
      for (LoggedEvent event : events) {
        Optional<List<RowKey>> rows = apply(state, event);
        if (rows.isEmpty()) {
          return touchedByHistory(after, end);
        }
        for (RowKey row : rows.get()) {
          touched.computeIfAbsent(row, key -> new LinkedHashSet<>()).add(event.header().subject());
        }
        sequence = event.header().sequence();
      }
      if (events.isEmpty()) {
        return touchedByHistory(after, end);
      }
    }
    return touched;
  }

  private SortedMap<RowKey, Set<Subject>> touchedByHistory(long after, long upTo) {
    SortedMap<RowKey, Set<Subject>> touched = new TreeMap<>();
    try (Scan scan = store.scan(ColumnFamily.HISTORY, Bytes.EMPTY, null)) {
      while (scan.next()) {
        byte[] key = scan.key();
        byte[] row = Arrays.copyOf(key, key.length - Long.BYTES);
        long sequence = Bytes.u64(key, row.length);
        if (sequence <= after) {
          scan.seek(Bytes.concat(row, Bytes.u64(after + 1)));
        } else {
          if (sequence <= upTo) {
            touched.put(RowKey.parse(key), Set.of());
          }
          // On to the next row; sequences stay below 2^63.
          scan.seek(Bytes.concat(row, Bytes.u64(-1)));
        }
      }
    }
    return touched;
  }

  /** The tables in which {@code id} has or had a row. */
  public Set<RowKey> rowsNamed(String namespace, String id) {
    Set<RowKey> rows = new TreeSet<>();
    catalogue
        .tables()
        .forEach(
            table -> {
              RowKey row = RowKey.of(table, namespace, id);
              if (lastVersion(row, head).isPresent()) {
                rows.add(row);
              }
            });
    return rows;
  }
}
