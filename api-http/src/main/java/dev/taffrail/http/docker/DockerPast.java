package dev.taffrail.http.docker;

import static dev.taffrail.core.container.Containers.CONTAINERS;
import static dev.taffrail.core.image.Images.IMAGES;
import static dev.taffrail.core.network.Networks.NETWORKS;
import static dev.taffrail.core.task.Tasks.TASK;

import dev.taffrail.core.container.Containers;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.task.Tasks;
import dev.taffrail.http.server.Calls;
import dev.taffrail.http.server.Failures;
import dev.taffrail.http.server.Routes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * {@code GET /taffrail/v1/docker/<path>?at=<moment>}: what Docker's endpoint would have answered
 * then, by the same code. {@code at} is a moment as the log reads it; the answer's header {@code
 * Taffrail-Cursor} says which it was.
 */
public final class DockerPast implements Routes {
  private static final String ROOT = "/taffrail/v1/docker";
  private static final String CURSOR = "Taffrail-Cursor";

  private final Vertx vertx;
  private final Calls calls;
  private final EventLog log;
  private final PluginContext host;
  private final Containers containers;
  private final Tasks tasks;
  private final Images images;
  private final Networks networks;
  private final BuiltinNetworks builtin;
  private final String runtime;

  /** Takes the contracts it needs from {@code host}; adds no routes yet. */
  public DockerPast(PluginContext host, Calls calls, Vertx vertx) {
    this.vertx = vertx;
    this.calls = calls;
    this.log = host.log();
    this.host = host;
    this.containers = host.require(CONTAINERS);
    this.tasks = host.require(TASK);
    this.images = host.require(IMAGES);
    this.networks = host.require(NETWORKS);
    this.builtin = new BuiltinNetworks(log.info().logId());
    this.runtime = DockerApi.runtime(host);
  }

  /**
   * A moment and the time on its clock.
   *
   * @param now when the question would have been asked: the time asked for, or that of the event
   */
  private record Moment(Cursor cursor, Instant now) {}

  @Override
  public void mount(Router router) {
    router.get(ROOT + "/*").handler(this::handle);
  }

  private void handle(RoutingContext routing) {
    calls
        .of(routing)
        .compose(
            call ->
                vertx
                    .executeBlocking(() -> moment(routing.request()), false)
                    .compose(moment -> answer(routing, call, moment)))
        .onFailure(cause -> Failures.respond(routing, cause, log));
  }

  private Moment moment(HttpServerRequest request) {
    String at = request.getParam("at");
    if (at == null || at.isEmpty()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "The parameter at is needed: a moment");
    }
    Cursor cursor = log.moment(at);
    Optional<Instant> event =
        log.find(cursor.sequence()).map(LoggedEvent::header).map(header -> header.time());
    return new Moment(cursor, time(at).or(() -> event).orElse(Instant.EPOCH));
  }

  private static Optional<Instant> time(String at) {
    try {
      return Optional.of(OffsetDateTime.parse(at).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private Future<?> answer(RoutingContext routing, CallContext call, Moment moment) {
    DockerApi.Versioned path =
        DockerApi.Versioned.of(DockerApi.decode(routing.request().path()).substring(ROOT.length()));
    path.version().check();
    EndpointTable table = new EndpointTable();
    Containers past = Past.of(Containers.class, containers, moment.cursor());
    Images images = Past.of(Images.class, this.images, moment.cursor());
    Networks networks = Past.of(Networks.class, this.networks, moment.cursor());
    ContainerJson json = new ContainerJson(builtin, runtime, InstantSource.fixed(moment.now()));
    new ContainerEndpoints(host, past, tasks, networks, json, new DiskSizes(past, images))
        .addTo(table);
    new ImageEndpoints(vertx, images).addTo(table);
    new NetworkEndpoints(past, networks, builtin).addTo(table);
    EndpointTable.Match match =
        table
            .find(HttpMethod.GET, path.path())
            .orElseThrow(
                () ->
                    new RuntimeFailure(
                        Kind.NOT_FOUND,
                        "Nothing tells what "
                            + path.path()
                            + " would have answered: the log keeps containers, images and networks"));
    routing.response().putHeader(CURSOR, moment.cursor().toString());
    Exchange exchange = new Exchange(routing, call, path.version(), match.name());
    // Files are measured as they are now.
    exchange.refuse("size");
    return match.endpoint().handle(exchange);
  }
}
