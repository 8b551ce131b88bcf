package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The log of a container that exists has the lines of each run once and in order, and all of those
 * of a run that ended by itself.
 */
final class LogsAreWhole implements Invariant {
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    for (String id : after.containers().keySet()) {
      List<JsonNode> events = after.log().of(id);
      JsonNode labels = events.get(0).path("data").path("specification").path("labels");
      int lines = labels.path(Program.LINES).asInt();
      List<Integer> runs = new ArrayList<>();
      String text = text(after.api().get("/containers/" + id + "/logs?stdout=1&stderr=1").body());
      if (!split(text, runs)) {
        violations.add("Container " + id + ": lines are lost or doubled:\n" + text);
      }
      long started = count(events, "container.started");
      long whole = runs.stream().filter(last -> last == lines).count();
      long ended = endedByThemselves(events, labels.path(Program.EXIT_CODE).asInt());
      if (runs.size() > started || whole < ended) {
        violations.add(
            "Container " + id + ": " + started + " runs, " + ended + " whole, printed " + runs);
      }
    }
    return violations;
  }

  /** False when a line is no number, or not the next one; each run begins with 1. */
  private static boolean split(String text, List<Integer> lastLines) {
    for (String line : text.lines().toList()) {
      if (!NUMBER.matcher(line).matches()) {
        return false;
      }
      int number = Integer.parseInt(line);
      int last = lastLines.isEmpty() ? 0 : lastLines.get(lastLines.size() - 1);
      if (number == 1) {
        lastLines.add(1);
      } else if (number == last + 1) {
        lastLines.set(lastLines.size() - 1, number);
      } else {
        return false;
      }
    }
    return true;
  }

  private static long count(List<JsonNode> events, String type) {
    return events.stream().filter(event -> LogBook.typeOf(event).equals(type)).count();
  }

  private static long endedByThemselves(List<JsonNode> events, int code) {
    boolean told = false;
    long ended = 0;
    for (JsonNode event : events) {
      String type = LogBook.typeOf(event);
      if (type.equals("container.started")) {
        told = false;
      } else if (type.endsWith("-requested")) {
        told = true;
      } else if (type.equals("container.exited")
          && !told
          && event.path("data").path("exit").path("code").asInt(-1) == code) {
        ended++;
      }
    }
    return ended;
  }

  // Frames of a stream byte, three zeros and a length: Docker's multiplexed stream.
  private static String text(byte[] frames) {
    StringBuilder text = new StringBuilder();
    ByteBuffer rest = ByteBuffer.wrap(frames);
    while (rest.remaining() >= 8) {
      int length = rest.getInt(rest.position() + 4);
      rest.position(rest.position() + 8);
      byte[] payload = new byte[length];
      rest.get(payload);
      text.append(new String(payload, StandardCharsets.UTF_8));
    }
    return text.toString();
  }
}
