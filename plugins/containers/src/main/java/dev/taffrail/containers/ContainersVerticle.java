package dev.taffrail.containers;

import dev.taffrail.core.container.Containers;
import dev.taffrail.core.plugin.PluginContext;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.InstantSource;

/** Puts the sagas together, reads what the log left, reconciles in the background. */
final class ContainersVerticle extends VerticleBase {
  private final PluginContext host;
  private final InstantSource clock;
  private Services services;
  private Future<Void> reconciled;

  ContainersVerticle(PluginContext host, InstantSource clock) {
    this.host = host;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    services = new Services(host, vertx, context, clock);
    Removal removal = new Removal(services);
    Restarts restarts = new Restarts(services);
    ExitWatch watch = new ExitWatch(services, removal, restarts);
    Start start = new Start(services, watch, removal, restarts);
    restarts.startWith(start::again);
    Ending ending = new Ending(services, start, restarts);
    Creation creation = new Creation(services, ContainerNames.secure());
    Reconciler reconciler = new Reconciler(services, start, watch, ending, removal, restarts);
    return services
        .blocking(() -> host.log().read(Reconciler::known))
        .onSuccess(
            containers -> {
              reconciled = reconciler.run(containers);
              host.provide(
                  Containers.CONTAINERS,
                  new ContainerService(services, creation, start, ending, removal));
            });
  }

  @Override
  public Future<?> stop() {
    services.close();
    return Future.succeededFuture();
  }

  /** Completes when everything that was under way before this start has been looked at. */
  Future<Void> reconciled() {
    return reconciled;
  }
}
