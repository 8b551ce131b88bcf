package dev.taffrail.network.dns;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much may be under way at once. Each forwarded query and each TCP connection is a descriptor
 * of the daemon's, so a container has its share and all of them together have a limit.
 */
final class Capacity {
  private static final Logger LOG = LoggerFactory.getLogger(Capacity.class);
  private static final long SAID_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final String of;
  private final int limit;
  private final Capacity whole;
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicLong sayAgain = new AtomicLong(System.nanoTime());

  /**
   * Takes from {@code whole} as well.
   *
   * @param of for the log, "queries of a container"
   * @param whole null for none
   */
  Capacity(String of, int limit, Capacity whole) {
    this.of = of;
    this.limit = limit;
    this.whole = whole;
  }

  boolean take() {
    if (taken.incrementAndGet() <= limit) {
      if (whole == null || whole.take()) {
        return true;
      }
    } else {
      say();
    }
    taken.decrementAndGet();
    return false;
  }

  void giveBack() {
    taken.decrementAndGet();
    if (whole != null) {
      whole.giveBack();
    }
  }

  int taken() {
    return taken.get();
  }

  private void say() {
    long now = System.nanoTime();
    long next = sayAgain.get();
    if (now - next >= 0 && sayAgain.compareAndSet(next, now + SAID_EVERY_NANOS)) {
      LOG.warn("More than {} {} at once; further ones are refused", limit, of);
    }
  }
}
