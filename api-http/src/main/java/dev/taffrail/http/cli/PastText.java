package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.BiFunction;

/** Answers about the past as people read them, in colours where there are any. */
final class PastText {
  private final BiFunction<Style, String, String> paint;

  PastText(TaffrailCommand command) {
    this.paint = command::paint;
  }

  /** An event in one line. */
  String event(JsonNode event) {
    return moment(event.path("cursor"))
        + "  "
        + time(event)
        + "  "
        + type(event)
        + "  by "
        + Words.actor(event.path("actor"));
  }

  /** A cursor or a sequence. */
  String moment(JsonNode cursor) {
    return paint.apply(Style.CURSOR, cursor.asText());
  }

  String time(JsonNode event) {
    return paint.apply(Style.TIME, Words.time(event));
  }

  String type(JsonNode event) {
    return paint.apply(Style.TYPE, Words.type(event));
  }

  /** What the lines below are about. */
  String subject(String name) {
    return paint.apply(Style.SUBJECT, name);
  }

  String heading(String words) {
    return paint.apply(Style.HEADING, words);
  }

  String detail(JsonNode value) {
    return paint.apply(Style.DETAIL, Words.value(value));
  }

  /** {@code phase: "running" -> "exited"}. */
  String change(JsonNode operation) {
    String path = operation.path("path").asText();
    String name = path.isEmpty() ? "" : Words.field(path) + ": ";
    String value = Words.value(operation.path("value"));
    String was = Words.value(operation.path("was"));
    return switch (operation.path("op").asText()) {
      case "add" -> paint.apply(Style.ADDED, "+ " + name + value);
      case "remove" -> paint.apply(Style.REMOVED, "- " + name + was);
      default ->
          "~ " + name + paint.apply(Style.REMOVED, was) + " -> " + paint.apply(Style.ADDED, value);
    };
  }
}
