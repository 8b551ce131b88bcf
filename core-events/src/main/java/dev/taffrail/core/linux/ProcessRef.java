package dev.taffrail.core.linux;

import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** One process, held by a pidfd, so that it is never mistaken for another. */
public interface ProcessRef extends AutoCloseable {
  int pid();

  /** Field 22 of {@code /proc/<pid>/stat}: clock ticks after boot. */
  long startTicks();

  boolean isAlive();

  /** See pidfd_send_signal(2); NOT_FOUND when it has ended. */
  void signal(int number);

  /**
   * Completes when the process ends, on a watcher thread. The status is 0 to 255, or 128 + signal;
   * empty when the kernel does not tell (not our child, and older than PIDFD_GET_INFO with
   * PIDFD_INFO_EXIT, 6.15).
   */
  CompletableFuture<OptionalInt> exit();

  @Override
  void close();
}
