package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.regex.Pattern;

/** Answers in the words of people: times to the millisecond, long ids and values cut. */
final class Words {
  private static final Pattern LONG_ID = Pattern.compile("([0-9a-f]{12})[0-9a-f]{20,}");
  private static final Pattern TYPE = Pattern.compile("dev\\.taffrail\\.(.+)\\.v[0-9]+");
  private static final int VALUE = 100;
  private static final int MILLIS = 23;

  private Words() {}

  /** {@code 2026-01-31 03:12:00.123}, in UTC. */
  static String time(JsonNode event) {
    String time = event.path("time").asText();
    return time.length() < MILLIS ? time : time.substring(0, MILLIS).replace('T', ' ');
  }

  /** {@code container.exited} of {@code dev.taffrail.container.exited.v1}. */
  static String type(JsonNode event) {
    String type = event.path("type").asText();
    var known = TYPE.matcher(type);
    return known.matches() ? known.group(1) : type;
  }

  /** Ids of more than twelve digits are cut to that, as Docker does. */
  static String shortened(String text) {
    return LONG_ID.matcher(text).replaceAll("$1");
  }

  /** {@code uid 0, pid 77: docker kill web}; {@code containers} for a part of the daemon. */
  static String actor(JsonNode actor) {
    if (actor.has("component")) {
      return "the daemon (" + actor.path("component").asText() + ")";
    }
    if (actor.has("tlsSubject")) {
      return actor.path("tlsSubject").asText();
    }
    return "uid "
        + actor.path("uid").asText()
        + ", pid "
        + actor.path("pid").asText()
        + (actor.has("command") ? ": " + actor.path("command").asText() : "");
  }

  static String value(JsonNode value) {
    return cut(shortened(value.toString()));
  }

  static String cut(String text) {
    return text.length() <= VALUE ? text : text.substring(0, VALUE - 1) + "…";
  }

  /** {@code task.pid} of {@code /task/pid}. */
  static String field(String pointer) {
    return pointer.isEmpty()
        ? "(all of it)"
        : pointer.substring(1).replace('/', '.').replace("~1", "/").replace("~0", "~");
  }

  /** {@code containers/4f2a…}, with the namespace unless it is {@code default}. */
  static String row(JsonNode row) {
    String namespace = row.path("namespace").asText();
    return shortened(
        row.path("type").asText()
            + "/"
            + (namespace.equals("default") ? "" : namespace + "/")
            + row.path("id").asText());
  }

  /** Every leaf of a value, {@code name value}. */
  static void leaves(String name, JsonNode value, Leaf leaf) {
    if (value.isObject() && !value.isEmpty()) {
      for (Map.Entry<String, JsonNode> member : value.properties()) {
        leaves(
            name.isEmpty() ? member.getKey() : name + "." + member.getKey(),
            member.getValue(),
            leaf);
      }
    } else {
      leaf.accept(name, value);
    }
  }

  /** Gets a leaf. */
  @FunctionalInterface
  interface Leaf {
    void accept(String name, JsonNode value);
  }
}
