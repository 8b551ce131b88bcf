package dev.taffrail.e2e.crash;

import dev.taffrail.testkit.daemon.ApiClient;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks until something is so; AssertionError when it is not in five minutes. */
final class Until implements Step {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private final String what;
  private final Question question;

  /** Something that becomes true. */
  interface Question {
    boolean ask(ApiClient api, String name) throws IOException;
  }

  Until(String what, Question question) {
    this.what = what;
    this.question = question;
  }

  @Override
  public boolean run(ApiClient api, String name, boolean again) throws IOException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!question.ask(api, name)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(name + ": no " + what + " in five minutes");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }
}
