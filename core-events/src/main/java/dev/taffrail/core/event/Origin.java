package dev.taffrail.core.event;

import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Where a command comes from; copied into the header of each event it emits.
 *
 * @param correlationId one UUID per request, taken from the client when it sends one
 * @param traceparent W3C Trace Context
 */
public record Origin(Actor actor, String correlationId, Optional<String> traceparent) {
  public Origin {
    Objects.requireNonNull(actor, "actor");
    Objects.requireNonNull(correlationId, "correlationId");
    Objects.requireNonNull(traceparent, "traceparent");
  }

  /** A new correlation for something a part of the daemon does on its own. */
  public static Origin component(String name) {
    return new Origin(Actor.component(name), UUID.randomUUID().toString(), Optional.empty());
  }
}
