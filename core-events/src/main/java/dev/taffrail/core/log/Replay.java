package dev.taffrail.core.log;

import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.EventJson;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
  static String family(String type) {
    return type.replaceFirst("\\.[^.]+\\.v[0-9]+$", "");
  }

  /** Whether this build can apply the type. */
  boolean knows(String type) {
    return catalogue.find(type).isPresent();
  }

  /** Returns false when the family had been followed until now. */
  boolean stop(String family) {
    return !stopped.add(family);
  }

  boolean isStopped(String family) {
    return stopped.contains(family);
  }

  boolean isComplete() {
    return stopped.isEmpty();
  }

  /** What the event changes; throws what its applier throws. */
  List<RowChange> apply(EventHeader header, byte[] payload) {
    EventDefinition<?> definition = catalogue.definition(header.type());
    Event event = EventJson.read(payload, definition.eventClass());
    List<RowChange> changes =
        projection.apply(definition, event, header.subject(), header.sequence(), header.time());
    projection.accept();
    changes.forEach(tracker::track);
    return changes;
  }

  byte[] stateHash() {
    return tracker.hash();
  }

  /** Rows that have changed since the base; empty values are removals. */
  Map<RowKey, Optional<StoredRow>> changed() {
    return projection.accepted();
  }
}
