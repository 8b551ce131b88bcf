package dev.taffrail.core.log;

import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.EventFamily;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Folds stored events into rows again, in memory, with the appliers that the writer uses. A type
 * that this build does not know stops its family: what that family's rows would be is unknown from
 * then on.
 */
final class Replay {
  private final EventCatalogue catalogue;
  private final Projection projection;
  private final StateTracker tracker;
  private final Set<String> stopped = new HashSet<>();
  private final Set<EventFamily<?>> stoppedFamilies = new HashSet<>();

  /**
   * Starts from {@code base}.
   *
   * @param stateHash of the base
   */
  Replay(EventCatalogue catalogue, RowSource base, byte[] stateHash) {
    this.catalogue = catalogue;
    this.projection = new Projection(base);
    this.tracker = new StateTracker(stateHash);
  }

  /** {@code dev.taffrail.berth} of {@code dev.taffrail.berth.taken.v1}. */
  static String prefix(String type) {
    return type.replaceFirst("\\.[^.]+\\.v[0-9]+$", "");
  }

  /** The families that declare types with the prefix of this one; perhaps none. */
  private Stream<EventFamily<?>> families(String type) {
    return catalogue.families().stream()
        .filter(
            family ->
                family.definitions().stream()
                    .anyMatch(known -> prefix(known.type()).equals(prefix(type))));
  }

  /** Whether this build can apply the type. */
  boolean knows(String type) {
    return catalogue.find(type).isPresent();
  }

  /** Stops the family of {@code type}; returns false when it is stopped already. */
  boolean stop(String type) {
    families(type).forEach(stoppedFamilies::add);
    return stopped.add(prefix(type));
  }

  boolean isStopped(String type) {
    return !isComplete()
        && (stopped.contains(prefix(type)) || families(type).anyMatch(stoppedFamilies::contains));
  }

  /** Whether the rows of a table are what a replay makes of the events, as far as is known. */
  boolean follows(String table) {
    return isComplete()
        || (catalogue.table(table).isPresent()
            && stoppedFamilies.stream()
                .flatMap(family -> family.tables().stream())
                .noneMatch(known -> known.name().equals(table)));
  }

  boolean isComplete() {
    return stopped.isEmpty();
  }

  /** What the event changes; throws what its applier throws. */
  List<RowChange> apply(EventHeader header, Event event) {
    EventDefinition<?> definition = catalogue.definition(header.type());
    List<RowChange> changes =
        projection.apply(definition, event, header.subject(), header.sequence(), header.time());
    projection.accept();
    changes.forEach(tracker::track);
    return changes;
  }

  /** Takes back what the last event changed. */
  void undo(List<RowChange> changes) {
    for (int i = changes.size() - 1; i >= 0; i--) {
      RowChange change = changes.get(i);
      projection.restore(change.key(), change.before());
      tracker.track(new RowChange(change.key(), change.after(), change.before()));
    }
  }

  /** The state after what has been applied. */
  RowSource rows() {
    return projection;
  }

  byte[] stateHash() {
    return tracker.hash();
  }

  /** Rows that have changed since the base; empty values are removals. */
  Map<RowKey, Optional<StoredRow>> changed() {
    return projection.accepted();
  }
}
