package dev.taffrail.core.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Actor;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Subject;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Events as CloudEvents 1.0 in JSON. Attribute names of ours: {@code sequence} (twenty digits),
 * {@code subjectsequence}, {@code correlationid}, {@code causationid}, {@code actor}, {@code
 * traceparent}, {@code hash}, {@code prevhash}, {@code cursor} to resume from, and {@code
 * commandposition} (from 0) of {@code commandcount} events of one command.
 */
public final class CloudEventJson {
  private CloudEventJson() {}

  /**
   * As on the wire.
   *
   * @param logId of the log the event comes from
   */
  public static ObjectNode write(String logId, LoggedEvent event) {
    EventHeader header = event.header();
    ObjectNode json = EventJson.mapper().createObjectNode();
    json.put("specversion", "1.0");
    json.put("id", Long.toString(header.sequence()));
    json.put("source", "/taffrail/" + logId + "/" + header.epoch());
    json.put("type", header.type());
    json.put("subject", header.subject().toString());
    json.put("time", EventJson.format(header.time()));
    json.put("datacontenttype", "application/json");
    json.put("sequence", String.format(Locale.ROOT, "%020d", header.sequence()));
    json.put("subjectsequence", Long.toString(header.subjectSequence()));
    json.put("correlationid", header.correlationId());
    header.cause().ifPresent(cause -> json.put("causationid", Long.toString(cause)));
    json.put("actor", EventJson.mapper().valueToTree(header.actor()).toString());
    header.traceparent().ifPresent(trace -> json.put("traceparent", trace));
    json.put("commandposition", header.position());
    json.put("commandcount", header.count());
    json.put("hash", event.hash());
    json.put("prevhash", event.previousHash());
    json.put("cursor", header.cursor().toString());
    if (event.payload().isPresent()) {
      json.set("data", event.data());
    } else {
      json.put("redacted", true);
    }
    return json;
  }

  /**
   * The inverse of {@link #write}, but for the idempotency key, which stays with the daemon, and
   * for the white space of the payload. INTERNAL for what is no event.
   */
  public static LoggedEvent read(JsonNode json) {
    try {
      Cursor cursor = Cursor.parse(json.path("cursor").asText());
      EventHeader header =
          new EventHeader(
              cursor.sequence(),
              cursor.epoch(),
              Instant.parse(json.path("time").asText()),
              json.path("type").asText(),
              Subject.parse(json.path("subject").asText()),
              Long.parseLong(json.path("subjectsequence").asText()),
              json.path("correlationid").asText(),
              json.has("causationid")
                  ? OptionalLong.of(Long.parseLong(json.get("causationid").asText()))
                  : OptionalLong.empty(),
              EventJson.mapper().readValue(json.path("actor").asText(), Actor.class),
              Optional.ofNullable(json.get("traceparent")).map(JsonNode::asText),
              Optional.empty(),
              json.path("commandposition").asInt(),
              json.path("commandcount").asInt());
      return new LoggedEvent(
          header,
          Optional.ofNullable(json.get("data")).map(JsonNode::toString),
          json.path("hash").asText(),
          json.path("prevhash").asText());
    } catch (RuntimeException | JsonProcessingException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Not an event: " + json, e);
    }
  }
}
