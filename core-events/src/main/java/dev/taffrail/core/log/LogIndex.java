package dev.taffrail.core.log;

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
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
    return sequences(ColumnFamily.INDEX, Keys.bySubject(subject), after, upTo);
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
    List<Long> found = sequences(ColumnFamily.INDEX, Keys.byCorrelation(correlationId), 0, head);
    return found.size() > limit ? found.subList(0, limit) : found;
  }

  /** The events that name this one as their cause. */
  public List<Long> effects(long cause) {
    return sequences(ColumnFamily.INDEX, Keys.byCause(cause), 0, head);
  }

  private List<Long> sequences(ColumnFamily family, byte[] prefix, long after, long upTo) {
    List<Long> sequences = new ArrayList<>();
    byte[] from = Bytes.concat(prefix, Bytes.u64(after + 1));
    byte[] to = Bytes.concat(prefix, Bytes.u64(Math.min(upTo, head) + 1));
    try (Scan scan = store.scan(family, from, to)) {
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
        versions.add(version(new StoreReader.Entry(scan.key(), scan.value())));
      }
    }
    return versions;
  }

  /** The events that changed a row, as far as they are kept; removals are changes too. */
  public List<Long> changes(RowKey row, long after, long upTo) {
    return sequences(ColumnFamily.HISTORY, row.bytes(), after, upTo);
  }

  /** The last version of a row at or below {@code upTo}, a removal too. */
  public Optional<RowVersion> lastVersion(RowKey row, long upTo) {
    return AsOfRows.lastVersion(store, row.bytes(), Math.min(upTo, head)).map(LogIndex::version);
  }

  private static RowVersion version(StoreReader.Entry stored) {
    return new RowVersion(AsOfRows.sequence(stored), AsOfRows.live(stored).map(StoredRow::json));
  }

  /**
   * The rows that an event changed: its applier is asked again, on the state before it. Empty when
   * that is not possible, since this build does not know the event's type, or what stands in for a
   * redacted payload is not known.
   */
  public Optional<Set<RowKey>> changed(LoggedEvent event) {
    AsOfRows before = new AsOfRows(store, event.header().sequence() - 1);
    return apply(new Projection(before), event)
        .map(
            changes ->
                changes.stream()
                    .map(RowChange::key)
                    .collect(Collectors.toCollection(LinkedHashSet::new)));
  }

  private Optional<List<RowChange>> apply(Projection rows, LoggedEvent event) {
    EventHeader header = event.header();
    Optional<EventDefinition<?>> definition = catalogue.find(header.type());
    Optional<String> payload =
        event.payload().or(() -> Redactions.stored(store, header.sequence()));
    if (payload.isEmpty() || definition.isEmpty()) {
      return Optional.empty();
    }
    try {
      Event record = EventJson.read(Keys.utf8(payload.get()), definition.get().eventClass());
      List<RowChange> changes =
          rows.apply(definition.get(), record, header.subject(), header.sequence(), header.time());
      rows.accept();
      return Optional.of(changes);
    } catch (RuntimeException e) {
      // After a loss the state before an event may not be what it was.
      return Optional.empty();
    }
  }

  /** One row between two moments, whether it changed or not. */
  private TouchedRow between(RowKey row, long after, long upTo) {
    Optional<StoreReader.Entry> later =
        AsOfRows.lastVersion(store, row.bytes(), Math.min(upTo, head));
    return new TouchedRow(
        row,
        new AsOfRows(store, after).find(row),
        later.flatMap(AsOfRows::live),
        later.map(AsOfRows::sequence).orElse(0L));
  }

  /**
   * The rows that changed between two moments, in their order, with the subjects of the events that
   * changed them. It costs a replay of that range and a look at each row. Where that is not
   * possible, since there is a hole in it or an event as in {@link #changed}, or the rows were made
   * by other appliers than those of this build, it costs a look at the whole history, and then
   * there are no subjects.
   */
  public Collection<TouchedRow> touched(long after, long upTo) {
    long end = Math.min(upTo, head);
    try (Scan history = store.scan(ColumnFamily.HISTORY, Bytes.EMPTY, null)) {
      Optional<Collection<TouchedRow>> byEvents =
          Rebuild.isDue(store, catalogue) ? Optional.empty() : touchedByEvents(history, after, end);
      return byEvents.orElseGet(() -> touchedByHistory(history, after, end));
    }
  }

  private Optional<Collection<TouchedRow>> touchedByEvents(Scan history, long after, long upTo) {
    SortedMap<RowKey, TouchedRow> touched = new TreeMap<>();
    Projection state = new Projection(new AsOfRows(store, after).foundBy(history));
    LogReader reader = source.reader();
    long sequence = after;
    while (sequence < upTo) {
      List<LoggedEvent> events = reader.after(sequence, upTo, EVENTS);
      if (events.isEmpty()) {
        return Optional.empty();
      }
      for (LoggedEvent event : events) {
        Optional<List<RowChange>> changes = apply(state, event);
        if (changes.isEmpty()) {
          return Optional.empty();
        }
        for (RowChange change : changes.get()) {
          touched
              .computeIfAbsent(
                  change.key(), key -> new TouchedRow(key, change.before(), change.after(), 0))
              .change(change, event.header());
        }
        sequence = event.header().sequence();
      }
    }
    return Optional.of(touched.values());
  }

  private Collection<TouchedRow> touchedByHistory(Scan history, long after, long upTo) {
    List<TouchedRow> touched = new ArrayList<>();
    history.seek(Bytes.EMPTY);
    while (history.next()) {
      byte[] key = history.key();
      byte[] row = Arrays.copyOf(key, key.length - Long.BYTES);
      long sequence = Bytes.u64(key, row.length);
      if (sequence <= after) {
        history.seek(Bytes.concat(row, Bytes.u64(after + 1)));
      } else {
        if (sequence <= upTo) {
          touched.add(between(RowKey.parse(key), after, upTo));
        }
        // On to the next row; sequences stay below 2^63.
        history.seek(Bytes.concat(row, Bytes.u64(-1)));
      }
    }
    return touched;
  }

  /** Ids that start so and of which the table has rows, or had some that are kept, in order. */
  public List<String> rowIds(String table, String namespace, String idPrefix, int limit) {
    List<String> ids = new ArrayList<>();
    byte[] prefix = RowKey.prefix(table, namespace, idPrefix);
    try (Scan scan = store.scanPrefix(ColumnFamily.HISTORY, prefix)) {
      while (ids.size() < limit && scan.next()) {
        byte[] key = scan.key();
        if (Bytes.u64(key, key.length - Long.BYTES) <= head) {
          RowKey row = RowKey.parse(key);
          ids.add(row.id());
          // On to the next row; sequences stay below 2^63.
          scan.seek(Bytes.concat(row.bytes(), Bytes.u64(-1)));
        }
      }
    }
    return ids;
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
