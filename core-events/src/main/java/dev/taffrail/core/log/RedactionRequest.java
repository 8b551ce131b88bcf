package dev.taffrail.core.log;

import dev.taffrail.core.event.Origin;
import java.util.List;
import java.util.Objects;

/**
 * Asks for the payload of an event to be removed for good.
 *
 * @param event its cursor: its sequence may have meant another event in an earlier epoch
 * @param fields JSON pointers to what is to be replaced; empty for every text that nothing else in
 *     the log refers to
 * @param reason is stored
 */
public record RedactionRequest(Origin origin, Cursor event, List<String> fields, String reason) {
  public RedactionRequest {
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(reason, "reason");
    fields = List.copyOf(fields);
  }

  long sequence() {
    return event.sequence();
  }
}
