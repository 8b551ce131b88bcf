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

/** {@code taffrail history}. */
@Command(
    name = "history",
    description = "Prints what happened to an object, event by event: what changed, when, by whom.",
    footer = {
      "",
      "Examples:",
      "  # what happened to the container web, which may be gone",
      "  taffrail history web"
    },
    sortOptions = false)
final class HistoryCommand implements Callable<Integer> {
  private static final int PAGE = 1000;

  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;
  @Mixin private PastOptions past;

  @Parameters(
      paramLabel = "OBJECT",
      description = "A container's name or id, or type/name, such as images/busybox")
  private String object;

  @Option(names = "--at", paramLabel = "MOMENT", description = "Up to this moment, not the head")
  private String at;

  @Option(names = "--from", paramLabel = "MOMENT", description = "Only what came after it")
  private String from;

  @Option(names = "--row", description = "OBJECT is a single row, type/id")
  private boolean row;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    JsonNode answer = ask(from);
    if (!past.json()) {
      out.println(new PastText(parent).subject(Words.shortened(answer.path("object").asText())));
    }
    print(out, answer);
    while (answer.has("next")) {
      answer = ask(answer.path("next").asText());
      print(out, answer);
    }
    return 0;
  }

  private JsonNode ask(String after) {
    return past.ask(
        parent,
        "history/" + object,
        new PastOptions.Parameters()
            .with("at", at)
            .with("from", after)
            .with("row", row)
            .with("limit", PAGE));
  }

  private void print(PrintWriter out, JsonNode answer) {
    if (past.json()) {
      out.println(answer);
      return;
    }
    PastText text = new PastText(parent);
    for (JsonNode entry : answer.path("entries")) {
      JsonNode event = entry.path("event");
      out.println(
          entry.has("event")
              ? text.event(event)
              : text.moment(entry.path("sequence"))
                  + "  (this event is not kept; what it left is)");
      for (JsonNode change : entry.path("changes")) {
        for (JsonNode operation : change.path("patch")) {
          out.println("    " + change.path("type").asText() + "  " + text.change(operation));
        }
      }
      if (entry.path("changes").isEmpty() && !event.path("data").isEmpty()) {
        out.println("    " + text.detail(event.path("data")));
      }
    }
  }
}
