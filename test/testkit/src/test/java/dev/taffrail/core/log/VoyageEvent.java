package dev.taffrail.core.log;

import dev.taffrail.core.event.Applier;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import java.util.List;
import java.util.Map;

/** Objects of several rows that change a field at a time, some through events about others. */
sealed interface VoyageEvent extends Event {
  Table<Plan> PLANS = Table.of("plans", Plan.class);
  Table<Voyage> VOYAGES = Table.of("voyages", Voyage.class);
  Table<Reservation> SHIPS = Table.reservations("ship_names");

  EventFamily<VoyageEvent> FAMILY = family(1, VoyageEvent::sailed);

  /** As a later release might count miles, and say so. */
  EventFamily<VoyageEvent> REVISED =
      family(2, (rows, event) -> sailed(rows, new Sailed(event.miles() + 1000, event.met())));

  private static EventFamily<VoyageEvent> family(int revision, Applier<Sailed> sailed) {
    return EventFamily.of(VoyageEvent.class)
        .tables(PLANS, VOYAGES, SHIPS)
        .on("dev.taffrail.voyage.begun.v1", Begun.class, VoyageEvent::begun)
        .on("dev.taffrail.voyage.sailed.v1", revision, Sailed.class, sailed)
        .on("dev.taffrail.voyage.loaded.v1", Loaded.class, VoyageEvent::loaded)
        .on("dev.taffrail.voyage.hailed.v1", Hailed.class, (rows, event) -> {})
        .on("dev.taffrail.voyage.ended.v1", Ended.class, VoyageEvent::ended)
        .build();
  }

  static Subject subject(String id) {
    return Subject.of("voyages", id);
  }

  private static void begun(Rows rows, Begun event) {
    String id = rows.subject().id();
    rows.reserve(SHIPS, event.ship(), id);
    rows.put(PLANS, id, new Plan(event.ship(), event.ports()));
    rows.put(VOYAGES, id, new Voyage(0, Map.of(), 0));
  }

  private static void sailed(Rows rows, Sailed event) {
    rows.update(
        VOYAGES,
        rows.subject().id(),
        was -> new Voyage(was.miles() + event.miles(), was.cargo(), was.met()));
    // The other ship's row changes by an event that is not about it.
    if (!event.met().isEmpty()) {
      rows.update(VOYAGES, event.met(), was -> new Voyage(was.miles(), was.cargo(), was.met() + 1));
    }
  }

  private static void loaded(Rows rows, Loaded event) {
    rows.update(
        VOYAGES, rows.subject().id(), was -> new Voyage(was.miles(), event.cargo(), was.met()));
  }

  private static void ended(Rows rows, Ended event) {
    String id = rows.subject().id();
    rows.release(SHIPS, rows.get(PLANS, id).ship(), id);
    rows.remove(PLANS, id);
    rows.remove(VOYAGES, id);
  }

  record Begun(String ship, List<String> ports) implements VoyageEvent {}

  record Sailed(int miles, String met) implements VoyageEvent {}

  record Loaded(Map<String, String> cargo) implements VoyageEvent {}

  record Hailed() implements VoyageEvent {}

  record Ended() implements VoyageEvent {}

  /** A row that never changes. */
  record Plan(String ship, List<String> ports) {}

  /** A row that changes often. */
  record Voyage(int miles, Map<String, String> cargo, int met) {}
}
