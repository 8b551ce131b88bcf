package dev.taffrail.e2e.crash;

import java.util.concurrent.TimeUnit;

/** Counts how often the daemon was started again and found whole. */
final class Repairs {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);
  private int count;

  synchronized int count() {
    return count;
  }

  synchronized void add() {
    count++;
    notifyAll();
  }

  /** Waits for more than {@code seen} of them. */
  synchronized void await(int seen) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (count <= seen) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("The daemon was not repaired");
      }
      wait(left);
    }
  }
}
