package dev.taffrail.containers;

import dev.taffrail.core.container.Restart;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts containers again when they are due. A timer that comes too late is harmless: the decider
 * knows whether the run is still wanted. Confined to the plugin's context.
 */
final class Restarts {
  private static final Logger LOG = LoggerFactory.getLogger(Restarts.class);
  private static final long RETRY_MILLIS = 1000;
  private final Services services;
  private final Map<String, List<Promise<Void>>> waiting = new HashMap<>();
  private BiFunction<CallContext, String, Future<Void>> starter;

  Restarts(Services services) {
    this.services = services;
  }

  /** How a container that is due is started. */
  void startWith(BiFunction<CallContext, String, Future<Void>> how) {
    this.starter = how;
  }

  /** Completes with the next run of the container, or fails when there is none. */
  Future<Void> next(String id) {
    Promise<Void> promise = Promise.promise();
    waiting.computeIfAbsent(id, none -> new ArrayList<>()).add(promise);
    return promise.future();
  }

  /** Somebody else's order was stronger: the container has ended for good. */
  void none(String id) {
    tell(
        id,
        Future.failedFuture(
            new RuntimeFailure(
                Kind.ABORTED, "Container " + id + " was stopped before it could be restarted")));
  }

  private void tell(String id, Future<Void> result) {
    List<Promise<Void>> told = waiting.remove(id);
    if (told != null) {
      told.forEach(promise -> result.onComplete(promise));
    }
  }

  /** Starts it at its time, or now when that has passed; {@code call} is caused by its exit. */
  void schedule(CallContext call, String id, Restart restart) {
    long wait = Duration.between(services.clock.instant(), restart.at()).toMillis();
    if (wait <= 0) {
      begin(call, id);
    } else {
      services.timer(wait, () -> begin(call, id));
    }
  }

  private void begin(CallContext call, String id) {
    if (services.isClosed()) {
      return;
    }
    Future<Void> started = starter.apply(call, id);
    started.onComplete(
        result -> {
          if (result.failed() && RuntimeFailure.kindOf(result.cause()) == Kind.UNAVAILABLE) {
            services.timer(RETRY_MILLIS, () -> begin(call, id));
            return;
          }
          if (result.failed()) {
            log(id, result.cause());
          }
          tell(id, started);
        });
  }

  private static void log(String id, Throwable cause) {
    Kind kind = RuntimeFailure.kindOf(cause);
    if (kind == Kind.FAILED_PRECONDITION || kind == Kind.NOT_FOUND) {
      LOG.debug("Container {} is not to be restarted any more", id, cause);
    } else {
      LOG.warn("Cannot restart container {}: {}", id, cause.getMessage());
    }
  }
}
