package dev.taffrail.core.log;

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
 */
public record LogRetention(
    Optional<Duration> maxAge, OptionalLong maxBytes, OptionalLong maxEvents, long maxConsumerLag) {
  public static final long DEFAULT_MAX_CONSUMER_LAG = 1_000_000;

  /** Keeps everything. */
  public static final LogRetention ALL =
      new LogRetention(
          Optional.empty(), OptionalLong.empty(), OptionalLong.empty(), DEFAULT_MAX_CONSUMER_LAG);

  public LogRetention {
    Objects.requireNonNull(maxAge, "maxAge");
    Objects.requireNonNull(maxBytes, "maxBytes");
    Objects.requireNonNull(maxEvents, "maxEvents");
  }

  public boolean keepsAll() {
    return maxAge.isEmpty() && maxBytes.isEmpty() && maxEvents.isEmpty();
  }
}
