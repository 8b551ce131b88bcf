package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.log.CloudEventJson;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.Page;
import dev.taffrail.core.log.ReadableLog;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

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
      "  taffrail events --from 1-2048 --json | jq .type",
      "  taffrail events --data-root /var/lib/taffrail",
      "  taffrail events --archive /srv/archive --type 'dev.taffrail.image.*'"
    })
final class EventsCommand implements Callable<Integer> {
  private static final int PAGE = 512;

  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;
  @Mixin private LogOptions log;
  @Mixin private FilterOptions shown;

  @Option(
      names = "--from",
      paramLabel = "MOMENT",
      description = "Only what came after it: a cursor, sequence, time, oldest or head")
  private String from;

  @Option(names = "--follow", description = "Go on with what comes")
  private boolean follow;

  @Option(names = "--json", description = "One CloudEvent a line")
  private boolean json;

  @Override
  public Integer call() {
    if (!log.files().areGiven()) {
      ask();
      return 0;
    }
    if (follow) {
      throw new ParameterException(
          spec.commandLine(), "Nothing comes to a log in files: --follow is in vain");
    }
    return log.read(this::read);
  }

  private void ask() {
    StringBuilder path = new StringBuilder("/taffrail/v1/events?follow=" + (follow ? 1 : 0));
    if (from != null) {
      path.append("&from=").append(RemoteLog.encode(from));
    }
    path.append(RemoteLog.query(shown.filter()));
    try (Remote remote = parent.connect()) {
      remote.lines(path.toString(), line -> print(RemoteLog.parse(line)));
    }
  }

  private int read(ReadableLog readable) {
    String logId = readable.info().logId();
    EventFilter filter = shown.filter();
    Cursor next = from == null ? readable.oldest() : readable.position(from);
    boolean atHead = false;
    while (!atHead) {
      Page page = readable.read(next, filter, PAGE);
      page.events().forEach(event -> print(CloudEventJson.write(logId, event)));
      next = page.next();
      atHead = page.atHead();
    }
    return 0;
  }

  private void print(JsonNode event) {
    if (event.has("bookmark")) {
      return;
    }
    PrintWriter out = parent.terminal().out();
    out.println(json ? event.toString() : describe(event));
    if (follow) {
      out.flush();
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
