package dev.taffrail.core.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.LogIndex;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.RowKey;
import dev.taffrail.core.log.RowVersion;
import dev.taffrail.core.log.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The rows that make up one object: those that carry its id, and whatever else events about it
 * changed in tables where no row carries its id, such as the reservation of its name. Or a single
 * row.
 */
final class ObjectRows {
  private final ReadableLog log;
  private final LogIndex index;
  private final Optional<Subject> subject;
  private final Set<RowKey> named;
  private final Set<String> tables;

  private ObjectRows(ReadableLog log, Optional<Subject> subject, Set<RowKey> named) {
    this.log = log;
    this.index = log.index();
    this.subject = subject;
    this.named = named;
    this.tables = named.stream().map(RowKey::table).collect(Collectors.toSet());
  }

  static ObjectRows of(ReadableLog log, Subject subject) {
    return new ObjectRows(
        log, Optional.of(subject), log.index().rowsNamed(subject.namespace(), subject.id()));
  }

  static ObjectRows of(ReadableLog log, RowKey row) {
    return new ObjectRows(log, Optional.empty(), Set.of(row));
  }

  /** Fails as {@link ReadableLog#asOf} does when the moment is none. */
  static long check(ReadableLog log, Cursor moment) {
    try (Snapshot state = log.asOf(moment)) {
      return state.sequence();
    }
  }

  /** Every event that was about the object or changed one of its rows, in order. */
  Set<Long> sequences(long after, long upTo) {
    Set<Long> sequences = new TreeSet<>();
    subject.ifPresent(about -> sequences.addAll(index.ofSubject(about, after, upTo)));
    for (RowKey row : named) {
      sequences.addAll(index.changes(row, after, upTo));
    }
    return sequences;
  }

  /** The object's rows that the event changed. */
  Set<RowKey> changedBy(long sequence, Optional<LoggedEvent> event) {
    Optional<Set<RowKey>> changed =
        event.filter(this::isAboutIt).flatMap(index::changed).map(this::own);
    return changed.orElseGet(() -> namedAndChangedBy(sequence));
  }

  private boolean isAboutIt(LoggedEvent event) {
    return subject.isPresent() && subject.get().equals(event.header().subject());
  }

  private Set<RowKey> own(Set<RowKey> changed) {
    return changed.stream()
        .filter(row -> named.contains(row) || !tables.contains(row.table()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<RowKey> namedAndChangedBy(long sequence) {
    return named.stream()
        .filter(row -> !index.changes(row, sequence - 1, sequence).isEmpty())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** All rows that the object had at some time up to a moment. */
  Set<RowKey> all(long upTo) {
    Set<RowKey> rows = new TreeSet<>(named);
    if (subject.isPresent()) {
      for (long sequence : index.ofSubject(subject.get(), 0, upTo)) {
        rows.addAll(changedBy(sequence, log.find(sequence)));
      }
    }
    return rows;
  }

  /**
   * The versions of a row up to a moment while it was the object's. That what is shared passed to
   * another object, as an image's reference does, is its removal here.
   */
  List<RowVersion> versions(RowKey row, long upTo) {
    List<RowVersion> all = index.versions(row, 0, upTo);
    if (named.contains(row)) {
      return all;
    }
    int own = all.size();
    while (own > 0 && !isOwn(row, all.get(own - 1))) {
      own--;
    }
    List<RowVersion> versions = new ArrayList<>(all.subList(0, own));
    if (own > 0 && own < all.size() && all.get(own - 1).value().isPresent()) {
      versions.add(new RowVersion(all.get(own).sequence(), Optional.empty()));
    }
    return versions;
  }

  /** The last of {@link #versions}. */
  Optional<RowVersion> last(RowKey row, long upTo) {
    if (named.contains(row)) {
      return index.lastVersion(row, upTo);
    }
    List<RowVersion> versions = versions(row, upTo);
    return versions.isEmpty() ? Optional.empty() : Optional.of(versions.get(versions.size() - 1));
  }

  /**
   * Whose a shared row is, its last change tells: the event was about the object. Of a change whose
   * event is truncated or lost the row itself must tell.
   */
  private boolean isOwn(RowKey row, RowVersion version) {
    long sequence = version.sequence();
    Subject object = subject.orElseThrow();
    if (!index.ofSubject(object, sequence - 1, sequence).isEmpty()) {
      return true;
    }
    return log.find(sequence).isEmpty()
        && (row.id().contains(object.id())
            || version.value().stream()
                .flatMap(value -> value.properties().stream())
                .anyMatch(member -> member.getValue().asText().equals(object.id())));
  }

  /** The row after the event {@code sequence}, whosever it is. */
  Optional<JsonNode> value(RowKey row, long sequence) {
    return index.lastVersion(row, sequence).flatMap(RowVersion::value);
  }
}
