package dev.taffrail.core.log;

import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.StoreReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Which keys have had values that must be gone from the files, not only from sight: the row {@code
 * scrub} of {@code meta}, written with the redaction and removed when the files are clean.
 *
 * @param events sequences of redacted events
 * @param rows base64 of the keys of rewritten rows
 */
record Scrub(List<Long> events, List<String> rows) {
  Scrub {
    events = List.copyOf(events);
    rows = List.copyOf(rows);
  }

  static Optional<Scrub> pending(StoreReader store) {
    return store.get(ColumnFamily.META, Keys.SCRUB).map(json -> EventJson.read(json, Scrub.class));
  }

  /** Adds to what is pending already. */
  static void add(StoreReader store, Batch batch, long event, Collection<RowKey> rows) {
    Scrub before = pending(store).orElse(new Scrub(List.of(), List.of()));
    List<Long> events = new ArrayList<>(before.events());
    events.add(event);
    List<String> keys = new ArrayList<>(before.rows());
    rows.forEach(row -> keys.add(Base64.getEncoder().encodeToString(row.bytes())));
    batch.put(ColumnFamily.META, Keys.SCRUB, EventJson.write(new Scrub(events, keys)));
  }

  /**
   * Writes the tables anew that hold the old values. Returns false when a snapshot may still see
   * them, so that they are kept.
   */
  boolean run(MetadataStore store) {
    // From the write-ahead log into tables, and then out of these.
    store.flush();
    boolean seen = store.hasSnapshots();
    for (long event : events) {
      store.compact(ColumnFamily.EVENTS, Bytes.u64(event), Bytes.u64(event + 1));
    }
    for (String row : rows) {
      byte[] key = Base64.getDecoder().decode(row);
      store.compact(ColumnFamily.HISTORY, key, Bytes.concat(key, Bytes.u64(-1)));
      store.compact(ColumnFamily.STATE, key, key);
    }
    store.compact(ColumnFamily.DEDUP, null, null);
    return !seen;
  }

  /** The files are clean; what has come meanwhile stays pending. */
  void done(MetadataStore store) {
    if (pending(store).map(this::equals).orElse(false)) {
      try (Batch batch = store.newBatch()) {
        batch.delete(ColumnFamily.META, Keys.SCRUB);
        store.write(batch, true);
      }
    }
  }
}
