package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/** The state that a replay starts from, when the events that led to it are not all there. */
final class Base {
  private Base() {}

  /** All rows that were live after the event {@code sequence}, of unknown tables too. */
  static SortedMap<RowKey, StoredRow> rows(StoreReader store, long sequence) {
    SortedMap<RowKey, StoredRow> rows = new TreeMap<>();
    try (Scan scan = store.scan(ColumnFamily.HISTORY, Bytes.EMPTY, null)) {
      while (scan.next()) {
        byte[] key = scan.key();
        if (Bytes.u64(key, key.length - Long.BYTES) <= sequence) {
          RowKey row = RowKey.parse(Arrays.copyOf(key, key.length - Long.BYTES));
          if (scan.value().length > 0) {
            rows.put(row, StoredRow.parse(scan.value()));
          } else {
            rows.remove(row);
          }
        }
      }
    }
    return rows;
  }
}
