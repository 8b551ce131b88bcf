package dev.taffrail.http.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.log.Delivery;
import dev.taffrail.core.log.EventHeader;
import dev.taffrail.core.log.LoggedEvent;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;

/**
 * Events as CloudEvents 1.0 in JSON, one a line. Attribute names of ours: {@code sequence} (twenty
 * digits), {@code subjectsequence}, {@code correlationid}, {@code causationid}, {@code actor},
 * {@code traceparent}, {@code hash}, {@code prevhash}, and {@code cursor} to resume from.
 */
final class CloudEvents {
  private final String source;

  /**
   * @param logId of the log the events come from
   */
  CloudEvents(String logId) {
    this.source = "/taffrail/" + logId + "/";
  }

  void append(Buffer lines, Delivery delivery) {
    ObjectNode json =
        delivery instanceof Delivery.Matched matched
            ? event(matched.event())
            : bookmark((Delivery.Bookmark) delivery);
    lines.appendString(line(json));
  }

  static String line(ObjectNode json) {
    try {
      return EventJson.mapper().writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot write JSON", e);
    }
  }

  /** Not an event: says where a reader is whose filter let nothing through. */
  private static ObjectNode bookmark(Delivery.Bookmark bookmark) {
    ObjectNode json = EventJson.mapper().createObjectNode();
    json.put("bookmark", bookmark.cursor().toString());
    json.put("live", bookmark.live());
    return json;
  }

  private ObjectNode event(LoggedEvent event) {
    EventHeader header = event.header();
    ObjectNode json = EventJson.mapper().createObjectNode();
    json.put("specversion", "1.0");
    json.put("id", Long.toString(header.sequence()));
    json.put("source", source + header.epoch());
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
}
