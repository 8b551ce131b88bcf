package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.Delivery;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.Page;
import dev.taffrail.http.server.EventFollower;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code GET /events} from the durable log: all of it can be asked for again, and each event
 * carries its cursor.
 */
final class EventEndpoint {
  private static final int PAGE = 512;
  private static final Set<String> FILTERS =
      Set.of(
          "config",
          "container",
          "daemon",
          "event",
          "image",
          "label",
          "network",
          "node",
          "plugin",
          "scope",
          "secret",
          "service",
          "type",
          "volume");

  private final Vertx vertx;
  private final EventLog log;
  private final AtomicInteger listeners = new AtomicInteger();

  EventEndpoint(Vertx vertx, EventLog log) {
    this.vertx = vertx;
    this.log = log;
  }

  /** How many clients follow now. */
  int listeners() {
    return listeners.get();
  }

  void addTo(EndpointTable table) {
    table.get("/events", this::events);
  }

  private Future<?> events(Exchange exchange) {
    Optional<Instant> since = Times.parse(exchange.query("since").orElse(""));
    Optional<Instant> until = Times.parse(exchange.query("until").orElse(""));
    Filters filters = exchange.filters(FILTERS);
    if (since.isPresent() && until.isPresent() && until.get().isBefore(since.get())) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "`since` time ("
              + since.get().getEpochSecond()
              + ") cannot be after `until` time ("
              + until.get().getEpochSecond()
              + ")");
    }
    boolean past = until.isPresent() && !until.get().isAfter(Instant.now());
    Window window = new Window(since, until, filters, new EventTranslator(log));
    // Taken now: whatever happens after the client has our head is not missed.
    Cursor head = log.head();
    return vertx
        .executeBlocking(() -> start(since, until, head), false)
        .compose(
            start -> {
              HttpServerResponse response =
                  exchange
                      .response()
                      .setChunked(true)
                      .putHeader("Content-Type", "application/json");
              countUntilItEnds(exchange);
              response.writeHead();
              return replay(response, window, start)
                  .compose(next -> past ? response.end() : follow(exchange, window, next));
            });
  }

  /** As in moby, an end without a beginning means all there is; blocks. */
  private Cursor start(Optional<Instant> since, Optional<Instant> until, Cursor head) {
    if (since.isPresent()) {
      return startOf(since.get());
    }
    return until.isPresent() ? log.oldest() : head;
  }

  /** A cursor before the first event that is not older than {@code time}; blocks. */
  private Cursor startOf(Instant time) {
    try {
      return log.at(time.minusNanos(1));
    } catch (RuntimeFailure e) {
      if (e.kind() == Kind.GONE) {
        return log.oldest();
      }
      throw e;
    }
  }

  /** Writes what there is after {@code after}, also beyond events that were lost. */
  private Future<Cursor> replay(HttpServerResponse response, Window window, Cursor after) {
    return vertx
        .executeBlocking(
            () -> {
              Page page = log.read(log.resume(after), EventTranslator.FILTER, PAGE);
              Buffer lines = Buffer.buffer();
              for (LoggedEvent event : page.events()) {
                window.append(lines, event);
              }
              return new Replayed(lines, page.next(), page.atHead() || window.isPast(page));
            },
            false)
        .compose(
            part -> {
              Future<Void> written =
                  part.lines().length() == 0
                      ? Future.succeededFuture()
                      : response.write(part.lines());
              return written.compose(
                  sent ->
                      part.last()
                          ? Future.succeededFuture(part.next())
                          : replay(response, window, part.next()));
            });
  }

  private record Replayed(Buffer lines, Cursor next, boolean last) {}

  private Future<Void> follow(Exchange exchange, Window window, Cursor after) {
    HttpServerResponse response = exchange.response();
    Context context = vertx.getOrCreateContext();
    EventFollower follower =
        new EventFollower(
            context,
            response,
            (lines, delivery) -> {
              if (delivery instanceof Delivery.Matched matched) {
                window.append(lines, matched.event());
              }
            },
            exchange.call());
    window
        .until()
        .ifPresent(
            until -> {
              long millis = Math.max(1, until.toEpochMilli() - Instant.now().toEpochMilli() + 1);
              long timer = vertx.setTimer(millis, now -> follower.end());
              exchange.call().onCancel(() -> vertx.cancelTimer(timer));
            });
    return vertx.executeBlocking(
        () -> {
          log.subscribe(after, EventTranslator.FILTER).subscribe(follower);
          return null;
        },
        false);
  }

  /** It ends with the answer or with the connection, and with the last of both perhaps. */
  private void countUntilItEnds(Exchange exchange) {
    AtomicBoolean counted = new AtomicBoolean(true);
    listeners.incrementAndGet();
    Runnable leave =
        () -> {
          if (counted.getAndSet(false)) {
            listeners.decrementAndGet();
          }
        };
    exchange.response().endHandler(ended -> leave.run());
    exchange.call().onCancel(leave);
  }

  /** Which events one request wants. */
  private record Window(
      Optional<Instant> since,
      Optional<Instant> until,
      Filters filters,
      EventTranslator translator) {
    /** Blocks; calls follow one another. */
    void append(Buffer lines, LoggedEvent event) {
      Instant time = event.header().time();
      if ((since.isPresent() && time.isBefore(since.get()))
          || (until.isPresent() && time.isAfter(until.get()))) {
        return;
      }
      for (DockerEvent translated : translator.translate(event)) {
        if (translated.matches(filters)) {
          lines.appendBuffer(Json.line(translated.json()));
        }
      }
    }

    boolean isPast(Page page) {
      List<LoggedEvent> events = page.events();
      return !events.isEmpty()
          && until.isPresent()
          && events.get(events.size() - 1).header().time().isAfter(until.get());
    }
  }
}
