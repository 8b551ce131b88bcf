package dev.taffrail.http.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.log.CloudEventJson;
import dev.taffrail.core.log.Delivery;
import io.vertx.core.buffer.Buffer;

/** Events as {@link CloudEventJson} writes them, and bookmarks, one a line. */
final class CloudEvents {
  private final String logId;

  /**
   * @param logId of the log the events come from
   */
  CloudEvents(String logId) {
    this.logId = logId;
  }

  void append(Buffer lines, Delivery delivery) {
    ObjectNode json =
        delivery instanceof Delivery.Matched matched
            ? CloudEventJson.write(logId, matched.event())
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
}
