package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;

/**
 * A place in the log, written {@code <epoch>-<sequence>}: everything up to and including the event
 * with that sequence has been seen. A sequence has one meaning within an epoch.
 */
public record Cursor(int epoch, long sequence) implements Comparable<Cursor> {
  /** Before the first event of every log. */
  public static final Cursor START = new Cursor(0, 0);

  public Cursor {
    if (epoch < 0 || sequence < 0) {
      throw new IllegalArgumentException("Not a cursor: " + epoch + "-" + sequence);
    }
  }

  /** INVALID_ARGUMENT unless {@code text} is {@code <epoch>-<sequence>}. */
  public static Cursor parse(String text) {
    int dash = text.indexOf('-');
    try {
      if (dash > 0) {
        return new Cursor(
            Integer.parseInt(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
      }
    } catch (IllegalArgumentException e) {
      throw invalid(text, e);
    }
    throw invalid(text, null);
  }

  private static RuntimeFailure invalid(String text, Throwable cause) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT, "Not a cursor, <epoch>-<sequence>: " + text, cause);
  }

  @Override
  public int compareTo(Cursor other) {
    int byEpoch = Integer.compare(epoch, other.epoch);
    return byEpoch != 0 ? byEpoch : Long.compare(sequence, other.sequence);
  }

  @Override
  public String toString() {
    return epoch + "-" + sequence;
  }
}
