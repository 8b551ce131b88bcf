package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taffrail state}. */
@Command(
    name = "state",
    description = "Prints the state as it is, or as it was at a moment.",
    subcommands = {StateCommand.Ls.class, StateCommand.Get.class},
    footer = {
      "",
      "Examples:",
      "  # the status of the container web before event 15",
      "  taffrail state get containers web --at 14"
    },
    sortOptions = false)
final class StateCommand implements Runnable {
  private static final String AT =
      "As of a cursor, a sequence, or a time such as 2026-01-31T03:12:00Z; the head when absent";

  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "taffrail state: ls or get?");
  }

  /** {@code taffrail state ls}. */
  @Command(
      name = "ls",
      description = "Lists the types of state, or the rows of one.",
      footer = {
        "",
        "Examples:",
        "  # all containers at midnight",
        "  taffrail state ls containers --at 2026-01-31T00:00:00Z"
      },
      sortOptions = false)
  static final class Ls implements Callable<Integer> {
    @ParentCommand private StateCommand state;
    @Spec private CommandSpec spec;
    @Mixin private PastOptions past;

    @Parameters(arity = "0..1", paramLabel = "TYPE", description = "All types when absent")
    private String type;

    @Option(names = "--at", paramLabel = "MOMENT", description = AT)
    private String at;

    @Option(names = "--namespace", paramLabel = "NAME", description = "Only this namespace")
    private String namespace;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      JsonNode answer =
          past.ask(
              state.parent,
              type == null ? "state" : "state/" + type,
              new PastOptions.Parameters().with("at", at).with("namespace", namespace));
      if (past.json()) {
        out.println(answer);
        return 0;
      }
      PastText text = new PastText(state.parent);
      out.println("as of " + text.moment(answer.path("cursor")));
      answer.path("types").forEach(name -> out.println(name.asText()));
      if (type != null) {
        out.println(text.heading(row("NAMESPACE", "ID", "CHANGED", "VALUE")));
        for (JsonNode row : answer.path("rows")) {
          out.println(
              row(
                  row.path("namespace").asText(),
                  Words.shortened(row.path("id").asText()),
                  row.path("sequence").asText(),
                  Words.value(row.path("value"))));
        }
      }
      return 0;
    }

    private static String row(Object... cells) {
      return String.format(Locale.ROOT, "%-10s %-28s %8s  %s", cells).stripTrailing();
    }
  }

  /** {@code taffrail state get}. */
  @Command(
      name = "get",
      description = "Prints one row, field by field.",
      footer = {
        "",
        "Examples:",
        "  # what the container web was made from, though it is gone",
        "  taffrail state get container_specifications web --at 1-20"
      },
      sortOptions = false)
  static final class Get implements Callable<Integer> {
    @ParentCommand private StateCommand state;
    @Spec private CommandSpec spec;
    @Mixin private PastOptions past;

    @Parameters(index = "0", paramLabel = "TYPE", description = "As state ls lists them")
    private String type;

    @Parameters(
        index = "1",
        paramLabel = "ID",
        description = "Or the name of a container or an image, or how an id begins")
    private String id;

    @Option(names = "--at", paramLabel = "MOMENT", description = AT)
    private String at;

    @Option(names = "--namespace", paramLabel = "NAME", description = "Not that of Docker's API")
    private String namespace;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      JsonNode answer =
          past.ask(
              state.parent,
              "state/" + type + "/" + id,
              new PastOptions.Parameters().with("at", at).with("namespace", namespace));
      if (past.json()) {
        out.println(answer);
        return 0;
      }
      PastText text = new PastText(state.parent);
      out.println(
          text.subject(Words.row(answer))
              + " as of "
              + text.moment(answer.path("cursor"))
              + ", last changed by "
              + text.moment(answer.path("sequence")));
      Words.leaves(
          "",
          answer.path("value"),
          (name, value) -> out.println("  " + name + " = " + Words.value(value)));
      return 0;
    }
  }
}
