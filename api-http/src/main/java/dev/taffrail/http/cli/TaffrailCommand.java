package dev.taffrail.http.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code taffrail}. */
@Command(
    name = "taffrail",
    description = "Asks a Taffrail daemon.",
    subcommands = {
      EventsCommand.class,
      VerifyCommand.class,
      PluginsCommand.class,
      VersionCommand.class
    },
    sortOptions = false)
public final class TaffrailCommand implements Runnable {
  @Option(
      names = {"-H", "--host"},
      paramLabel = "URL",
      scope = CommandLine.ScopeType.INHERIT,
      defaultValue = "${env:TAFFRAIL_HOST:-unix:///run/taffrail/taffrail.sock}",
      description = "The daemon (default: $TAFFRAIL_HOST, or ${DEFAULT-VALUE})")
  private String host;

  @Option(
      names = "--help",
      usageHelp = true,
      scope = CommandLine.ScopeType.INHERIT,
      description = "Print this help and exit")
  @SuppressWarnings("unused") // picocli acts on it
  private boolean help;

  @Spec private CommandSpec spec;

  /** Exit code 0, 1 for what the daemon or a check refuses, 2 for wrong usage. */
  public static void main(String... arguments) {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    CommandLine line = new CommandLine(new TaffrailCommand()).setOut(out);
    int code = line.setExecutionExceptionHandler(TaffrailCommand::fail).execute(arguments);
    out.flush();
    // Not a return: threads of the client library would keep the process.
    System.exit(code);
  }

  private static int fail(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    command.getOut().flush();
    command.getErr().println("taffrail: " + Remote.message(e));
    return 1;
  }

  Remote connect() {
    return Remote.connect(host);
  }

  String host() {
    return host;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "taffrail: what shall I ask?");
  }
}
