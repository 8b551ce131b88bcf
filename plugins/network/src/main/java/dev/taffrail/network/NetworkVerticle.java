package dev.taffrail.network;

import dev.taffrail.core.network.Networks;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.InstantSource;

/** Puts the networks of the log into the kernel again, then offers them. */
final class NetworkVerticle extends VerticleBase {
  private final PluginContext host;
  private final InstantSource clock;
  private Sandboxes sandboxes;

  NetworkVerticle(PluginContext host, InstantSource clock) {
    this.host = host;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    NetworkSettings settings = NetworkSettings.of(host.daemon().configuration());
    sandboxes = new Sandboxes(host, settings);
    Drivers drivers = new Drivers(host);
    Journal journal = new Journal(host, context);
    Attachments attachments = new Attachments(host, journal, drivers, sandboxes);
    Restoration restoration = new Restoration(journal, drivers, attachments, sandboxes);
    NetworkCreation creation =
        new NetworkCreation(host, journal, drivers, sandboxes, settings, clock);
    CallContext call = CallContext.component("network");
    return restoration
        .run(call)
        .compose(restored -> creation.ensureDefault(call))
        .onSuccess(
            made ->
                host.provide(
                    Networks.NETWORKS, new NetworkService(journal, creation, attachments)));
  }

  @Override
  public Future<?> stop() {
    sandboxes.close();
    return Future.succeededFuture();
  }
}
