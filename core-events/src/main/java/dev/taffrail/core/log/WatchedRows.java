package dev.taffrail.core.log;

import dev.taffrail.core.metadata.StoreException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Tells when rows are found damaged. */
final class WatchedRows implements RowSource {
  private final RowSource rows;
  private final Consumer<RuntimeException> damaged;

  WatchedRows(RowSource rows, Consumer<RuntimeException> damaged) {
    this.rows = rows;
    this.damaged = damaged;
  }

  @Override
  public Optional<StoredRow> find(RowKey key) {
    return watch(() -> rows.find(key));
  }

  @Override
  public SortedMap<RowKey, StoredRow> list(String table, String namespace, String idPrefix) {
    return watch(() -> rows.list(table, namespace, idPrefix));
  }

  private <T> T watch(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (StoreException e) {
      if (e.damaged()) {
        damaged.accept(e);
      }
      throw e;
    }
  }
}
