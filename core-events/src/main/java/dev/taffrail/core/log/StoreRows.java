package dev.taffrail.core.log;

import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The rows in the family {@code state}. */
final class StoreRows implements RowSource {
  private final StoreReader store;

  StoreRows(StoreReader store) {
    this.store = store;
  }

  @Override
  public Optional<StoredRow> find(RowKey key) {
    return store.get(ColumnFamily.STATE, key.bytes()).map(StoredRow::parse);
  }

  @Override
  public SortedMap<RowKey, StoredRow> list(String table, String namespace, String idPrefix) {
    SortedMap<RowKey, StoredRow> rows = new TreeMap<>();
    byte[] prefix = RowKey.prefix(table, namespace, idPrefix);
    try (Scan scan = store.scanPrefix(ColumnFamily.STATE, prefix)) {
      while (scan.next()) {
        rows.put(RowKey.parse(scan.key()), StoredRow.parse(scan.value()));
      }
    }
    return rows;
  }
}
