package dev.taffrail.http.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.Delivery;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LogInfo;
import dev.taffrail.core.log.LogRetention;
import dev.taffrail.core.log.LogStorage;
import dev.taffrail.core.log.RedactionRequest;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginListing;
import dev.taffrail.core.plugin.PluginStatus;
import dev.taffrail.http.travel.TimeTravel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/** {@code /taffrail/v1}: what no other engine has. The reference is {@code docs/api.md}. */
public final class NativeApi implements Routes {
  private static final String ROOT = "/taffrail/v1";
  private static final int PAGE = 512;

  private final EventLog log;
  private final PluginListing listing;
  private final String version;
  private final Calls calls;
  private final Vertx vertx;
  private final CloudEvents cloudEvents;
  private final TimeTravel travel;

  /** Takes the kernel ports it needs from {@code host}; adds no routes yet. */
  public NativeApi(PluginContext host, Calls calls, Vertx vertx) {
    this.log = host.log();
    this.listing = host.port(PluginListing.class);
    this.version = host.daemon().version();
    this.calls = calls;
    this.vertx = vertx;
    this.cloudEvents = new CloudEvents(log.info().logId());
    this.travel = new TimeTravel(log);
  }

  @Override
  public void mount(Router router) {
    router.get(ROOT + "/events").handler(routing -> answer(routing, this::events));
    router.get(ROOT + "/health").handler(routing -> json(routing, this::health));
    router.get(ROOT + "/log").handler(routing -> json(routing, this::log));
    router.get(ROOT + "/plugins").handler(routing -> json(routing, this::plugins));
    router
        .getWithRegex(ROOT + "/(state|history|blame|diff|trace)(/.*)?")
        .handler(routing -> json(routing, () -> travel(routing)));
    router
        .post(ROOT + "/events/:event/redact")
        .handler(
            routing -> {
              // While it is looked up who asks, the body comes and would be lost.
              Future<Buffer> body = routing.request().body();
              answer(routing, (same, call) -> redact(same, call, body));
            });
    router.post(ROOT + "/verify").handler(routing -> answer(routing, this::verify));
  }

  private void answer(
      RoutingContext routing, BiFunction<RoutingContext, CallContext, Future<?>> handler) {
    calls
        .of(routing)
        .compose(call -> handler.apply(routing, call))
        .onFailure(cause -> Failures.respond(routing, cause, log));
  }

  private void json(RoutingContext routing, Callable<ObjectNode> body) {
    answer(
        routing,
        (same, call) ->
            vertx.executeBlocking(body, false).compose(answer -> send(routing, answer)));
  }

  private static Future<Void> send(RoutingContext routing, ObjectNode answer) {
    return routing
        .response()
        .putHeader("Content-Type", "application/json")
        .end(CloudEvents.line(answer));
  }

  private static ObjectNode object() {
    return EventJson.mapper().createObjectNode();
  }

  private static Optional<String> query(RoutingContext routing, String name) {
    return Optional.ofNullable(routing.request().getParam(name)).filter(text -> !text.isEmpty());
  }

  private static boolean flag(RoutingContext routing, String name) {
    return query(routing, name).map(text -> text.equals("1") || text.equals("true")).orElse(false);
  }

  private ObjectNode health() {
    boolean healthy =
        listing.plugins().stream().noneMatch(plugin -> plugin.state() == PluginStatus.State.FAILED);
    ObjectNode answer = object();
    answer.put("status", healthy ? "ok" : "degraded");
    answer.put("version", version);
    answer.put("head", log.head().toString());
    return answer;
  }

  private ObjectNode log() {
    LogInfo info = log.info();
    ObjectNode answer = object();
    answer.put("id", info.logId());
    answer.put("mode", info.mode().name().toLowerCase(Locale.ROOT));
    answer.put("head", info.head().toString());
    answer.put("oldest", Long.toString(info.oldest()));
    answer.put("hash", info.hash());
    info.salvage().ifPresent(loss -> answer.put("salvage", loss));
    LogStorage storage = log.storage();
    storage.refusing().ifPresent(reason -> answer.put("refusing", reason));
    answer.set("retention", retention(storage.retention()));
    storage.archive().ifPresent(archive -> answer.set("archive", archive(archive)));
    ObjectNode sizes = answer.putObject("sizes");
    sizes.put("database", Long.toString(storage.diskBytes()));
    sizes.set("families", EventJson.mapper().valueToTree(storage.tableBytes()));
    ObjectNode consumers = answer.putObject("consumers");
    storage.consumers().forEach((name, cursor) -> consumers.put(name, cursor.toString()));
    return answer;
  }

  /** Limits that there are none of are left out. */
  private static ObjectNode retention(LogRetention retention) {
    ObjectNode answer = object();
    retention.maxAge().ifPresent(age -> answer.put("maxAgeSeconds", age.toSeconds()));
    retention.maxBytes().ifPresent(bytes -> answer.put("maxBytes", Long.toString(bytes)));
    retention.maxEvents().ifPresent(events -> answer.put("maxEvents", Long.toString(events)));
    answer.put("maxConsumerLag", Long.toString(retention.maxConsumerLag()));
    return answer;
  }

  private static ObjectNode archive(LogStorage.Archive archive) {
    ObjectNode answer = object();
    answer.put("directory", archive.directory().toString());
    archive.upTo().ifPresent(last -> answer.put("upTo", Long.toString(last)));
    archive.failure().ifPresent(reason -> answer.put("failure", reason));
    return answer;
  }

  private ObjectNode plugins() {
    ObjectNode answer = object();
    answer.set("plugins", EventJson.mapper().valueToTree(listing.plugins()));
    return answer;
  }

  private ObjectNode travel(RoutingContext routing) {
    String path = routing.request().path().substring(ROOT.length() + 1);
    return travel.answer(decode(path), name -> query(routing, name));
  }

  private static String decode(String path) {
    try {
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "malformed path: " + path, e);
    }
  }

  private Future<?> verify(RoutingContext routing, CallContext call) {
    return Future.fromCompletionStage(
            flag(routing, "full") ? log.verify() : log.verifyRecent(), vertx.getOrCreateContext())
        .compose(report -> send(routing, EventJson.mapper().valueToTree(report)));
  }

  /** Answers once it is durable and the files have been cleaned. */
  private Future<?> redact(RoutingContext routing, CallContext call, Future<Buffer> sent) {
    return sent.map(body -> redaction(log.event(routing.pathParam("event")), call, body))
        .compose(request -> await(log.redact(request)))
        .compose(redacted -> await(log.applyRetention()).map(redacted))
        .compose(
            redacted -> {
              ObjectNode answer = object();
              answer.put("cursor", redacted.cursor().toString());
              answer.set("redacted", EventJson.mapper().valueToTree(redacted.reply()));
              return send(routing, answer);
            });
  }

  private <T> Future<T> await(CompletionStage<T> stage) {
    return Future.fromCompletionStage(stage, vertx.getOrCreateContext());
  }

  private static RedactionRequest redaction(Cursor event, CallContext call, Buffer body) {
    RedactionBody wanted = RedactionBody.read(body.getBytes());
    return new RedactionRequest(call.origin(), event, wanted.fields(), wanted.reason());
  }

  private Future<?> events(RoutingContext routing, CallContext call) {
    Optional<Integer> limit = query(routing, "limit").map(NativeApi::limit);
    return query(routing, "from")
        .map(from -> vertx.executeBlocking(() -> log.position(from), false))
        .orElseGet(() -> Future.succeededFuture(Cursor.START))
        .compose(from -> events(routing, call, from, limit));
  }

  private Future<?> events(
      RoutingContext routing, CallContext call, Cursor from, Optional<Integer> limit) {
    EventFilter filter = new EventFilter(routing.queryParam("type"), routing.queryParam("subject"));
    HttpServerResponse response = routing.response();
    if (limit.isPresent()) {
      return page(response, from, filter, limit.get());
    }
    response.setChunked(true).putHeader("Content-Type", "application/x-ndjson");
    if (flag(routing, "follow")) {
      return follow(response, call, from, filter);
    }
    Cursor head = log.head();
    return pages(response, from, head, filter);
  }

  private static int limit(String text) {
    try {
      int limit = Integer.parseInt(text);
      if (limit > 0) {
        return Math.min(limit, PAGE);
      }
    } catch (NumberFormatException e) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Not a limit: " + text, e);
    }
    throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Not a limit: " + text);
  }

  /** At most {@code limit} events, and a bookmark to go on from. */
  private Future<Void> page(
      HttpServerResponse response, Cursor from, EventFilter filter, int limit) {
    return vertx
        .executeBlocking(() -> log.read(from, filter, limit), false)
        .compose(
            page -> {
              Buffer lines = Buffer.buffer();
              page.events()
                  .forEach(event -> cloudEvents.append(lines, new Delivery.Matched(event)));
              cloudEvents.append(lines, new Delivery.Bookmark(page.next(), page.atHead()));
              return response.putHeader("Content-Type", "application/x-ndjson").end(lines);
            });
  }

  private Future<?> follow(
      HttpServerResponse response, CallContext call, Cursor from, EventFilter filter) {
    EventFollower follower =
        new EventFollower(vertx.getOrCreateContext(), response, cloudEvents::append, call);
    return vertx.executeBlocking(
        () -> {
          // Refuses a cursor that is gone before the answer begins.
          log.read(from, filter, 1);
          log.subscribe(from, filter).subscribe(follower);
          return null;
        },
        false);
  }

  /** What there was when the request came, page by page, as fast as the client reads. */
  private Future<Void> pages(
      HttpServerResponse response, Cursor from, Cursor head, EventFilter filter) {
    return vertx
        .executeBlocking(() -> log.read(from, filter, PAGE), false)
        .compose(
            page -> {
              Buffer lines = Buffer.buffer();
              page.events().stream()
                  .filter(event -> event.header().sequence() <= head.sequence())
                  .forEach(event -> cloudEvents.append(lines, new Delivery.Matched(event)));
              boolean last = page.atHead() || page.next().sequence() >= head.sequence();
              return last
                  ? response.end(lines)
                  : response
                      .write(lines)
                      .compose(sent -> pages(response, page.next(), head, filter));
            });
  }
}
