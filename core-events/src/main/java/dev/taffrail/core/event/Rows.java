package dev.taffrail.core.event;

import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The rows an applier may change, in the namespace of the event being applied. Whatever an applier
 * reads comes from here or from the event, so that a replay yields the same rows.
 */
public interface Rows {
  /** The subject of the event being applied. */
  Subject subject();

  /** The sequence of the event being applied. */
  long sequence();

  /** When the event was written, from its header. */
  Instant time();

  <T> Optional<T> find(Table<T> table, String id);

  <T> void put(Table<T> table, String id, T value);

  /** Does nothing when the row is absent. */
  void remove(Table<?> table, String id);

  /** IllegalStateException when the row is absent. */
  default <T> T get(Table<T> table, String id) {
    return find(table, id)
        .orElseThrow(() -> new IllegalStateException("No row " + id + " in " + table.name()));
  }

  /** IllegalStateException when the row is absent. */
  default <T> void update(Table<T> table, String id, UnaryOperator<T> change) {
    put(table, id, change.apply(get(table, id)));
  }

  /** Gives {@code id} to {@code owner}; IllegalStateException when another owner holds it. */
  default void reserve(Table<Reservation> table, String id, String owner) {
    Optional<Reservation> holder = find(table, id);
    if (holder.isPresent() && !holder.get().owner().equals(owner)) {
      throw new IllegalStateException(
          id
              + " in "
              + table.name()
              + " is held by "
              + holder.get().owner()
              + ", not free for "
              + owner);
    }
    put(table, id, new Reservation(owner));
  }

  /** Frees {@code id}; IllegalStateException unless {@code owner} holds it. */
  default void release(Table<Reservation> table, String id, String owner) {
    if (!get(table, id).owner().equals(owner)) {
      throw new IllegalStateException(id + " in " + table.name() + " is not held by " + owner);
    }
    remove(table, id);
  }
}
