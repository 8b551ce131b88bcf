package dev.taffrail.core.log;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a log in a file of its own: all that a log keeps that was truncated before its first
 * event and ends with its last. {@code docs/log-format.md}.
 *
 * @param file where it is
 * @param header what it says of itself
 */
record Segment(Path file, Header header) {
  static final String SUFFIX = ".segment";

  private static final Pattern NAME = Pattern.compile("(.+)-([0-9]{20})-([0-9]{20})\\.segment");

  /**
   * What a segment says of itself.
   *
   * @param anchor hash of the event before the first, lower-case hex; that of the genesis before
   *     event 1, absent after a hole
   * @param hash of the last event, lower-case hex
   * @param epoch of the last event
   * @param time of the last event, nanoseconds since the epoch
   * @param base replays start after this sequence, from the state as of then: that before the first
   *     event, or in a salvaged log a later one
   */
  record Header(
      int version,
      String logId,
      long first,
      long last,
      Optional<String> anchor,
      String hash,
      int epoch,
      long time,
      long base) {
    static final int VERSION = 1;

    String fileName() {
      return logId + "-" + digits(first) + "-" + digits(last) + SUFFIX;
    }

    private static String digits(long sequence) {
      return String.format(Locale.ROOT, "%020d", sequence);
    }

    /** Whether something was lost within it, so that it cannot be replayed from its beginning. */
    boolean salvaged() {
      return base > first - 1;
    }
  }

  /** The last sequence that the name of a file promises; empty when it is none of the log's. */
  static Optional<Long> lastOf(Path file, String logId) {
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    return name.matches() && name.group(1).equals(logId)
        ? Optional.of(Long.parseLong(name.group(3)))
        : Optional.empty();
  }

  long first() {
    return header.first();
  }

  long last() {
    return header.last();
  }

  /** The base of segments that follow each other. */
  static long base(List<Segment> segments) {
    long base = segments.get(0).first() - 1;
    for (Segment segment : segments) {
      if (segment.header.salvaged()) {
        base = segment.header.base();
      }
    }
    return base;
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
