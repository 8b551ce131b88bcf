package dev.taffrail.content;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Runs work for one key after the other, and for different keys at once. For one context. */
final class KeyedQueue<K> {
  private final Map<K, Future<?>> last = new HashMap<>();

  <T> Future<T> run(K key, Supplier<Future<T>> work) {
    Future<?> before = last.getOrDefault(key, Future.succeededFuture());
    Future<T> next = before.transform(done -> work.get());
    last.put(key, next);
    next.onComplete(done -> last.remove(key, next));
    return next;
  }
}
