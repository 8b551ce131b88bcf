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
    private String sequence;
    private String epoch;
    private String time;
    private String type;
    private String namespace;
    private String subject;
    private String subjectSequence;
    private String correlation;
    private String cause;
    private Actor actor;
    private String traceparent;
    private String idempotencyKey;
    private String position;
    private String count;

    Members(JsonParser json) throws IOException {
      this.json = json;
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("it is no JSON object");
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        if (json.nextToken() == JsonToken.START_OBJECT && name.equals("actor")) {
          actor = readActor();
        } else if (json.currentToken().isScalarValue()) {
          set(name, json.getText());
        } else {
          json.skipChildren();
        }
      }
      if (json.nextToken() != null) {
        throw new IllegalArgumentException("something follows its end");
      }
    }

    private void set(String name, String text) {
      switch (name) {
        case "sequence" -> sequence = text;
        case "epoch" -> epoch = text;
        case "time" -> time = text;
        case "type" -> type = text;
        case "namespace" -> namespace = text;
        case "subject" -> subject = text;
        case "subjectSequence" -> subjectSequence = text;
        case "correlation" -> correlation = text;
        case "cause" -> cause = text;
        case "traceparent" -> traceparent = text;
        case "idempotencyKey" -> idempotencyKey = text;
        case "position" -> position = text;
        case "count" -> count = text;
        default -> {
          // Readers pass over what later releases add.
        }
      }
    }

    private Actor readActor() throws IOException {
      Optional<Long> uid = Optional.empty();
      Optional<Long> gid = Optional.empty();
      Optional<Long> pid = Optional.empty();
      Optional<String> command = Optional.empty();
      Optional<String> tlsSubject = Optional.empty();
      Optional<String> component = Optional.empty();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        if (json.nextToken().isScalarValue()) {
          String text = json.getText();
          switch (name) {
            case "uid" -> uid = Optional.of(Long.valueOf(text));
            case "gid" -> gid = Optional.of(Long.valueOf(text));
            case "pid" -> pid = Optional.of(Long.valueOf(text));
            case "command" -> command = Optional.of(text);
            case "tlsSubject" -> tlsSubject = Optional.of(text);
            case "component" -> component = Optional.of(text);
            default -> {
              // As above.
            }
          }
        } else {
          json.skipChildren();
        }
      }
      return new Actor(uid, gid, pid, command, tlsSubject, component);
    }

    EventHeader header() {
      if (actor == null) {
        throw new IllegalArgumentException("it has no actor");
      }
      return new EventHeader(
          Long.parseLong(found("sequence", sequence)),
          Integer.parseInt(found("epoch", epoch)),
          Keys.instant(Long.parseLong(found("time", time))),
          found("type", type),
          subject(),
          Long.parseLong(found("subjectSequence", subjectSequence)),
          found("correlation", correlation),
          cause == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(cause)),
          actor,
          Optional.ofNullable(traceparent),
          Optional.ofNullable(idempotencyKey),
          Integer.parseInt(found("position", position)),
          Integer.parseInt(found("count", count)));
    }

    private Subject subject() {
      String name = found("subject", subject);
      int slash = name.indexOf('/');
      if (slash < 0) {
        throw new IllegalArgumentException("its subject has no type: " + name);
      }
      return new Subject(
          found("namespace", namespace), name.substring(0, slash), name.substring(slash + 1));
    }

    private static String found(String name, String text) {
      if (text == null) {
        throw new IllegalArgumentException("it has no " + name);
      }
      return text;
    }
  }
}
