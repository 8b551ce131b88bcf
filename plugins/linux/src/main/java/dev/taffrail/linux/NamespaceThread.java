package dev.taffrail.linux;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;

/**
 * A thread for one piece of work that moves into a namespace. It ends with the work and is never
 * used again, so nothing can be left in the wrong place.
 */
final class NamespaceThread {
  private NamespaceThread() {}

  /** What {@code work} answers or throws. Waits also when interrupted: the work is short. */
  static <T> T call(Callable<T> work) {
    Outcome<T> outcome = new Outcome<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                outcome.value = work.call();
              } catch (Throwable failure) {
                outcome.failure = failure;
              }
            },
            "linux-namespace");
    thread.setDaemon(true);
    thread.start();
    Threads.joinUninterruptibly(thread);
    if (outcome.failure != null) {
      throw asUnchecked(outcome.failure);
    }
    return outcome.value;
  }

  private static RuntimeException asUnchecked(Throwable failure) {
    if (failure instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof IOException io) {
      return new UncheckedIOException(io);
    }
    return new RuntimeFailure(
        Kind.INTERNAL, "Work in a network namespace failed: " + failure.getMessage(), failure);
  }

  /** Written before the thread ends, read after it was joined. */
  private static final class Outcome<T> {
    private T value;
    private Throwable failure;
  }
}
