package dev.taffrail.benchmarks;

import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Table;
import java.time.Instant;

/** Events about as large as a container's status changes: some 400 bytes as stored. */
sealed interface LedgerEvent extends Event {
  Table<Entry> ENTRIES = Table.of("ledger_entries", Entry.class);

  EventFamily<LedgerEvent> FAMILY =
      EventFamily.of(LedgerEvent.class)
          .tables(ENTRIES)
          .on(
              "dev.taffrail.ledger.written.v1",
              Written.class,
              (rows, event) ->
                  rows.put(
                      ENTRIES,
                      rows.subject().id(),
                      new Entry(event.text(), event.amount(), rows.time())))
          .build();

  EventCatalogue CATALOGUE = EventCatalogue.of(FAMILY);

  /** The only event. */
  record Written(String text, long amount) implements LedgerEvent {}

  /** Its row. */
  record Entry(String text, long amount, Instant at) {}
}
