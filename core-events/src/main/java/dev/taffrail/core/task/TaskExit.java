package dev.taffrail.core.task;

import java.time.Instant;
import java.util.Objects;

/**
 * How a task ended.
 *
 * @param code 0 to 255, or 128 + signal; 255 when nobody knows
 * @param at when it ended, as well as can be told
 */
public record TaskExit(int code, Instant at, Reason reason) {
  public TaskExit {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(reason, "reason");
  }

  /** How the code is known. */
  public enum Reason {
    /** The monitor saw it. */
    EXITED,
    /** The monitor saw it, and the kernel's OOM killer had struck. */
    OUT_OF_MEMORY,
    /** The monitor was gone; the kernel told through a pidfd. */
    MONITOR_LOST,
    /** Both were gone without a trace. */
    UNKNOWN
  }
}
