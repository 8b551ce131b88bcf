package dev.taffrail.http.cli;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code taffrail}. */
@Command(
    name = "taffrail",
    description = "Asks a Taffrail daemon, or reads the log of a stopped one.",
    subcommands = {
      EventsCommand.class,
      StateCommand.class,
      HistoryCommand.class,
      BlameCommand.class,
      DiffCommand.class,
      TraceCommand.class,
      VerifyCommand.class,
      ReplayCommand.class,
      BisectCommand.class,
      TimelineCommand.class,
      RedactCommand.class,
      RebuildCommand.class,
      PluginsCommand.class,
      VersionCommand.class,
      CompletionCommand.class,
      HelpCommand.class
    },
    sortOptions = false,
    footer = {
      "",
      "Exit codes: 0 done; 1 refused, or a check says no; 2 wrong usage.",
      "",
      "Examples:",
      "  taffrail events --follow",
      "  taffrail help events",
      "  source <(taffrail completion bash)"
    })
public final class TaffrailCommand implements Runnable {
  private static final int REFUSED = 1;
  private static final int WRONG_USAGE = 2;

  private final Terminal terminal;

  @Option(
      names = {"-H", "--host"},
      paramLabel = "URL",
      scope = CommandLine.ScopeType.INHERIT,
      defaultValue = "${env:TAFFRAIL_HOST:-unix:///run/taffrail/taffrail.sock}",
      description = "The daemon (default: $TAFFRAIL_HOST, or its socket in /run/taffrail)")
  private String host;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      scope = CommandLine.ScopeType.INHERIT,
      defaultValue = "auto",
      description =
          "auto, always or never; auto: on a terminal, unless NO_COLOR is set or TERM is dumb")
  private Terminal.Colour colour;

  @Option(
      names = "--help",
      usageHelp = true,
      scope = CommandLine.ScopeType.INHERIT,
      description = "Print this help and exit")
  @SuppressWarnings("unused") // picocli acts on it
  private boolean help;

  @Spec private CommandSpec spec;

  TaffrailCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Exit code 0, 1 for what the daemon or a check refuses, 2 for wrong usage. */
  public static void main(String... arguments) {
    System.exit(run(Terminal.ofProcess(), arguments));
  }

  /** Runs the command to its end; never throws. */
  static int run(Terminal terminal, String... arguments) {
    int code;
    try {
      code = line(terminal).execute(arguments);
      terminal.out().flush();
    } catch (ClosedPipe e) {
      code = ClosedPipe.EXIT_CODE;
    } catch (Throwable e) {
      terminal.err().println("taffrail: " + Remote.message(e));
      code = REFUSED;
    }
    return code;
  }

  static CommandLine line(Terminal terminal) {
    return new CommandLine(new TaffrailCommand(terminal))
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setColorScheme(
            Help.defaultColorScheme(
                terminal.colours(Terminal.Colour.AUTO) ? Help.Ansi.ON : Help.Ansi.OFF))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(TaffrailCommand::fail)
        .setParameterExceptionHandler(TaffrailCommand::refuse);
  }

  private static int fail(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    if (e instanceof ClosedPipe) {
      return ClosedPipe.EXIT_CODE;
    }
    command.getOut().flush();
    if (e instanceof ParameterException usage) {
      return refuse(usage, new String[0]);
    }
    command.getErr().println("taffrail: " + Remote.message(e));
    return e instanceof RuntimeFailure failure && failure.kind() == Kind.INVALID_ARGUMENT
        ? WRONG_USAGE
        : REFUSED;
  }

  private static int refuse(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("taffrail: " + e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
    command.getErr().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    return WRONG_USAGE;
  }

  Remote connect() {
    return Remote.connect(host);
  }

  String host() {
    return host;
  }

  Terminal terminal() {
    return terminal;
  }

  /** {@code text} in a style, where there are colours. */
  String paint(Style style, String text) {
    return terminal.colours(colour) ? style.paint(text) : text;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "what shall I ask?");
  }
}
