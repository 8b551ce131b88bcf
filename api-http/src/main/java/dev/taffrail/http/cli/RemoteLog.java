package dev.taffrail.http.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.CloudEventJson;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.LogInfo;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.Page;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.Snapshot;
import dev.taffrail.core.log.VerifyReport;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The log of a running daemon, read over its API. */
final class RemoteLog implements ReadableLog {
  private static final String ROOT = "/taffrail/v1";

  private final Remote remote;
  private final EventCatalogue catalogue = Families.catalogue();

  RemoteLog(Remote remote) {
    this.remote = remote;
  }

  static String encode(String text) {
    // Also within a path, where a plus means itself.
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** What follows the first parameter of a request for events. */
  static String query(EventFilter filter) {
    StringBuilder query = new StringBuilder();
    filter.types().forEach(type -> query.append("&type=").append(encode(type)));
    filter.subjects().forEach(subject -> query.append("&subject=").append(encode(subject)));
    return query.toString();
  }

  @Override
  public Cursor head() {
    return info().head();
  }

  @Override
  public LogInfo info() {
    JsonNode info = remote.get(ROOT + "/log");
    return new LogInfo(
        info.path("id").asText(),
        LogMode.valueOf(info.path("mode").asText().toUpperCase(Locale.ROOT)),
        Cursor.parse(info.path("head").asText()),
        Long.parseLong(info.path("oldest").asText()),
        info.path("hash").asText(),
        Optional.ofNullable(info.get("salvage")).map(JsonNode::asText));
  }

  @Override
  public EventCatalogue catalogue() {
    return catalogue;
  }

  @Override
  public Snapshot snapshot() {
    return new RemoteSnapshot(remote, cursorOf(remote.get(ROOT + "/state")));
  }

  @Override
  public Snapshot asOf(Cursor cursor) {
    return new RemoteSnapshot(remote, moment(cursor.toString()));
  }

  private static Cursor cursorOf(JsonNode answer) {
    return Cursor.parse(answer.path("cursor").asText());
  }

  @Override
  public Page read(Cursor after, EventFilter filter, int limit) {
    String path = ROOT + "/events?limit=" + limit + "&from=" + after + query(filter);
    List<LoggedEvent> events = new ArrayList<>();
    JsonNode[] end = new JsonNode[1];
    remote.lines(
        path,
        line -> {
          JsonNode json = parse(line);
          if (json.has("bookmark")) {
            end[0] = json;
          } else {
            events.add(CloudEventJson.read(json));
          }
        });
    if (end[0] == null) {
      throw new RuntimeFailure(Kind.INTERNAL, "The daemon's answer lacks a bookmark");
    }
    return new Page(
        events, Cursor.parse(end[0].path("bookmark").asText()), end[0].path("live").asBoolean());
  }

  static JsonNode parse(String line) {
    try {
      return EventJson.mapper().readTree(line);
    } catch (JsonProcessingException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "The daemon's answer is not JSON: " + line, e);
    }
  }

  @Override
  public Optional<LoggedEvent> find(long sequence) {
    Cursor head = head();
    if (sequence < 1 || sequence > head.sequence()) {
      return Optional.empty();
    }
    try {
      return read(new Cursor(head.epoch(), sequence - 1), EventFilter.ALL, 1).events().stream()
          .filter(event -> event.header().sequence() == sequence)
          .findFirst();
    } catch (RuntimeFailure e) {
      if (e.kind() == Kind.GONE) {
        // Truncated, perhaps just now, or lost in a hole.
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public Cursor oldest() {
    LogInfo info = info();
    return info.oldest() == 1 ? Cursor.START : new Cursor(info.head().epoch(), info.oldest() - 1);
  }

  @Override
  public Cursor at(long sequence) {
    return moment(Long.toString(sequence));
  }

  @Override
  public Cursor at(Instant time) {
    return moment(EventJson.format(time));
  }

  /** As the daemon reads it, which also refuses a cursor that is gone. */
  @Override
  public Cursor moment(String text) {
    return cursorOf(remote.get(ROOT + "/state?at=" + encode(text)));
  }

  @Override
  public CompletableFuture<VerifyReport> verify() {
    return verify("?full=1");
  }

  @Override
  public CompletableFuture<VerifyReport> verifyRecent() {
    return verify("");
  }

  private CompletableFuture<VerifyReport> verify(String query) {
    return CompletableFuture.completedFuture(
        EventJson.mapper().convertValue(remote.post(ROOT + "/verify" + query), VerifyReport.class));
  }
}
