package dev.taffrail.http.docker;

import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.container.Containers;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.container.WaitCondition;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.task.LogQuery;
import dev.taffrail.core.task.OutputFrame;
import dev.taffrail.core.task.TaskInput;
import dev.taffrail.core.task.Tasks;
import dev.taffrail.http.server.Failures;
import dev.taffrail.http.server.RawConnection;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.streams.ReadStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code logs} and {@code attach}. Both read the container's log file, so a client can neither hold
 * up a container nor miss a byte.
 */
final class StreamEndpoints {
  private static final Logger LOG = LoggerFactory.getLogger(StreamEndpoints.class);

  private final Vertx vertx;
  private final Containers containers;
  private final Tasks tasks;

  StreamEndpoints(Vertx vertx, Containers containers, Tasks tasks) {
    this.vertx = vertx;
    this.containers = containers;
    this.tasks = tasks;
  }

  void addTo(EndpointTable table) {
    table
        .get("/containers/{name}/logs", this::logs)
        .post("/containers/{name}/attach", this::attach);
  }

  private Future<?> logs(Exchange exchange) {
    LogsQuery query = LogsQuery.of(exchange);
    CallContext reading = CallContext.of(exchange.call().origin());
    exchange.call().onCancel(reading::cancel);
    return containers
        .get(exchange.call(), exchange.name())
        .compose(
            view ->
                open(exchange.call(), reading, view, query)
                    .compose(output -> send(exchange, view, query, output)));
  }

  /** Follows only a container that runs: one that does not has no more to say. */
  private Future<ReadStream<OutputFrame>> open(
      CallContext call, CallContext reading, ContainerView view, LogsQuery query) {
    return query.follow() && isActive(view)
        ? follow(call, reading, query.on(view, true))
        : tasks.output(reading, query.on(view, false));
  }

  /**
   * Follows a task that ran a moment ago. It may have ended and been deleted since; a stream that
   * waits for the next one is given up then for what the log holds.
   */
  private Future<ReadStream<OutputFrame>> follow(
      CallContext call, CallContext reading, LogQuery query) {
    CallContext following = CallContext.of(reading.origin());
    reading.onCancel(following::cancel);
    return tasks
        .output(following, query)
        .compose(
            output ->
                containers
                    .get(call, query.id())
                    .map(StreamEndpoints::isActive)
                    .otherwise(false)
                    .compose(
                        active -> {
                          if (active) {
                            return Future.succeededFuture(output);
                          }
                          following.cancel();
                          return tasks.output(reading, withoutFollowing(query));
                        }));
  }

  private static LogQuery withoutFollowing(LogQuery query) {
    return new LogQuery(
        query.id(),
        query.log(),
        query.stdout(),
        query.stderr(),
        false,
        query.since(),
        query.until(),
        query.tail(),
        query.skip());
  }

  private static boolean isActive(ContainerView view) {
    return view.status().phase() == Phase.RUNNING || view.status().phase() == Phase.STARTING;
  }

  private Future<?> send(
      Exchange exchange, ContainerView view, LogsQuery query, ReadStream<OutputFrame> output) {
    boolean terminal = view.specification().terminal();
    Framing framing = new Framing(terminal, query.timestamps(), query.details());
    exchange.request().resume();
    HttpServerResponse response =
        exchange
            .response()
            .setChunked(true)
            .putHeader("Content-Type", Framing.contentType(terminal, exchange.version()));
    response.writeHead();
    return new OutputPump(vertx.getOrCreateContext(), output, response, framing)
        .run()
        .transform(
            done -> {
              if (done.failed() && !response.closed()) {
                LOG.warn("The log of {} cannot be read to its end", view.id(), done.cause());
                return response.end(framing.error(Failures.message(done.cause())));
              }
              return response.closed() ? Future.succeededFuture() : response.end();
            });
  }

  private Future<?> attach(Exchange exchange) {
    DetachKeys keys = DetachKeys.parse(exchange.query("detachKeys").orElse(""));
    CallContext session = CallContext.of(exchange.call().origin());
    return containers
        .get(exchange.call(), exchange.name())
        .compose(
            view -> size(view.log()).compose(size -> attach(exchange, session, view, keys, size)))
        .onFailure(cause -> session.cancel());
  }

  private Future<?> attach(
      Exchange exchange, CallContext session, ContainerView view, DetachKeys keys, long size) {
    Context context = vertx.getOrCreateContext();
    boolean stream = exchange.flag("stream");
    boolean terminal = view.specification().terminal();
    LogQuery query =
        new LogQuery(
            view.id(),
            view.log(),
            exchange.flag("stdout"),
            exchange.flag("stderr"),
            stream,
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalLong.of(exchange.flag("logs") ? 0 : size));
    boolean wantsInput = stream && exchange.flag("stdin") && view.specification().openStdin();
    // All of this before the client hears from us, so before it can start the container.
    Future<ContainerExit> run =
        stream && !view.status().isRunning()
            ? containers.await(session, view.id(), WaitCondition.NEXT_EXIT)
            : Promise.<ContainerExit>promise().future();
    Future<ReadStream<OutputFrame>> opened =
        stream && isActive(view)
            ? follow(exchange.call(), session, query)
            : tasks.output(session, query);
    return opened
        .compose(
            output ->
                input(session, view, wantsInput)
                    .compose(
                        input ->
                            RawConnection.take(
                                    vertx,
                                    exchange.request(),
                                    Framing.contentType(terminal, exchange.version()))
                                .onFailure(cause -> input.ifPresent(TaskInput::close))
                                .map(
                                    connection ->
                                        new AttachSession(
                                            context,
                                            connection,
                                            session,
                                            output,
                                            new Framing(terminal, false, false),
                                            input,
                                            terminal ? Optional.of(keys) : Optional.empty()))))
        .onSuccess(
            attached -> {
              attached.begin();
              run.onComplete(
                  exit -> {
                    if (exit.failed() || !exit.result().error().isEmpty()) {
                      // The run it waits for will not come.
                      attached.end();
                    }
                  });
            });
  }

  private Future<Optional<TaskInput>> input(
      CallContext session, ContainerView view, boolean wanted) {
    return wanted
        ? tasks.input(session, view.id()).map(Optional::of)
        : Future.succeededFuture(Optional.empty());
  }

  private Future<Long> size(Path log) {
    return vertx.executeBlocking(
        () -> {
          try {
            return Files.size(log);
          } catch (NoSuchFileException e) {
            return 0L;
          }
        },
        false);
  }

  /** The parameters of {@code logs}. */
  private record LogsQuery(
      boolean stdout,
      boolean stderr,
      boolean follow,
      boolean timestamps,
      boolean details,
      Optional<Instant> since,
      Optional<Instant> until,
      OptionalLong tail) {
    static LogsQuery of(Exchange exchange) {
      boolean stdout = exchange.flag("stdout");
      boolean stderr = exchange.flag("stderr");
      if (!stdout && !stderr) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT, "Bad parameters: you must choose at least one stream");
      }
      return new LogsQuery(
          stdout,
          stderr,
          exchange.flag("follow"),
          exchange.flag("timestamps"),
          exchange.flag("details"),
          Times.parse(exchange.query("since").orElse("")),
          Times.parse(exchange.query("until").filter(text -> !text.equals("0")).orElse("")),
          tail(exchange.query("tail").orElse("all")));
    }

    /** Everything that is no number means all, as in Docker. */
    private static OptionalLong tail(String text) {
      return text.matches("[0-9]{1,18}")
          ? OptionalLong.of(Long.parseLong(text))
          : OptionalLong.empty();
    }

    LogQuery on(ContainerView view, boolean following) {
      return new LogQuery(
          view.id(),
          view.log(),
          stdout,
          stderr,
          following,
          since,
          until,
          tail,
          OptionalLong.empty());
    }
  }
}
