package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Times as Docker's API reads and writes them. */
final class Times {
  /** Go's zero time: never. */
  static final String NEVER = "0001-01-01T00:00:00Z";

  private static final Pattern UNIX = Pattern.compile("-?[0-9]+(\\.[0-9]{1,9})?");
  private static final DateTimeFormatter FIXED =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Times() {}

  static String rfc3339(Optional<Instant> time) {
    return time.map(Instant::toString).orElse(NEVER);
  }

  /** With nine digits, as log lines are stamped. */
  static String fixed(Instant time) {
    return FIXED.format(time);
  }

  /**
   * {@code seconds[.fraction]} since the epoch; INVALID_ARGUMENT for anything else. Empty for the
   * empty text.
   */
  static Optional<Instant> parse(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!UNIX.matcher(text).matches()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "invalid time: expected seconds[.nanoseconds]: " + text);
    }
    try {
      BigDecimal value = new BigDecimal(text);
      long seconds = value.setScale(0, java.math.RoundingMode.FLOOR).longValueExact();
      long nanos = value.subtract(BigDecimal.valueOf(seconds)).movePointRight(9).longValueExact();
      return Optional.of(Instant.ofEpochSecond(seconds, nanos));
    } catch (ArithmeticException | java.time.DateTimeException e) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid time: out of range: " + text, e);
    }
  }

  /** As people say it: {@code About a minute}, {@code 3 hours}. */
  static String human(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    long minutes = seconds / 60;
    long hours = (seconds + 1800) / 3600;
    if (seconds < 1) {
      return "Less than a second";
    } else if (seconds == 1) {
      return "1 second";
    } else if (seconds < 60) {
      return seconds + " seconds";
    } else if (minutes == 1) {
      return "About a minute";
    } else if (minutes < 60) {
      return minutes + " minutes";
    } else if (hours == 1) {
      return "About an hour";
    } else if (hours < 48) {
      return hours + " hours";
    } else if (hours < 24 * 7 * 2) {
      return hours / 24 + " days";
    } else if (hours < 24 * 30 * 2) {
      return hours / 24 / 7 + " weeks";
    } else if (hours < 24 * 365 * 2) {
      return hours / 24 / 30 + " months";
    }
    return duration.toDays() / 365 + " years";
  }
}
