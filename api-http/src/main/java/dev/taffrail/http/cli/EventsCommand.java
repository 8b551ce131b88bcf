package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code taffrail events}. */
@Command(
    name = "events",
    description = "Prints the log, from the oldest event to the head.",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  taffrail events --follow --type 'dev.taffrail.container.*'",
      "  taffrail events --subject 'default/containers/4f2a*'",
      "  taffrail events --from 1-2048 --json | jq .type"
    })
final class EventsCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;

  @Option(names = "--from", paramLabel = "CURSOR", description = "Only what came after it")
  private String from;

  @Option(names = "--follow", description = "Go on with what comes")
  private boolean follow;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "Only this type, or, with a final *, those that begin so; may be repeated")
  private List<String> types = List.of();

  @Option(
      names = "--subject",
      paramLabel = "SUBJECT",
      description = "Only this namespace/type/id, or, with a final *, those that begin so")
  private List<String> subjects = List.of();

  @Option(names = "--json", description = "One CloudEvent a line")
  private boolean json;

  @Override
  public Integer call() {
    StringBuilder path = new StringBuilder("/taffrail/v1/events?follow=" + (follow ? 1 : 0));
    if (from != null) {
      path.append("&from=").append(encode(from));
    }
    types.forEach(type -> path.append("&type=").append(encode(type)));
    subjects.forEach(subject -> path.append("&subject=").append(encode(subject)));
    PrintWriter out = parent.terminal().out();
    try (Remote remote = parent.connect()) {
      remote.lines(path.toString(), line -> print(out, line));
    }
    return 0;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private void print(PrintWriter out, String line) {
    JsonNode event = parse(line);
    if (event.has("bookmark")) {
      return;
    }
    out.println(json ? line : describe(event));
    if (follow) {
      out.flush();
    }
  }

  private static JsonNode parse(String line) {
    try {
      return EventJson.mapper().readTree(line);
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Not an event: " + line, e);
    }
  }

  private String describe(JsonNode event) {
    return parent.paint(Style.CURSOR, event.path("cursor").asText())
        + " "
        + parent.paint(Style.TIME, event.path("time").asText())
        + " "
        + parent.paint(Style.TYPE, event.path("type").asText())
        + " "
        + event.path("subject").asText()
        + " "
        + parent.paint(
            Style.DETAIL, event.has("data") ? event.get("data").toString() : "(redacted)");
  }
}
