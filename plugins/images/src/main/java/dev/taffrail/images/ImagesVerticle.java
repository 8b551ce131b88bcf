package dev.taffrail.images;

import dev.taffrail.core.image.Images;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.InstantSource;

/** Takes away what a crash has left, then offers images. */
final class ImagesVerticle extends VerticleBase {
  private final PluginContext host;
  private final InstantSource clock;

  ImagesVerticle(PluginContext host, InstantSource clock) {
    this.host = host;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    Store store = new Store(host, context);
    return store
        .sweep(CallContext.component("images"))
        .onSuccess(swept -> host.provide(Images.IMAGES, new ImageService(store, clock)));
  }
}
