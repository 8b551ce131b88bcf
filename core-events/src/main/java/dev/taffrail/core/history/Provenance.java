package dev.taffrail.core.history;

import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.EventHeader;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.ReadableLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An event and what led to it.
 *
 * @param sequence of the event
 * @param event empty when it was truncated or lost
 * @param root where the chain of causes begins: the request; the event itself when it has no cause
 * @param meanwhile events of other requests about the same object between the event's cause and the
 *     event, in order: an exit is caused by its start, and a kill may have come in between
 */
public record Provenance(
    long sequence,
    Optional<LoggedEvent> event,
    Optional<LoggedEvent> root,
    List<LoggedEvent> meanwhile) {
  public Provenance {
    meanwhile = List.copyOf(meanwhile);
  }

  static Provenance of(ReadableLog log, long sequence) {
    Optional<LoggedEvent> event = log.find(sequence);
    return new Provenance(
        sequence,
        event,
        event.map(found -> root(log, found)),
        event.map(found -> meanwhile(log, found)).orElse(List.of()));
  }

  /** As far up as the causes are known. */
  static LoggedEvent root(ReadableLog log, LoggedEvent event) {
    LoggedEvent root = event;
    while (root.header().cause().isPresent()) {
      Optional<LoggedEvent> cause = log.find(root.header().cause().getAsLong());
      if (cause.isEmpty()) {
        return root;
      }
      root = cause.get();
    }
    return root;
  }

  static List<LoggedEvent> meanwhile(ReadableLog log, LoggedEvent event) {
    EventHeader header = event.header();
    List<LoggedEvent> meanwhile = new ArrayList<>();
    if (header.cause().isEmpty()) {
      return meanwhile;
    }
    Subject subject = header.subject();
    Set<String> own = new HashSet<>(Set.of(header.correlationId()));
    log.find(header.cause().getAsLong())
        .ifPresent(cause -> own.add(cause.header().correlationId()));
    for (long sequence :
        log.index().ofSubject(subject, header.cause().getAsLong(), header.sequence() - 1)) {
      log.find(sequence)
          .filter(other -> !own.contains(other.header().correlationId()))
          .ifPresent(meanwhile::add);
    }
    return meanwhile;
  }
}
