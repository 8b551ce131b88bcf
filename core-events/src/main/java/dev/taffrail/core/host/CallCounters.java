package dev.taffrail.core.host;

import java.util.concurrent.atomic.LongAdder;

/** Counts the calls that one plugin has answered. */
final class CallCounters {
  private final LongAdder calls = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder busyNanos = new LongAdder();

  void answered(boolean failed, long nanos) {
    calls.increment();
    busyNanos.add(nanos);
    if (failed) {
      failures.increment();
    }
  }

  long calls() {
    return calls.sum();
  }

  long failures() {
    return failures.sum();
  }

  long busyNanos() {
    return busyNanos.sum();
  }
}
