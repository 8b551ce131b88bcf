package dev.taffrail.core.metadata;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the users of native handles, so that closing waits for them and nobody comes in
 * afterwards: a use after close ends the JVM with SIGSEGV.
 */
final class Leases {
  private static final int CLOSED = Integer.MIN_VALUE;

  private final AtomicInteger users = new AtomicInteger();

  /** {@link StoreException} once {@link #close} has been called. */
  void acquire() {
    if (users.incrementAndGet() <= 0) {
      release();
      throw new StoreException("The store is closed", false, null);
    }
  }

  void release() {
    if (users.decrementAndGet() == CLOSED) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /** Returns false when it was closed before; else waits until every lease is back. */
  boolean close() {
    int count;
    do {
      count = users.get();
      if (count < 0) {
        return false;
      }
    } while (!users.compareAndSet(count, count + CLOSED));
    boolean interrupted = false;
    synchronized (this) {
      while (users.get() != CLOSED) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return true;
  }
}
