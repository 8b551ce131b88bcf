package dev.taffrail.core.container;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * The next run of a container that has just ended.
 *
 * @param count which restart of its policy this is, from 1; 0 for one that somebody asked for, with
 *     which the count begins anew
 * @param delayMillis between the end and the start; the next one is twice as long
 * @param at when it is due
 */
public record Restart(int count, long delayMillis, Instant at) {
  /** A run that lasted as long makes the delays begin anew; as in Docker Engine. */
  public static final Duration STABLE = Duration.ofSeconds(10);

  private static final long FIRST_MILLIS = 100;
  private static final long LONGEST_MILLIS = 60_000;

  public Restart {
    Objects.requireNonNull(at, "at");
  }

  /** The delay after a run of {@code lasted} that itself followed {@code previous}. */
  public static long delayMillis(long previous, Duration lasted) {
    return previous == 0 || lasted.compareTo(STABLE) >= 0
        ? FIRST_MILLIS
        : Math.min(2 * previous, LONGEST_MILLIS);
  }
}
