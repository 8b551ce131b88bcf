package dev.taffrail.core.log;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Stored rows at one moment. */
interface RowSource {
  /** Of a log without events. */
  RowSource EMPTY =
      new RowSource() {
        @Override
        public Optional<StoredRow> find(RowKey key) {
          return Optional.empty();
        }

        @Override
        public SortedMap<RowKey, StoredRow> list(String table, String namespace, String idPrefix) {
          return new TreeMap<>();
        }
      };

  Optional<StoredRow> find(RowKey key);

  /**
   * The rows of a table, in the order of their keys; the map is the caller's.
   *
   * @param namespace null for all, and then {@code idPrefix} is not looked at
   */
  SortedMap<RowKey, StoredRow> list(String table, String namespace, String idPrefix);

  /** Whether {@link #list} with these arguments includes {@code key}. */
  static boolean includes(RowKey key, String table, String namespace, String idPrefix) {
    return key.table().equals(table)
        && (namespace == null
            || (key.namespace().equals(namespace) && key.id().startsWith(idPrefix)));
  }

  /** Puts {@code changed} over {@code rows}; empty values remove. */
  static void overlay(
      SortedMap<RowKey, StoredRow> rows,
      Map<RowKey, Optional<StoredRow>> changed,
      String table,
      String namespace,
      String idPrefix) {
    changed.forEach(
        (key, row) -> {
          if (includes(key, table, namespace, idPrefix)) {
            row.ifPresentOrElse(value -> rows.put(key, value), () -> rows.remove(key));
          }
        });
  }
}
