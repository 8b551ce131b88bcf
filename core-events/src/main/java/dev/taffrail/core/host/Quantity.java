package dev.taffrail.core.host;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes and times as people write them; sizes as Docker's {@code units.RAMInBytes} reads them. */
final class Quantity {
  private static final Pattern BYTES = Pattern.compile("([0-9]+)\\s*([kmgt]?)(i?b)?");
  private static final Pattern DURATION = Pattern.compile("(([0-9]+)(d|h|m|s))+|0");
  private static final Pattern PART = Pattern.compile("([0-9]+)(d|h|m|s)");
  private static final Map<String, Integer> SHIFTS =
      Map.of("", 0, "k", 10, "m", 20, "g", 30, "t", 40);
  private static final Map<String, Long> SECONDS =
      Map.of("d", 86_400L, "h", 3600L, "m", 60L, "s", 1L);

  private Quantity() {}

  /** {@code 64m}, {@code 2g}, {@code 1000}; IllegalArgumentException for anything else. */
  static long bytes(String text) {
    Matcher matcher = BYTES.matcher(text.trim().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("invalid size: '" + text + "'");
    }
    try {
      long factor = 1L << SHIFTS.get(matcher.group(2));
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), factor);
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException("invalid size: '" + text + "'", e);
    }
  }

  /** {@code 30d}, {@code 1h30m}, {@code 0}; IllegalArgumentException for anything else. */
  static Duration duration(String text) {
    if (!DURATION.matcher(text).matches()) {
      throw new IllegalArgumentException("invalid duration: \"" + text + "\"");
    }
    try {
      Duration sum = Duration.ZERO;
      Matcher parts = PART.matcher(text);
      while (parts.find()) {
        long seconds =
            Math.multiplyExact(Long.parseLong(parts.group(1)), SECONDS.get(parts.group(2)));
        sum = sum.plusSeconds(seconds);
      }
      // Nanoseconds are what the log counts in.
      long unused = sum.toNanos();
      return sum;
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException("invalid duration: \"" + text + "\"", e);
    }
  }
}
