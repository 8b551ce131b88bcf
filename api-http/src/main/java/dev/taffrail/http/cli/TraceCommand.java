package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taffrail trace}. */
@Command(
    name = "trace",
    description = {
      "Prints the request behind an event and all that came of it, as a tree of causes.",
      "Other requests about the same object between a cause and its effect are shown too."
    },
    footer = {"", "Examples:", "  # how event 15 came about", "  taffrail trace 15"},
    sortOptions = false)
final class TraceCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;
  @Mixin private PastOptions past;

  @Parameters(paramLabel = "EVENT", description = "Its cursor or its sequence")
  private String event;

  private PastText text;
  private String asked;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    JsonNode answer = past.ask(parent, "trace/" + event, new PastOptions.Parameters());
    if (past.json()) {
      out.println(answer);
      return 0;
    }
    text = new PastText(parent);
    asked = answer.path("asked").asText();
    out.println(
        text.heading("request")
            + " "
            + answer.path("correlation").asText()
            + " by "
            + Words.actor(answer.path("actor")));
    tree(out, "", answer.path("events"));
    if (!answer.path("complete").asBoolean()) {
      out.println("(there is more; the tree is cut here)");
    }
    return 0;
  }

  private void tree(PrintWriter out, String indent, JsonNode nodes) {
    int left = nodes.size();
    for (JsonNode node : nodes) {
      left--;
      boolean last = left == 0;
      String below = indent + (last ? "   " : "│  ");
      out.println(indent + (last ? "└─ " : "├─ ") + line(node));
      if (!node.path("data").isEmpty()) {
        String stem = node.path("effects").isEmpty() ? "      " : "│     ";
        out.println(below + stem + text.detail(node.path("data")));
      }
      for (JsonNode other : node.path("meanwhile")) {
        String stem = node.path("effects").isEmpty() ? "   " : "│  ";
        out.println(below + stem + "meanwhile  " + text.event(other));
      }
      tree(out, below, node.path("effects"));
    }
  }

  private String line(JsonNode node) {
    String cursor = node.path("cursor").asText();
    return text.moment(node.path("cursor"))
        + "  "
        + text.time(node)
        + "  "
        + text.type(node)
        + "  "
        + text.subject(Words.shortened(node.path("subject").asText()))
        + (cursor.endsWith("-" + asked) ? text.heading("  <- asked for") : "");
  }
}
