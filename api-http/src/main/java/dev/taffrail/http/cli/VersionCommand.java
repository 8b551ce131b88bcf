package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taffrail version}. */
@Command(name = "version", description = "Prints the version of the daemon.")
final class VersionCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try (Remote remote = parent.connect()) {
      JsonNode health = remote.get("/taffrail/v1/health");
      PrintWriter out = spec.commandLine().getOut();
      out.println("taffraild " + health.path("version").asText() + " at " + parent.host());
      out.println("log head  " + health.path("head").asText());
    }
    return 0;
  }
}
