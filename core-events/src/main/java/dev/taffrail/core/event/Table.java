package dev.taffrail.core.event;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A kind of state row: current values by namespace and id, each a record stored as JSON.
 *
 * @param name the first part of the stored key; never changes
 * @param rowClass a record
 * @param version the version of the row's shape, stored with each value
 */
public record Table<T>(String name, Class<T> rowClass, int version) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

  public Table {
    Objects.requireNonNull(rowClass, "rowClass");
    if (!NAME.matcher(name).matches() || version < 1) {
      throw new IllegalArgumentException("Not a table: " + name + " version " + version);
    }
  }

  public static <T> Table<T> of(String name, Class<T> rowClass) {
    return new Table<>(name, rowClass, 1);
  }

  /** Rows that are given once and released once: names, host ports, addresses. */
  public static Table<Reservation> reservations(String name) {
    return of(name, Reservation.class);
  }
}
