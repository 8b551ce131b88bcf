package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code taffrail version}. */
@Command(
    name = "version",
    description = "Prints the version of the daemon.",
    sortOptions = false,
    footer = {"", "Examples:", "  taffrail version", "  taffrail version --json"})
final class VersionCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;

  @Option(names = "--json", description = "A JSON object")
  private boolean json;

  @Override
  public Integer call() {
    try (Remote remote = parent.connect()) {
      JsonNode health = remote.get("/taffrail/v1/health");
      PrintWriter out = parent.terminal().out();
      if (json) {
        out.println(health);
        return 0;
      }
      out.println("taffraild " + health.path("version").asText() + " at " + parent.host());
      out.println("log head  " + health.path("head").asText());
    }
    return 0;
  }
}
