package dev.taffrail.http.cli;

import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventLogs;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code taffrail rebuild}. */
@Command(
    name = "rebuild",
    description = {
      "Derives state, history, index and beacons from the events again, beside the log, and swaps.",
      "The daemon must be stopped. A rebuild that was interrupted goes on."
    },
    sortOptions = false,
    footer = {"", "Examples:", "  taffrail rebuild --data-root /var/lib/taffrail"})
final class RebuildCommand implements Callable<Integer> {
  private static final long TELL_EVERY = 100_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--data-root",
      required = true,
      paramLabel = "DIR",
      description = "The data root of a stopped daemon")
  private Path dataRoot;

  @Option(names = "--json", description = "A JSON object a line: progress, then what was done")
  private boolean json;

  private long told;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    LogSettings settings =
        new LogSettings(
            dataRoot.resolve("log"),
            LogMode.DURABLE,
            RebuildCommand::epochNanos,
            new SecureRandom(),
            1,
            1,
            1);
    Cursor last =
        EventLogs.rebuild(settings, Families.catalogue(), sequence -> progress(out, sequence));
    out.println(json ? object("rebuilt", last.toString()) : "rebuilt, as event " + last + " tells");
    return 0;
  }

  private void progress(PrintWriter out, long sequence) {
    if (sequence - told >= TELL_EVERY) {
      told = sequence;
      out.println(json ? object("event", Long.toString(sequence)) : "event " + sequence);
      out.flush();
    }
  }

  private static String object(String name, String value) {
    return EventJson.mapper().createObjectNode().put(name, value).toString();
  }

  private static long epochNanos() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }
}
