package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/** What the writer's thread does between two groups, besides writing groups. */
final class Chores {
  private final Queue<Chore> waiting = new ArrayDeque<>();
  private boolean closed;

  /** The work itself. */
  interface Work {
    void run() throws InterruptedException;
  }

  private record Chore(Work work, Consumer<RuntimeFailure> abandoned) {}

  /**
   * Has it done soon.
   *
   * @param abandoned told when it will not be done
   */
  void add(Work work, Consumer<RuntimeFailure> abandoned) {
    synchronized (this) {
      if (!closed) {
        waiting.add(new Chore(work, abandoned));
        return;
      }
    }
    abandoned.accept(closedFailure());
  }

  private static RuntimeFailure closedFailure() {
    return new RuntimeFailure(Kind.UNAVAILABLE, "The event log is closed");
  }

  /** Does all that waits. */
  void run() throws InterruptedException {
    for (Chore chore = poll(); chore != null; chore = poll()) {
      chore.work().run();
    }
  }

  private synchronized Chore poll() {
    return waiting.poll();
  }

  /** Nothing more will be done. */
  void close() {
    List<Chore> left;
    synchronized (this) {
      closed = true;
      left = new ArrayList<>(waiting);
      waiting.clear();
    }
    left.forEach(chore -> chore.abandoned().accept(closedFailure()));
  }
}
