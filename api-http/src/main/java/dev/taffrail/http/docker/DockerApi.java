package dev.taffrail.http.docker;

import static dev.taffrail.core.container.Containers.CONTAINERS;
import static dev.taffrail.core.image.Images.IMAGES;
import static dev.taffrail.core.network.Networks.NETWORKS;
import static dev.taffrail.core.task.Tasks.TASK;

import dev.taffrail.core.container.Containers;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.task.Tasks;
import dev.taffrail.http.server.Calls;
import dev.taffrail.http.server.Failures;
import dev.taffrail.http.server.Routes;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.InstantSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Docker Engine API with and without its version prefix. */
public final class DockerApi implements Routes {
  /**
   * The engine whose behaviour this is; docker build reads the operating system from it. {@code
   * /version} names the product.
   */
  private static final String SERVER = "Docker/28.2.2 (linux)";

  private static final Pattern VERSIONED = Pattern.compile("/v([0-9.]+)(/.*)");
  private static final ApiVersion PLAIN_TEXT_BELOW = new ApiVersion("1.24", 1, 24);

  private final Calls calls;
  private final EndpointTable table = new EndpointTable();

  /** Takes the contracts it needs from {@code host}; adds no routes yet. */
  public DockerApi(PluginContext host, Calls calls, Vertx vertx) {
    this.calls = calls;
    Containers containers = host.require(CONTAINERS);
    Images images = host.require(IMAGES);
    Tasks tasks = host.require(TASK);
    Networks networks = host.require(NETWORKS);
    BuiltinNetworks builtin = new BuiltinNetworks(host.log().info().logId());
    String runtime = runtime(host);
    EventEndpoint events = new EventEndpoint(vertx, host.log());
    new SystemEndpoints(host, vertx, containers, images, events::listeners).addTo(table);
    new ImageEndpoints(vertx, images).addTo(table);
    ContainerJson json = new ContainerJson(builtin, runtime, InstantSource.system());
    new ContainerEndpoints(
            host, containers, tasks, networks, json, new DiskSizes(containers, images))
        .addTo(table);
    new DiskEndpoints(containers, images, networks, json).addTo(table);
    new StreamEndpoints(vertx, containers, tasks).addTo(table);
    events.addTo(table);
    new NetworkEndpoints(containers, networks, builtin).addTo(table);
    VolumeEndpoints.addTo(table);
    RefusedEndpoints.addTo(table);
  }

  /** What a container runs with that names no runtime. */
  static String runtime(PluginContext host) {
    return host.daemon().configuration().path("default-runtime").asText("crun");
  }

  /** A path without its version prefix, and the version: the newest when it has none. */
  record Versioned(ApiVersion version, String path) {
    static Versioned of(String path) {
      Matcher versioned = VERSIONED.matcher(path);
      return versioned.matches()
          ? new Versioned(ApiVersion.parse(versioned.group(1)), versioned.group(2))
          : new Versioned(ApiVersion.NEWEST, path);
    }
  }

  @Override
  public void mount(Router router) {
    router.route().handler(this::handle);
  }

  private void handle(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    Versioned versioned = Versioned.of(decode(request.path()));
    ApiVersion version = versioned.version();
    var match = table.find(request.method(), versioned.path());
    if (match.isEmpty()) {
      routing.next();
      return;
    }
    addHeaders(routing.response());
    try {
      version.check();
    } catch (RuntimeFailure e) {
      refuse(routing, version, e);
      return;
    }
    if (hasBody(request)) {
      // Nobody listens yet; the endpoint asks for the body when it is ready.
      request.pause();
    }
    answer(routing, version, match.get());
  }

  private void answer(RoutingContext routing, ApiVersion version, EndpointTable.Match match) {
    calls
        .of(routing)
        .compose(
            call -> match.endpoint().handle(new Exchange(routing, call, version, match.name())))
        .onFailure(cause -> Failures.respond(routing, cause));
  }

  private static void refuse(RoutingContext routing, ApiVersion version, RuntimeFailure cause) {
    if (version.compareTo(PLAIN_TEXT_BELOW) < 0) {
      routing
          .response()
          .setStatusCode(Failures.status(cause.kind()))
          .putHeader("Content-Type", "text/plain; charset=utf-8")
          .end(cause.getMessage() + "\n");
    } else {
      Failures.respond(routing, cause);
    }
  }

  private static void addHeaders(HttpServerResponse response) {
    response
        .putHeader("Server", SERVER)
        .putHeader("Api-Version", ApiVersion.NEWEST.text())
        .putHeader("Ostype", "linux")
        .putHeader("Docker-Experimental", "false");
  }

  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return request.getHeader("Transfer-Encoding") != null
        || (length != null && !length.strip().equals("0"));
  }

  /** Malformed escapes become INVALID_ARGUMENT. */
  static String decode(String path) {
    if (path == null) {
      return "";
    }
    try {
      String decoded = QueryStringDecoder.decodeComponent(path.replace("+", "%2B"));
      if (decoded.indexOf('\0') >= 0) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "malformed path: it has a NUL");
      }
      return decoded;
    } catch (IllegalArgumentException e) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "malformed path: " + path, e);
    }
  }
}
