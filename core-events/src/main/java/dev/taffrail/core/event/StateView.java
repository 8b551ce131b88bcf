package dev.taffrail.core.event;

import java.util.List;
import java.util.Optional;

/**
 * All state at one moment, read-only. A decider sees the state after every command decided before
 * it, including those of its own group.
 */
public interface StateView {
  <T> Optional<T> find(Table<T> table, String namespace, String id);

  /**
   * The rows of one namespace whose id starts with {@code idPrefix}, ordered by id (UTF-8 bytes).
   */
  <T> List<Row<T>> list(Table<T> table, String namespace, String idPrefix);

  /** The rows of all namespaces, ordered by namespace and id. */
  <T> List<Row<T>> listAll(Table<T> table);

  /** The sequence of the last event this view includes; 0 before the first. */
  long sequence();

  default <T> Optional<T> find(Table<T> table, String id) {
    return find(table, Subject.DEFAULT_NAMESPACE, id);
  }

  default <T> List<Row<T>> list(Table<T> table) {
    return list(table, Subject.DEFAULT_NAMESPACE, "");
  }
}
