package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.container.WaitCondition;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Those who wait for a container, told once an event is durable. Confined to one context. */
final class Waiters {
  private final Map<String, List<Waiter>> waiting = new HashMap<>();

  /** One who waits. */
  final class Waiter {
    private final String id;
    private final WaitCondition condition;
    private final Promise<ContainerExit> promise = Promise.promise();

    private Waiter(String id, WaitCondition condition) {
      this.id = id;
      this.condition = condition;
    }

    Future<ContainerExit> future() {
      return promise.future();
    }

    void tell(ContainerExit exit) {
      leave();
      promise.tryComplete(exit);
    }

    void fail(Throwable cause) {
      leave();
      promise.tryFail(cause);
    }

    /** Nobody is interested any more. */
    void cancel() {
      fail(new RuntimeFailure(Kind.CANCELLED, "The wait for container " + id + " was given up"));
    }

    private void leave() {
      List<Waiter> others = waiting.get(id);
      if (others != null && others.remove(this) && others.isEmpty()) {
        waiting.remove(id);
      }
    }
  }

  Waiter register(String id, WaitCondition condition) {
    Waiter waiter = new Waiter(id, condition);
    waiting.computeIfAbsent(id, key -> new ArrayList<>()).add(waiter);
    return waiter;
  }

  /** A run has ended, or could not begin. */
  void ended(String id, ContainerExit exit) {
    for (Waiter waiter : of(id)) {
      if (waiter.condition != WaitCondition.REMOVED) {
        waiter.tell(exit);
      }
    }
  }

  /** The container is gone, so everybody is told, whatever they waited for. */
  void removed(String id, ContainerExit exit) {
    of(id).forEach(waiter -> waiter.tell(exit));
  }

  private List<Waiter> of(String id) {
    return List.copyOf(waiting.getOrDefault(id, List.of()));
  }
}
