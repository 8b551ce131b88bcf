package dev.taffrail.network;

import io.vertx.core.Context;
import io.vertx.core.Future;

/** Runs what a driver does in the kernel, which blocks, on worker threads of its plugin. */
public record Workers(Context context) {
  private static final boolean UNORDERED = false;

  /** In no order with other work. */
  public Future<Void> run(Runnable work) {
    return context.executeBlocking(
        () -> {
          work.run();
          return null;
        },
        UNORDERED);
  }
}
