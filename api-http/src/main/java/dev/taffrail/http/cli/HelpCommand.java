package dev.taffrail.http.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taffrail help}. */
@Command(
    name = "help",
    description = "Prints the help of a command.",
    sortOptions = false,
    footer = {"", "Examples:", "  taffrail help events"})
final class HelpCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "Of all when it is left out")
  private String command;

  @Override
  public Integer call() {
    CommandLine all = spec.root().commandLine();
    CommandLine asked = command == null ? all : all.getSubcommands().get(command);
    if (asked == null) {
      throw new ParameterException(spec.commandLine(), "There is no command " + command);
    }
    asked.usage(parent.terminal().out(), all.getColorScheme());
    return 0;
  }
}
