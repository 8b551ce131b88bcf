package dev.taffrail.core.log;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Actor;
import dev.taffrail.core.event.Subject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
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
    try (JsonParser json = FACTORY.createParser(bytes)) {
      return new Members(json).header();
    } catch (IOException | IllegalArgumentException e) {
      throw new RuntimeFailure(
          Kind.DATA_LOSS, "The header of an event cannot be read: " + e.getMessage(), e);
    }
  }

  /** What one pass over a header has found; a replay reads every header there is. */
  private static final class Members {
    private final JsonParser json;
    private final Map<String, String> texts = new HashMap<>();
    private Actor actor;

    Members(JsonParser json) throws IOException {
      this.json = json;
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("it is no JSON object");
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        if (json.nextToken() == JsonToken.START_OBJECT && name.equals("actor")) {
          actor = readActor();
        } else if (json.currentToken().isScalarValue()) {
          texts.put(name, json.getText());
        } else {
          json.skipChildren();
        }
      }
      if (json.nextToken() != null) {
        throw new IllegalArgumentException("something follows its end");
      }
    }

    private Actor readActor() throws IOException {
      Map<String, String> members = new HashMap<>();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        if (json.nextToken().isScalarValue()) {
          members.put(name, json.getText());
        } else {
          json.skipChildren();
        }
      }
      return new Actor(
          Optional.ofNullable(members.get("uid")).map(Long::valueOf),
          Optional.ofNullable(members.get("gid")).map(Long::valueOf),
          Optional.ofNullable(members.get("pid")).map(Long::valueOf),
          Optional.ofNullable(members.get("command")),
          Optional.ofNullable(members.get("tlsSubject")),
          Optional.ofNullable(members.get("component")));
    }

    EventHeader header() {
      if (actor == null) {
        throw new IllegalArgumentException("it has no actor");
      }
      return new EventHeader(
          Long.parseLong(text("sequence")),
          Integer.parseInt(text("epoch")),
          Keys.instant(Long.parseLong(text("time"))),
          text("type"),
          Subject.parse(text("namespace") + "/" + text("subject")),
          Long.parseLong(text("subjectSequence")),
          text("correlation"),
          texts.containsKey("cause")
              ? OptionalLong.of(Long.parseLong(text("cause")))
              : OptionalLong.empty(),
          actor,
          Optional.ofNullable(texts.get("traceparent")),
          Optional.ofNullable(texts.get("idempotencyKey")),
          Integer.parseInt(text("position")),
          Integer.parseInt(text("count")));
    }

    private String text(String name) {
      String text = texts.get(name);
      if (text == null) {
        throw new IllegalArgumentException("it has no " + name);
      }
      return text;
    }
  }
}
