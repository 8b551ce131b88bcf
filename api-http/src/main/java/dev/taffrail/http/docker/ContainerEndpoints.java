package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.container.Containers;
import dev.taffrail.core.container.CreateRequest;
import dev.taffrail.core.container.CreatedContainer;
import dev.taffrail.core.container.WaitCondition;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ControlGroups;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.task.Tasks;
import dev.taffrail.http.server.Failures;
import io.vertx.core.Future;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** The life of containers: create, list, inspect, start, stop, kill, wait, resize, remove. */
final class ContainerEndpoints {
  private static final int MAX_CREATE_BYTES = 10 * 1024 * 1024;

  /** A start without a body may carry an empty JSON object and its line end. */
  private static final int MAX_START_BYTES = 7;

  private final PluginContext host;
  private final Containers containers;
  private final Tasks tasks;
  private final ContainerJson json;
  private final DiskSizes sizes;
  private final Networks networks;

  ContainerEndpoints(
      PluginContext host,
      Containers containers,
      Tasks tasks,
      Networks networks,
      ContainerJson json,
      DiskSizes sizes) {
    this.sizes = sizes;
    this.networks = networks;
    this.host = host;
    this.containers = containers;
    this.tasks = tasks;
    this.json = json;
  }

  void addTo(EndpointTable table) {
    table
        .get("/containers/json", this::list)
        .post("/containers/create", this::create)
        .get("/containers/{name}/json", this::inspect)
        .post("/containers/{name}/start", this::start)
        .post("/containers/{name}/stop", this::stop)
        .post("/containers/{name}/kill", this::kill)
        .post("/containers/{name}/restart", this::restart)
        .post("/containers/{name}/update", this::update)
        .post("/containers/{name}/wait", this::await)
        .post("/containers/{name}/resize", this::resize)
        .delete("/containers/{name}", this::remove);
  }

  private Future<Void> list(Exchange exchange) {
    ContainerFilter filter = ContainerFilter.of(exchange);
    return containers
        .list(exchange.call())
        .compose(
            all ->
                // Which networks a filter means is known only when the networks are.
                KnownNetworks.of(exchange.call(), networks, filter.looksAt(all))
                    .compose(
                        known -> {
                          List<ContainerView> shown = filter.apply(all, json.networks(), known);
                          return measured(exchange, shown)
                              .compose(
                                  measured ->
                                      exchange.json(summaries(exchange, shown, known, measured)));
                        }));
  }

  private ArrayNode summaries(
      Exchange exchange,
      List<ContainerView> shown,
      KnownNetworks known,
      Map<String, DiskSizes.Size> measured) {
    ArrayNode answer = Json.array();
    for (ContainerView view : shown) {
      ObjectNode summary = json.summary(view, known, exchange.version());
      Optional.ofNullable(measured.get(view.id())).ifPresent(size -> size.addTo(summary));
      answer.add(summary);
    }
    return answer;
  }

  /** Empty unless the client wants sizes, which takes a walk through each container's files. */
  private Future<Map<String, DiskSizes.Size>> measured(
      Exchange exchange, List<ContainerView> shown) {
    return exchange.flag("size")
        ? sizes.of(exchange.call(), shown)
        : Future.succeededFuture(Map.of());
  }

  private Future<Void> create(Exchange exchange) {
    return exchange
        .jsonBody(MAX_CREATE_BYTES)
        .compose(
            body -> {
              JsonNode config =
                  body.orElseThrow(
                      () -> new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid JSON: EOF"));
              CreateBody.Asked asked =
                  CreateBody.read(
                      config,
                      exchange.version(),
                      exchange.query("name"),
                      exchange.query("platform"),
                      host.port(ControlGroups.class).abilities().unified());
              return checkLinks(exchange.call(), asked.request())
                  .compose(checked -> containers.create(exchange.call(), asked.request()))
                  .compose(created -> exchange.json(201, answer(created, asked.warnings())));
            });
  }

  /** As moby's registerLinks: on user-defined networks, links may name what is not there yet. */
  private Future<Void> checkLinks(CallContext call, CreateRequest request) {
    Future<Void> checked = Future.succeededFuture();
    if (!EndpointBody.isUserDefined(request.networkMode())) {
      for (String link : request.networking().links()) {
        String name = LinkText.parse(link).container();
        checked = checked.compose(before -> checkLink(call, name));
      }
    }
    return checked;
  }

  private Future<Void> checkLink(CallContext call, String name) {
    return containers
        .get(call, name)
        .recover(
            cause ->
                Future.failedFuture(
                    RuntimeFailure.kindOf(cause) == Kind.NOT_FOUND
                        ? new RuntimeFailure(
                            Kind.INVALID_ARGUMENT,
                            "could not get container for " + name + ": " + cause.getMessage(),
                            cause)
                        : cause))
        .map(
            linked -> {
              if (linked.specification().networkMode().equals(NetworkNames.HOST)) {
                throw new RuntimeFailure(
                    Kind.INVALID_ARGUMENT,
                    "conflicting options: host type networking can't be used with links. This would"
                        + " result in undefined behavior");
              }
              return null;
            });
  }

  private static ObjectNode answer(CreatedContainer created, List<String> more) {
    ObjectNode answer = Json.object().put("Id", created.id());
    answer.set(
        "Warnings",
        Json.strings(Stream.concat(created.warnings().stream(), more.stream()).toList()));
    return answer;
  }

  private Future<Void> inspect(Exchange exchange) {
    return containers
        .get(exchange.call(), exchange.name())
        .compose(
            view ->
                KnownNetworks.of(exchange.call(), networks, List.of(view))
                    .compose(
                        known ->
                            measured(exchange, List.of(view))
                                .compose(
                                    measured -> {
                                      ObjectNode answer =
                                          json.inspect(view, known, exchange.version());
                                      Optional.ofNullable(measured.get(view.id()))
                                          .ifPresent(
                                              size ->
                                                  answer
                                                      .put("SizeRw", size.written())
                                                      .put("SizeRootFs", size.all()));
                                      return exchange.json(answer);
                                    })));
  }

  private Future<Void> start(Exchange exchange) {
    String length = exchange.request().getHeader("Content-Length");
    if (exchange.request().getHeader("Transfer-Encoding") != null
        || (length != null && Long.parseLong(length.strip()) > MAX_START_BYTES)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "starting container with non-empty request body was deprecated since API v1.22 and"
              + " removed in v1.24");
    }
    exchange.refuse("checkpoint");
    // A start that has begun must end, even when the client has gone.
    return containers
        .start(exchange.call().detached(), exchange.name())
        .compose(started -> exchange.noContent());
  }

  private Future<Void> restart(Exchange exchange) {
    return containers
        .restart(
            exchange.call().detached(),
            exchange.name(),
            exchange.query("signal"),
            exchange.number("t"))
        .recover(
            cause ->
                Future.failedFuture(
                    new RuntimeFailure(
                        RuntimeFailure.kindOf(cause),
                        "Cannot restart container "
                            + exchange.name()
                            + ": "
                            + Failures.message(cause),
                        cause)))
        .compose(restarted -> exchange.noContent());
  }

  private Future<Void> stop(Exchange exchange) {
    return containers
        .stop(
            exchange.call().detached(),
            exchange.name(),
            exchange.query("signal"),
            exchange.number("t"))
        .compose(stopped -> exchange.noContent());
  }

  private Future<Void> update(Exchange exchange) {
    return exchange
        .jsonBody(MAX_CREATE_BYTES)
        .compose(
            body ->
                UpdateBody.read(body.orElseGet(Json::object))
                    .map(
                        policy ->
                            containers.changePolicy(
                                exchange.call().detached(), exchange.name(), policy))
                    .orElseGet(() -> containers.get(exchange.call(), exchange.name()).mapEmpty()))
        .compose(updated -> exchange.json(Json.object().putNull("Warnings")));
  }

  private Future<Void> kill(Exchange exchange) {
    return containers
        .kill(exchange.call(), exchange.name(), exchange.query("signal").orElse("KILL"))
        .compose(killed -> exchange.noContent());
  }

  private Future<Void> remove(Exchange exchange) {
    exchange.refuse("link");
    return containers
        .remove(exchange.call().detached(), exchange.name(), exchange.flag("force"))
        .compose(removed -> exchange.noContent());
  }

  private Future<Void> await(Exchange exchange) {
    WaitCondition condition = condition(exchange);
    return containers
        .get(exchange.call(), exchange.name())
        .compose(
            view -> {
              // The bus keeps the order of calls to one plugin: whatever this client asks for once
              // it has seen our head comes after the waiter.
              Future<ContainerExit> exit = containers.await(exchange.call(), view.id(), condition);
              if (!exchange.version().atLeast(30)) {
                return exit.compose(
                    ended -> exchange.json(Json.object().put("StatusCode", ended.code())));
              }
              exchange.request().resume();
              exchange
                  .response()
                  .setChunked(true)
                  .putHeader("Content-Type", "application/json")
                  .writeHead();
              return told(exchange, view.id(), condition, exit)
                  .transform(
                      ended ->
                          exchange
                              .response()
                              .end(
                                  Json.line(
                                      answer(
                                          ended.succeeded()
                                              ? ended.result()
                                              : new ContainerExit(
                                                  -1, Failures.message(ended.cause()))))));
            });
  }

  /**
   * Of a start that failed the start itself tells, as in Docker Engine, since the docker command
   * would print it a second time: who waits for the removal hears nothing of it, who waits for an
   * exit waits on.
   */
  private Future<ContainerExit> told(
      Exchange exchange, String id, WaitCondition condition, Future<ContainerExit> exit) {
    return exit.compose(
        ended -> {
          if (ended.error().isEmpty() || condition == WaitCondition.NOT_RUNNING) {
            return exit;
          }
          return condition == WaitCondition.REMOVED
              ? Future.succeededFuture(new ContainerExit(ended.code(), ""))
              : told(exchange, id, condition, containers.await(exchange.call(), id, condition));
        });
  }

  private static ObjectNode answer(ContainerExit exit) {
    ObjectNode answer = Json.object();
    if (!exit.error().isEmpty()) {
      answer.putObject("Error").put("Message", exit.error());
    }
    return answer.put("StatusCode", exit.code());
  }

  private static WaitCondition condition(Exchange exchange) {
    // Older clients know no conditions.
    Optional<String> asked =
        exchange.version().atLeast(30) ? exchange.query("condition") : Optional.empty();
    return switch (asked.orElse("not-running")) {
      case "not-running" -> WaitCondition.NOT_RUNNING;
      case "next-exit" -> WaitCondition.NEXT_EXIT;
      case "removed" -> WaitCondition.REMOVED;
      default ->
          throw new RuntimeFailure(
              Kind.INVALID_ARGUMENT, "invalid condition: \"" + asked.get() + "\"");
    };
  }

  private Future<Void> resize(Exchange exchange) {
    int height = dimension(exchange, "h");
    int width = dimension(exchange, "w");
    return containers
        .get(exchange.call(), exchange.name())
        .compose(
            view -> {
              if (!view.status().isRunning()) {
                throw new RuntimeFailure(
                    Kind.FAILED_PRECONDITION, "container " + view.id() + " is not running");
              }
              return tasks.resize(exchange.call(), view.id(), height, width);
            })
        .compose(resized -> exchange.response().setStatusCode(200).end());
  }

  private static int dimension(Exchange exchange, String parameter) {
    OptionalInt value = exchange.number(parameter);
    if (value.isEmpty() || value.getAsInt() < 0) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          String.format(Locale.ROOT, "invalid resize %s: a number of characters", parameter));
    }
    return value.getAsInt();
  }

  /** The states Docker knows. */
  static final List<String> STATES =
      List.of("created", "dead", "exited", "paused", "removing", "restarting", "running");
}
