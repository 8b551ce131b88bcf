package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What replays take for the payloads of redacted events: the events say it that redacted them. */
final class Redactions {
  private final StoreReader store;
  private final EventCatalogue catalogue;
  private final Map<Long, byte[]> substitutes = new HashMap<>();
  private boolean searched;

  /** Looks for nothing until a redacted event comes. */
  Redactions(StoreReader store, EventCatalogue catalogue) {
    this.store = store;
    this.catalogue = catalogue;
  }

  /** The event, or its substitute; throws as {@link #event(EventHeader, Frame)}. */
  Event event(ReadEvent read) {
    return read.frame().payload().isPresent() ? read.event() : event(read.header(), read.frame());
  }

  /**
   * The event, or its substitute. UNIMPLEMENTED for an unknown type; DATA_LOSS when the event that
   * has the substitute is gone.
   */
  Event event(EventHeader header, Frame frame) {
    return EventJson.read(
        frame.payload().orElseGet(() -> substitute(header.sequence())),
        catalogue.definition(header.type()).eventClass());
  }

  private byte[] substitute(long sequence) {
    return find(sequence)
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Kind.DATA_LOSS,
                    "it is redacted, and the event that has its substitute is missing"));
  }

  /** What stands in for the payload of a redacted event; it may not be known any more. */
  Optional<byte[]> find(long sequence) {
    if (!searched) {
      search(sequence);
      searched = true;
    }
    return Optional.ofNullable(substitutes.get(sequence))
        .or(() -> store.get(ColumnFamily.META, Keys.substitute(sequence)));
  }

  /** The same, as the state and archives tell it: quick, and good for readers of the past. */
  static Optional<String> stored(StoreReader store, long sequence) {
    RowKey row = RowKey.of(LogEvent.REDACTIONS, Subject.SYSTEM_NAMESPACE, LogEvent.rowId(sequence));
    return new StoreRows(store)
        .find(row)
        .map(found -> found.json().path("substitute").asText())
        .or(
            () ->
                store
                    .get(ColumnFamily.META, Keys.substitute(sequence))
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8)));
  }

  // Derived rows may be what is being checked or made again, so only events are asked.
  private void search(long from) {
    byte[] type = Keys.utf8("\"" + LogEvent.REDACTED + "\"");
    try (Scan scan = store.scan(ColumnFamily.EVENTS, Bytes.u64(from), null)) {
      while (scan.next()) {
        Frame frame = Frame.decode(scan.value());
        if (contains(frame.header(), type)
            && HeaderCodec.read(frame.header()).type().equals(LogEvent.REDACTED)
            && frame.payload().isPresent()) {
          LogEvent.Redacted redacted =
              EventJson.read(frame.payload().get(), LogEvent.Redacted.class);
          substitutes.put(
              redacted.sequence(), redacted.substitute().getBytes(StandardCharsets.UTF_8));
        }
      }
    }
  }

  // Most headers are told apart without being parsed.
  private static boolean contains(byte[] bytes, byte[] part) {
    for (int start = 0; start <= bytes.length - part.length; start++) {
      if (Arrays.equals(bytes, start, start + part.length, part, 0, part.length)) {
        return true;
      }
    }
    return false;
  }
}
