package dev.taffrail.core.log;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.event.EventJson;
import java.util.Optional;

/**
 * An event as stored.
 *
 * @param payload UTF-8 JSON of the event record; absent when redacted
 * @param hash SHA-256 of this event, covering {@code previousHash}
 */
public record LoggedEvent(
    EventHeader header, Optional<byte[]> payload, byte[] hash, byte[] previousHash) {
  /** The payload as a tree; an empty object when redacted. */
  public JsonNode data() {
    return payload
        .map(json -> EventJson.read(json, JsonNode.class))
        .orElseGet(EventJson.mapper()::createObjectNode);
  }
}
