package dev.taffrail.core.log;

import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * How a log is opened.
 *
 * @param directory holds the database, the head file and quarantined ranges
 * @param clock epoch nanoseconds
 * @param salts random bytes for the salted hashes
 * @param queueCapacity commands and reserved outcomes that may wait
 * @param maxLag events a subscriber may fall behind while it asks for none
 * @param bookmarkInterval events passed over before a bookmark is sent
 * @param retention how much is kept
 * @param diskReserve bytes of the disk that are kept for outcomes; 0 for none
 */
public record LogSettings(
    Path directory,
    LogMode mode,
    LongSupplier clock,
    RandomGenerator salts,
    int queueCapacity,
    int maxLag,
    int bookmarkInterval,
    LogRetention retention,
    long diskReserve) {
  /** Keeps everything, and no room on the disk. */
  public LogSettings(
      Path directory,
      LogMode mode,
      LongSupplier clock,
      RandomGenerator salts,
      int queueCapacity,
      int maxLag,
      int bookmarkInterval) {
    this(
        directory,
        mode,
        clock,
        salts,
        queueCapacity,
        maxLag,
        bookmarkInterval,
        LogRetention.ALL,
        0);
  }

  public LogSettings with(LogRetention other) {
    return new LogSettings(
        directory, mode, clock, salts, queueCapacity, maxLag, bookmarkInterval, other, diskReserve);
  }

  public LogSettings withDiskReserve(long bytes) {
    return new LogSettings(
        directory, mode, clock, salts, queueCapacity, maxLag, bookmarkInterval, retention, bytes);
  }
}
