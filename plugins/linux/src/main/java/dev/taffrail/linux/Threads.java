package dev.taffrail.linux;

/** Waiting for threads that end soon. */
final class Threads {
  private Threads() {}

  /** Returns when {@code thread} has ended; at once on that thread itself. */
  static void joinUninterruptibly(Thread thread) {
    if (thread == Thread.currentThread()) {
      return;
    }
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
