package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code taffrail plugins}. */
@Command(
    name = "plugins",
    description = "Lists the daemon's plugins.",
    sortOptions = false,
    footer = {"", "Examples:", "  taffrail plugins", "  taffrail plugins --json | jq -r .[].id"})
final class PluginsCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;

  @Option(names = "--json", description = "A JSON array")
  private boolean json;

  @Override
  public Integer call() {
    try (Remote remote = parent.connect()) {
      PrintWriter out = parent.terminal().out();
      JsonNode plugins = remote.get("/taffrail/v1/plugins").path("plugins");
      if (json) {
        out.println(plugins);
        return 0;
      }
      out.println(row("PLUGIN", "TYPE", "STATE", "CALLS", "FAILURES", "ERROR"));
      for (JsonNode plugin : plugins) {
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
