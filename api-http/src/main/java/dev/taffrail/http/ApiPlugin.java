package dev.taffrail.http;

import static dev.taffrail.core.container.Containers.CONTAINERS;
import static dev.taffrail.core.image.Images.IMAGES;
import static dev.taffrail.core.network.Networks.NETWORKS;
import static dev.taffrail.core.task.Tasks.TASK;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.NoContract;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import dev.taffrail.http.docker.DockerApi;
import dev.taffrail.http.docker.DockerPast;
import dev.taffrail.http.server.Calls;
import dev.taffrail.http.server.Failures;
import dev.taffrail.http.server.Listeners;
import dev.taffrail.http.server.NativeApi;
import dev.taffrail.http.server.Peers;
import dev.taffrail.http.server.Routes;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Set;

/** Serves the daemon's HTTP APIs on the listeners that the settings name. */
public final class ApiPlugin implements Plugin {
  private static final PluginType<NoContract> API = new PluginType<>("api", NoContract.class);

  @Override
  public PluginId id() {
    return new PluginId("api.http");
  }

  @Override
  public PluginType<?> type() {
    return API;
  }

  @Override
  public Set<PluginType<?>> requires() {
    return Set.of(CONTAINERS, IMAGES, TASK, NETWORKS);
  }

  @Override
  public Deployable create(PluginContext host) {
    return new Server(host);
  }

  private static final class Server extends VerticleBase {
    private final PluginContext host;
    private Listeners listeners;

    Server(PluginContext host) {
      this.host = host;
    }

    @Override
    public Future<?> start() {
      Peers peers = new Peers(vertx);
      Calls calls = new Calls(peers);
      Router router = Router.router(vertx);
      for (Routes routes :
          List.of(
              new NativeApi(host, calls, vertx),
              new DockerPast(host, calls, vertx),
              new DockerApi(host, calls, vertx))) {
        routes.mount(router);
      }
      router.route().failureHandler(routing -> Failures.respond(routing, cause(routing.failure())));
      router
          .route()
          .last()
          .handler(
              routing ->
                  Failures.respond(routing, new RuntimeFailure(Kind.NOT_FOUND, "page not found")));
      listeners = new Listeners(vertx, peers);
      return listeners.open(host.daemon().hosts(), host.daemon().group(), router);
    }

    @Override
    public Future<?> stop() {
      return listeners.close();
    }

    /** Vert.x fails a request it cannot decode without naming a cause. */
    private static Throwable cause(Throwable failure) {
      return failure != null
          ? failure
          : new RuntimeFailure(Kind.INVALID_ARGUMENT, "malformed request");
    }
  }
}
