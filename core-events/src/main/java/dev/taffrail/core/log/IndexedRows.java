package dev.taffrail.core.log;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Rows that change one event after another and are listed as often. A table that was listed once is
 * kept in order from then on.
 */
final class IndexedRows implements RowSource {
  private final RowSource rows;
  private final Map<String, TreeMap<RowKey, StoredRow>> listed = new HashMap<>();

  /**
   * No table is listed yet.
   *
   * @param rows as they are now, at any time
   */
  IndexedRows(RowSource rows) {
    this.rows = rows;
  }

  @Override
  public Optional<StoredRow> find(RowKey key) {
    return rows.find(key);
  }

  @Override
  public SortedMap<RowKey, StoredRow> list(String table, String namespace, String idPrefix) {
    TreeMap<RowKey, StoredRow> all =
        listed.computeIfAbsent(table, name -> new TreeMap<>(rows.list(name, null, "")));
    TreeMap<RowKey, StoredRow> found = new TreeMap<>(all);
    if (namespace != null) {
      found.keySet().removeIf(key -> !RowSource.includes(key, table, namespace, idPrefix));
    }
    return found;
  }

  /** Takes in what an event has changed. */
  void changed(List<RowChange> changes) {
    changes.forEach(change -> set(change.key(), change.after()));
  }

  /** Takes in that what an event had changed is as before. */
  void undone(List<RowChange> changes) {
    for (int i = changes.size() - 1; i >= 0; i--) {
      set(changes.get(i).key(), changes.get(i).before());
    }
  }

  private void set(RowKey key, Optional<StoredRow> row) {
    TreeMap<RowKey, StoredRow> table = listed.get(key.table());
    if (table != null) {
      row.ifPresentOrElse(value -> table.put(key, value), () -> table.remove(key));
    }
  }
}
