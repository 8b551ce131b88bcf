package dev.taffrail.core.log;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much of a log is kept. Events are removed in steps, so somewhat more stays than each limit
 * says; the state, and the last value of every row that is live, always stay.
 *
 * @param maxAge events are removed once they are older
 * @param maxBytes of the database's files; at twice as much, requests are refused until there is
 *     less
 * @param maxEvents how many are kept
 * @param maxConsumerLag events that a durable consumer may be behind and still hold a truncation
 *     off
 * @param archive the directory into which events are written before they are removed; without one
 *     they are gone
 */
public record LogRetention(
    Optional<Duration> maxAge,
    OptionalLong maxBytes,
    OptionalLong maxEvents,
    long maxConsumerLag,
    Optional<Path> archive) {
  public static final long DEFAULT_MAX_CONSUMER_LAG = 1_000_000;

  /** Keeps everything. */
  public static final LogRetention ALL =
      new LogRetention(
          Optional.empty(), OptionalLong.empty(), OptionalLong.empty(), DEFAULT_MAX_CONSUMER_LAG);

  public LogRetention {
    Objects.requireNonNull(maxAge, "maxAge");
    Objects.requireNonNull(maxBytes, "maxBytes");
    Objects.requireNonNull(maxEvents, "maxEvents");
    Objects.requireNonNull(archive, "archive");
  }

  /** Archives nothing. */
  public LogRetention(
      Optional<Duration> maxAge,
      OptionalLong maxBytes,
      OptionalLong maxEvents,
      long maxConsumerLag) {
    this(maxAge, maxBytes, maxEvents, maxConsumerLag, Optional.empty());
  }

  public LogRetention archivedIn(Path directory) {
    return new LogRetention(maxAge, maxBytes, maxEvents, maxConsumerLag, Optional.of(directory));
  }

  public boolean keepsAll() {
    return maxAge.isEmpty() && maxBytes.isEmpty() && maxEvents.isEmpty();
  }
}
