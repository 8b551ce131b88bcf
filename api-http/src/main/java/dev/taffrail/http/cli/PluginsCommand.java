package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taffrail plugins}. */
@Command(name = "plugins", description = "Lists the daemon's plugins.")
final class PluginsCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try (Remote remote = parent.connect()) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(row("PLUGIN", "TYPE", "STATE", "CALLS", "FAILURES", "ERROR"));
      for (JsonNode plugin : remote.get("/taffrail/v1/plugins").path("plugins")) {
        out.println(
            row(
                plugin.path("id").asText(),
                plugin.path("type").asText(),
                plugin.path("state").asText(),
                plugin.path("calls").asText(),
                plugin.path("failures").asText(),
                plugin.path("error").asText()));
      }
    }
    return 0;
  }

  private static String row(Object... cells) {
    return String.format(Locale.ROOT, "%-22s %-12s %-9s %10s %9s  %s", cells).stripTrailing();
  }
}
