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

/** {@code taffrail blame}. */
@Command(
    name = "blame",
    description = {
      "Prints who set each field of an object, or one: the event, and the request behind it.",
      "Other requests about the object between an event's cause and the event are shown too."
    },
    footer = {
      "",
      "Examples:",
      "  # who gave the container web its exit code",
      "  taffrail blame web exitCode"
    },
    sortOptions = false)
final class BlameCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;
  @Mixin private PastOptions past;

  @Parameters(
      index = "0",
      paramLabel = "OBJECT",
      description = "A container's name or id, or type/name, such as images/busybox")
  private String object;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FIELD",
      description = "task.pid or /task/pid; all fields when absent")
  private String field;

  @Option(names = "--at", paramLabel = "MOMENT", description = "As of this moment, not the head")
  private String at;

  @Option(names = "--row", description = "OBJECT is a single row, type/id")
  private boolean row;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    JsonNode answer =
        past.ask(
            parent,
            "blame/" + object,
            new PastOptions.Parameters().with("at", at).with("field", field).with("row", row));
    if (past.json()) {
      out.println(answer);
      return 0;
    }
    PastText text = new PastText(parent);
    out.println(
        text.subject(Words.shortened(answer.path("object").asText()))
            + " as of "
            + text.moment(answer.path("cursor")));
    String above = "";
    for (JsonNode line : answer.path("fields")) {
      String where = Words.row(line);
      if (!where.equals(above)) {
        out.println(text.heading(where));
        above = where;
      }
      print(out, text, line);
    }
    return 0;
  }

  private static void print(PrintWriter out, PastText text, JsonNode line) {
    String value = line.has("value") ? Words.value(line.path("value")) : "(gone)";
    out.println("  " + Words.field(line.path("field").asText()) + " = " + value);
    out.println(
        "      set by     "
            + (line.has("event")
                ? text.event(line.path("event"))
                : text.moment(line.path("sequence")) + "  (this event is not kept)"));
    if (line.has("root")) {
      out.println("      goes back  " + text.event(line.path("root")));
    }
    line.path("meanwhile").forEach(event -> out.println("      meanwhile  " + text.event(event)));
  }
}
