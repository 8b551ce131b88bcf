package dev.taffrail.core.log;

import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Stored positions of durable consumers; the family {@code consumers}. */
final class Consumers {
  private Consumers() {}

  static Optional<Cursor> find(StoreReader store, String name) {
    return store.get(ColumnFamily.CONSUMERS, Keys.utf8(name)).map(Consumers::parse);
  }

  static Map<String, Cursor> all(StoreReader store) {
    Map<String, Cursor> all = new TreeMap<>();
    try (Scan scan = store.scan(ColumnFamily.CONSUMERS, Bytes.EMPTY, null)) {
      while (scan.next()) {
        all.put(new String(scan.key(), StandardCharsets.UTF_8), parse(scan.value()));
      }
    }
    return all;
  }

  private static Cursor parse(byte[] json) {
    return Cursor.parse(EventJson.read(json, String.class));
  }

  static void put(Batch batch, String name, Cursor cursor) {
    batch.put(ColumnFamily.CONSUMERS, Keys.utf8(name), EventJson.write(cursor.toString()));
  }

  /** Those that have not read everything up to {@code upTo} and are not lost where they are. */
  static List<LogEvent.ConsumerLost> behind(StoreReader store, StateView view, long upTo) {
    List<LogEvent.ConsumerLost> behind = new ArrayList<>();
    all(store)
        .forEach(
            (name, cursor) -> {
              if (cursor.sequence() < upTo && !isLost(view, name, cursor)) {
                behind.add(new LogEvent.ConsumerLost(name, cursor.epoch(), cursor.sequence()));
              }
            });
    return behind;
  }

  /** Whether the log has not waited for it, and it has not stored another position since. */
  static boolean isLost(StateView view, String name, Cursor cursor) {
    return view.find(LogEvent.LOST_CONSUMERS, Subject.SYSTEM_NAMESPACE, name)
        .map(lost -> lost.cursor().equals(cursor))
        .orElse(false);
  }
}
