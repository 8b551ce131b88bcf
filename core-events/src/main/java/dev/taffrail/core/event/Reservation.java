package dev.taffrail.core.event;

import java.util.Objects;

/**
 * The row of a reserved name, port or address.
 *
 * @param owner the id of the object that holds it
 */
public record Reservation(String owner) {
  public Reservation {
    Objects.requireNonNull(owner, "owner");
  }
}
