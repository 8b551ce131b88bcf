package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The rows as they were after one event, from the family {@code history}: a seek for each. */
final class AsOfRows implements RowSource {
  private final StoreReader store;
  private final long sequence;

  AsOfRows(StoreReader store, long sequence) {
    this.store = store;
    this.sequence = sequence;
  }

  @Override
  public Optional<StoredRow> find(RowKey key) {
    return lastUpTo(key.bytes());
  }

  private Optional<StoredRow> lastUpTo(byte[] key) {
    return store
        .floor(ColumnFamily.HISTORY, Bytes.concat(key, Bytes.u64(sequence)))
        .filter(entry -> entry.key().length == key.length + Long.BYTES)
        .filter(entry -> Bytes.startsWith(entry.key(), key))
        .filter(entry -> entry.value().length > 0)
        .map(entry -> StoredRow.parse(entry.value()));
  }

  @Override
  public SortedMap<RowKey, StoredRow> list(String table, String namespace, String idPrefix) {
    SortedMap<RowKey, StoredRow> rows = new TreeMap<>();
    byte[] prefix = RowKey.prefix(table, namespace, idPrefix);
    try (Scan scan = store.scanPrefix(ColumnFamily.HISTORY, prefix)) {
      while (scan.next()) {
        byte[] found = scan.key();
        byte[] key = Arrays.copyOf(found, found.length - Long.BYTES);
        lastUpTo(key).ifPresent(row -> rows.put(RowKey.parse(key), row));
        // On to the next row, past what happened to this one later; sequences stay below 2^63.
        scan.seek(Bytes.concat(key, Bytes.u64(-1)));
      }
    }
    return rows;
  }
}
