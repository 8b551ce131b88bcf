package dev.taffrail.containers;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/** Runs so many pieces of work side by side and lets the others wait. Confined to one context. */
final class Lanes {
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int free;

  Lanes(int count) {
    this.free = count;
  }

  <T> Future<T> run(Supplier<Future<T>> work) {
    Promise<T> promise = Promise.promise();
    waiting.add(
        () -> {
          Future<T> result;
          try {
            result = work.get();
          } catch (RuntimeException e) {
            result = Future.failedFuture(e);
          }
          result.onComplete(
              outcome -> {
                free++;
                promise.handle(outcome);
                next();
              });
        });
    next();
    return promise.future();
  }

  private void next() {
    while (free > 0 && !waiting.isEmpty()) {
      free--;
      waiting.remove().run();
    }
  }
}
