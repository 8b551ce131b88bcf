package dev.taffrail.core.plugin;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Lets the sagas of one container take turns, in the order they came; those of others are not
 * delayed. Confined to the plugin's context.
 */
public final class Turns {
  private final Map<String, Future<?>> last = new HashMap<>();

  /** Begins {@code saga} once those before it about {@code id} have ended, in whatever way. */
  public <T> Future<T> take(String id, Supplier<Future<T>> saga) {
    Future<?> before = last.get(id);
    Future<T> mine = before == null ? begin(saga) : before.transform(whatever -> begin(saga));
    last.put(id, mine);
    return mine.onComplete(whatever -> last.remove(id, mine));
  }

  private static <T> Future<T> begin(Supplier<Future<T>> saga) {
    try {
      return saga.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }
}
