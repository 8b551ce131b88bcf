package dev.taffrail.core.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import java.util.Optional;

/**
 * An event as stored.
 *
 * @param payload JSON of the event record, verbatim; absent when redacted
 * @param hash SHA-256 of this event, covering {@code previousHash}; both lower-case hex
 */
public record LoggedEvent(
    EventHeader header, Optional<String> payload, String hash, String previousHash) {
  /** The payload as a tree; an empty object when redacted. */
  public JsonNode data() {
    try {
      return payload.isPresent()
          ? EventJson.mapper().readTree(payload.get())
          : EventJson.mapper().createObjectNode();
    } catch (JsonProcessingException e) {
      throw new RuntimeFailure(Kind.DATA_LOSS, "Event " + header.sequence() + " is not JSON", e);
    }
  }
}
