package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/**
 * Moments and events of a log as people write them. A cursor has a meaning only in its epoch, so it
 * is nowhere taken for its sequence alone.
 */
final class Moments {
  private static final Pattern CURSOR = Pattern.compile("[0-9]{1,10}-[0-9]{1,19}");
  private static final Pattern SEQUENCE = Pattern.compile("[0-9]{1,19}");

  private Moments() {}

  /** See {@link ReadableLog#moment}. */
  static Cursor moment(ReadableLog log, String text) {
    Cursor moment = position(log, text);
    log.asOf(moment).close();
    return moment;
  }

  /** See {@link ReadableLog#event}. */
  static Cursor event(ReadableLog log, String text) {
    if (CURSOR.matcher(text).matches()) {
      return Cursor.parse(text);
    }
    if (SEQUENCE.matcher(text).matches()) {
      return new Cursor(log.head().epoch(), sequence(text));
    }
    throw new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "Not an event: " + text + " (expected its cursor <epoch>-<sequence>, or its sequence)");
  }

  /** See {@link ReadableLog#position}. */
  static Cursor position(ReadableLog log, String text) {
    if (text.equals("head")) {
      return log.head();
    }
    if (text.equals("oldest")) {
      return log.oldest();
    }
    if (CURSOR.matcher(text).matches()) {
      return Cursor.parse(text);
    }
    if (SEQUENCE.matcher(text).matches()) {
      return log.at(sequence(text));
    }
    return log.at(time(text));
  }

  private static long sequence(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw invalid(text, e);
    }
  }

  private static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw invalid(text, e);
    }
  }

  private static RuntimeFailure invalid(String text, Exception cause) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "Not a moment: "
            + text
            + " (expected a cursor <epoch>-<sequence>, a sequence, head, oldest, or a time such as"
            + " 2026-01-31T03:12:00Z)",
        cause);
  }
}
