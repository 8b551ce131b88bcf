package dev.taffrail.http.cli;

import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.VerifyReport;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code taffrail verify}. */
@Command(
    name = "verify",
    description = {
      "Replays the log and compares: chain, sequences, history, index, beacons, state. Starts from",
      "the last beacon, a hash of the state that the log keeps every 1,024 events; with --full from",
      "the oldest event.",
      "Exit code 1, and the first bad sequence, when something does not verify."
    },
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  taffrail verify",
      "  taffrail verify --full --data-root /var/lib/taffrail",
      "  taffrail verify --json | jq .firstBad"
    })
final class VerifyCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;
  @Mixin private LogOptions log;

  @Option(names = "--full", description = "Every event, and all that is derived from them")
  private boolean full;

  @Option(names = "--json", description = "The report as a JSON object")
  private boolean json;

  @Override
  public Integer call() {
    VerifyReport report = log.read(this::verify);
    PrintWriter out = parent.terminal().out();
    if (json) {
      out.println(new String(EventJson.write(report), StandardCharsets.UTF_8));
    } else {
      print(out, report);
    }
    return report.ok() ? 0 : 1;
  }

  private VerifyReport verify(ReadableLog readable) {
    return (full ? readable.verify() : readable.verifyRecent()).join();
  }

  private void print(PrintWriter out, VerifyReport report) {
    report.notes().forEach(note -> out.println("note: " + note));
    report.problems().forEach(problem -> out.println(parent.paint(Style.BAD, "bad: ") + problem));
    String log = "log " + report.logId() + ": ";
    if (report.ok()) {
      out.println(
          log
              + "verified "
              + report.events()
              + " events from "
              + report.from()
              + " up to "
              + report.head());
    } else {
      out.println(
          log
              + "does not verify; first bad sequence: "
              + report.firstBad().map(Object::toString).orElse("unknown"));
    }
  }
}
