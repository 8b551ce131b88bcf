package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.StoppedLog;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code taffrail verify}. */
@Command(
    name = "verify",
    description = {
      "Replays the log and compares: chain, sequences, history, index, beacons, state.",
      "Exit code 1, and the first bad sequence, when something does not verify."
    },
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  taffrail verify",
      "  taffrail verify --data-root /var/lib/taffrail",
      "  taffrail verify --json | jq .firstBad"
    })
final class VerifyCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "The data root of a stopped daemon, which is only read")
  private Path dataRoot;

  @Option(names = "--json", description = "The report as a JSON object")
  private boolean json;

  @Override
  public Integer call() {
    JsonNode report = dataRoot == null ? ask() : verify(dataRoot.resolve("log"));
    PrintWriter out = parent.terminal().out();
    boolean ok = report.path("ok").asBoolean();
    if (json) {
      out.println(report);
      return ok ? 0 : 1;
    }
    report.path("notes").forEach(note -> out.println("note: " + note.asText()));
    String log = "log " + report.path("logId").asText();
    String events = report.path("events").asText() + " events";
    if (ok) {
      JsonNode head = report.path("head");
      out.println(
          log
              + ": verified "
              + events
              + " up to "
              + head.path("epoch").asText()
              + "-"
              + head.path("sequence").asText());
      return 0;
    }
    report
        .path("problems")
        .forEach(problem -> out.println(parent.paint(Style.BAD, "bad: ") + problem.asText()));
    out.println(
        log
            + ": does not verify; first bad sequence: "
            + report.path("firstBad").asText("unknown"));
    return 1;
  }

  private static JsonNode verify(Path directory) {
    try (StoppedLog log = StoppedLog.open(directory, Families.catalogue())) {
      return EventJson.mapper().valueToTree(log.verify().join());
    }
  }

  private JsonNode ask() {
    try (Remote remote = parent.connect()) {
      return remote.post("/taffrail/v1/verify");
    }
  }
}
