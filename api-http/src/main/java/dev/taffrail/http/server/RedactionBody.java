package dev.taffrail.http.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a request for a redaction says. What it destroys does not come back, so nothing in it is
 * guessed at or passed over.
 *
 * @param fields JSON pointers; empty for every text
 */
record RedactionBody(String reason, List<String> fields) {
  private static final ObjectReader STRICT =
      EventJson.mapper()
          .reader()
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  RedactionBody {
    fields = List.copyOf(fields);
  }

  /** INVALID_ARGUMENT for anything but a reason and, if any, an array of fields. */
  static RedactionBody read(byte[] body) {
    JsonNode json;
    try {
      json = STRICT.readTree(body);
    } catch (IOException e) {
      throw refused("it is not JSON", e);
    }
    if (!json.isObject()) {
      throw refused("it is no object", null);
    }
    String reason = "";
    List<String> fields = new ArrayList<>();
    for (Map.Entry<String, JsonNode> member : json.properties()) {
      switch (member.getKey()) {
        case "reason" -> reason = text(member.getValue(), "reason");
        case "fields" -> {
          if (!member.getValue().isArray()) {
            throw refused("fields is no array", null);
          }
          member.getValue().forEach(field -> fields.add(text(field, "fields")));
        }
        default -> throw refused("it has no member " + member.getKey(), null);
      }
    }
    if (reason.isBlank()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "A redaction needs a reason");
    }
    return new RedactionBody(reason, fields);
  }

  private static String text(JsonNode value, String name) {
    if (!value.isTextual()) {
      throw refused(name + " has what is no text: " + value, null);
    }
    return value.asText();
  }

  private static RuntimeFailure refused(String why, Throwable cause) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "Not a redaction, {\"reason\": …, \"fields\": [\"/pointer\", …]}: " + why,
        cause);
  }
}
