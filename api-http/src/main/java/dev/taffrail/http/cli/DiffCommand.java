package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taffrail diff}. */
@Command(
    name = "diff",
    description = "Prints how the state differs between two moments.",
    footer = {
      "",
      "Examples:",
      "  # what changed about containers since noon",
      "  taffrail diff --type containers 2026-01-31T12:00:00Z"
    },
    sortOptions = false)
final class DiffCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;
  @Mixin private PastOptions past;

  @Parameters(
      index = "0",
      paramLabel = "FROM",
      description = "A cursor, a sequence, or a time such as 2026-01-31T03:12:00Z")
  private String from;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "TO",
      description = "The same; the head when absent")
  private String to;

  @Option(names = "--object", paramLabel = "OBJECT", description = "Only this object's rows")
  private String object;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "Only rows of this type, or changed by events about it")
  private String type;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    JsonNode answer =
        past.ask(
            parent,
            "diff",
            new PastOptions.Parameters()
                .with("from", from)
                .with("to", to)
                .with("object", object)
                .with("type", type));
    if (past.json()) {
      out.println(answer);
      return 0;
    }
    JsonNode rows = answer.path("rows");
    PastText text = new PastText(parent);
    out.println(
        text.moment(answer.path("from"))
            + " to "
            + text.moment(answer.path("to"))
            + ": "
            + (rows.isEmpty() ? "no difference" : rows.size() + " rows differ"));
    for (JsonNode row : rows) {
      out.println(
          text.subject(Words.row(row))
              + "  (last changed by "
              + text.moment(row.path("sequence"))
              + ")");
      row.path("patch").forEach(operation -> out.println("  " + text.change(operation)));
    }
    return 0;
  }
}
