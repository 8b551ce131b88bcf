package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Each run has one start and one end, with the code the program ended with. */
final class OneExitPerRun implements Invariant {
  private static final Set<Integer> BY_SIGNAL = Set.of(137, 143);
  private static final int UNKNOWN = 255;

  @Override
  public List<String> violations(Aftermath after) {
    List<String> violations = new ArrayList<>();
    for (String id : after.log().containers()) {
      String phase =
          after.containers().containsKey(id)
              ? after.containers().get(id).path("phase").asText()
              : "gone";
      String found = new Life(after.log().of(id)).read(phase);
      if (!found.isEmpty()) {
        violations.add("Container " + id + ": " + found);
      }
    }
    return violations;
  }

  /** One container's events, in order. */
  private static final class Life {
    private final List<JsonNode> events;
    private final Set<Integer> runs = new HashSet<>();
    private boolean starting;
    private boolean running;
    private boolean told;
    private boolean monitored;

    Life(List<JsonNode> events) {
      this.events = events;
    }

    /** What is wrong, or nothing. */
    String read(String phase) {
      int exitCode = exitCode();
      for (JsonNode event : events) {
        String wrong = follow(event, exitCode);
        if (!wrong.isEmpty()) {
          return wrong + ": " + event;
        }
      }
      if (running != phase.equals("running")) {
        return "the log says " + (running ? "running" : "not running") + ", the state " + phase;
      }
      return "";
    }

    private int exitCode() {
      return events
          .get(0)
          .path("data")
          .path("specification")
          .path("labels")
          .path(Program.EXIT_CODE)
          .asInt();
    }

    // Without a monitor only a daemon that lived through the end knows the code.
    private boolean isTrue(JsonNode exit, int exitCode) {
      int code = exit.path("code").asInt(-1);
      String reason = exit.path("reason").asText();
      return monitored
          ? reason.equals("exited") && (code == exitCode || (told && BY_SIGNAL.contains(code)))
          : (reason.equals("monitor_lost") && BY_SIGNAL.contains(code))
              || (reason.equals("unknown") && code == UNKNOWN);
    }

    private String follow(JsonNode event, int exitCode) {
      JsonNode data = event.path("data");
      switch (LogBook.typeOf(event)) {
        case "container.starting" -> {
          if (starting || running || !runs.add(data.path("run").asInt())) {
            return "a second start of a run";
          }
          starting = true;
        }
        case "container.started" -> {
          if (!starting) {
            return "started without an intent";
          }
          starting = false;
          running = true;
          told = false;
          monitored = true;
        }
        case "container.start-failed" -> {
          if (!starting) {
            return "a start failed that was not intended";
          }
          starting = false;
        }
        case "container.stop-requested",
            "container.restart-requested",
            "container.kill-requested" ->
            told = true;
        case "container.monitor-lost" -> monitored = false;
        case "container.exited" -> {
          if (!running) {
            return "a second exit of a run";
          }
          running = false;
          if (!isTrue(data.path("exit"), exitCode)) {
            return "not the true exit code, " + exitCode;
          }
        }
        default -> {}
      }
      return "";
    }
  }
}
