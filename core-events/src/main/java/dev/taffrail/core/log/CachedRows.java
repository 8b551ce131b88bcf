package dev.taffrail.core.log;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Remembers the rows used last, absent ones too. Confined to the writer's thread. */
final class CachedRows implements RowSource {
  private static final int CAPACITY = 16_384;

  private final RowSource rows;
  private final Map<RowKey, Optional<StoredRow>> recent =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<RowKey, Optional<StoredRow>> eldest) {
          return size() > CAPACITY;
        }
      };

  CachedRows(RowSource rows) {
    this.rows = rows;
  }

  @Override
  public Optional<StoredRow> find(RowKey key) {
    Optional<StoredRow> known = recent.get(key);
    if (known == null) {
      known = rows.find(key);
      recent.put(key, known);
    }
    return known;
  }

  @Override
  public SortedMap<RowKey, StoredRow> list(String table, String namespace, String idPrefix) {
    return rows.list(table, namespace, idPrefix);
  }

  /** Takes in what has been committed to the rows below. */
  void update(Map<RowKey, Optional<StoredRow>> committed) {
    recent.putAll(committed);
  }

  /** The rows below have changed otherwise. */
  void forget() {
    recent.clear();
  }
}
