package dev.taffrail.testkit.log;

import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.Table;
import java.util.Optional;

/** A family for tests, with two versions of one event. */
public sealed interface HarbourEvent extends Event {
  Table<Berth> BERTHS = Table.of("berths", Berth.class);
  Table<Reservation> SHIPS = Table.reservations("ships");

  EventFamily<HarbourEvent> FAMILY =
      EventFamily.of(HarbourEvent.class)
          .tables(BERTHS, SHIPS)
          .on("dev.taffrail.berth.taken.v1", Taken.class, HarbourEvent::taken)
          .on("dev.taffrail.berth.taken.v2", TakenV2.class, HarbourEvent::takenV2)
          .on("dev.taffrail.berth.left.v1", Left.class, HarbourEvent::left)
          .build();

  private static void taken(Rows rows, Taken event) {
    takenV2(rows, new TakenV2(event.ship(), Optional.empty()));
  }

  private static void takenV2(Rows rows, TakenV2 event) {
    rows.reserve(SHIPS, event.ship(), rows.subject().id());
    rows.put(BERTHS, rows.subject().id(), new Berth(event.ship(), event.cargo()));
  }

  private static void left(Rows rows, Left event) {
    Berth berth = rows.get(BERTHS, rows.subject().id());
    rows.release(SHIPS, berth.ship(), rows.subject().id());
    rows.remove(BERTHS, rows.subject().id());
  }

  record Taken(String ship) implements HarbourEvent {}

  record TakenV2(String ship, Optional<String> cargo) implements HarbourEvent {}

  record Left() implements HarbourEvent {}

  /** A row. */
  record Berth(String ship, Optional<String> cargo) {}
}
