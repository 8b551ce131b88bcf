package dev.taffrail.core.log;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Actor;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Subject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Headers as stored: a JSON object, absent members omitted, u64 as strings, the time in nanoseconds
 * since the epoch. Readers keep the stored bytes; they are never written again.
 */
final class HeaderCodec {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final int USUAL_SIZE = 512;

  private HeaderCodec() {}

  static byte[] write(EventHeader header) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(USUAL_SIZE);
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("sequence", Long.toString(header.sequence()));
      json.writeNumberField("epoch", header.epoch());
      json.writeStringField("time", Long.toString(Keys.nanos(header.time())));
      json.writeStringField("type", header.type());
      json.writeStringField("namespace", header.subject().namespace());
      json.writeStringField("subject", header.subject().type() + "/" + header.subject().id());
      json.writeStringField("subjectSequence", Long.toString(header.subjectSequence()));
      json.writeStringField("correlation", header.correlationId());
      if (header.cause().isPresent()) {
        json.writeStringField("cause", Long.toString(header.cause().getAsLong()));
      }
      writeActor(json, header.actor());
      write(json, "traceparent", header.traceparent());
      write(json, "idempotencyKey", header.idempotencyKey());
      json.writeNumberField("position", header.position());
      json.writeNumberField("count", header.count());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory failed", e);
    }
    return out.toByteArray();
  }

  private static void writeActor(JsonGenerator json, Actor actor) throws IOException {
    json.writeObjectFieldStart("actor");
    write(json, "uid", actor.uid().map(String::valueOf));
    write(json, "gid", actor.gid().map(String::valueOf));
    write(json, "pid", actor.pid().map(String::valueOf));
    write(json, "command", actor.command());
    write(json, "tlsSubject", actor.tlsSubject());
    write(json, "component", actor.component());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, Optional<String> value)
      throws IOException {
    if (value.isPresent()) {
      json.writeStringField(name, value.get());
    }
  }

  /** DATA_LOSS when {@code bytes} are not a header. */
  static EventHeader read(byte[] bytes) {
    try {
      JsonNode json = EventJson.mapper().readTree(bytes);
      return new EventHeader(
          number(json, "sequence"),
          json.required("epoch").intValue(),
          Keys.instant(number(json, "time")),
          text(json, "type"),
          Subject.parse(text(json, "namespace") + "/" + text(json, "subject")),
          number(json, "subjectSequence"),
          text(json, "correlation"),
          json.has("cause") ? OptionalLong.of(number(json, "cause")) : OptionalLong.empty(),
          actor(json.required("actor")),
          optional(json, "traceparent"),
          optional(json, "idempotencyKey"),
          json.required("position").intValue(),
          json.required("count").intValue());
    } catch (IOException | IllegalArgumentException e) {
      throw new RuntimeFailure(
          Kind.DATA_LOSS, "The header of an event cannot be read: " + e.getMessage(), e);
    }
  }

  private static Actor actor(JsonNode json) {
    return new Actor(
        optional(json, "uid").map(Long::valueOf),
        optional(json, "gid").map(Long::valueOf),
        optional(json, "pid").map(Long::valueOf),
        optional(json, "command"),
        optional(json, "tlsSubject"),
        optional(json, "component"));
  }

  private static long number(JsonNode json, String name) {
    return Long.parseLong(text(json, name));
  }

  private static String text(JsonNode json, String name) {
    return json.required(name).textValue();
  }

  private static Optional<String> optional(JsonNode json, String name) {
    return Optional.ofNullable(json.get(name)).map(JsonNode::textValue);
  }
}
