package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a prune may take: {@code label}, {@code label!} and {@code until}.
 *
 * @param until what was made later stays
 */
record PruneFilter(Filters filters, Optional<Instant> until) {
  private static final Pattern DURATION =
      Pattern.compile("(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})(?:\\.\\d+)?s)?");

  /** INVALID_ARGUMENT for a filter that is none of {@code known}, and for a time that is none. */
  static PruneFilter of(Exchange exchange, Set<String> known) {
    Filters filters = exchange.filters(known);
    Set<String> until = filters.get("until");
    if (until.size() > 1) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "more than one until filter specified");
    }
    return new PruneFilter(filters, until.stream().findFirst().map(PruneFilter::time));
  }

  /** Seconds since the epoch, a duration before now as Go writes it, or RFC 3339 or less of it. */
  static Instant time(String text) {
    Matcher duration = DURATION.matcher(text);
    if (duration.matches() && !text.isEmpty()) {
      return Instant.now()
          .minus(Duration.ofHours(number(duration.group(1))))
          .minus(Duration.ofMinutes(number(duration.group(2))))
          .minus(Duration.ofSeconds(number(duration.group(3))));
    }
    try {
      if (text.matches("\\d{4}-\\d{2}-\\d{2}")) {
        return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      if (text.matches("\\d{4}-\\d{2}-\\d{2}T[0-9:.]+")) {
        return LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
      }
      if (text.contains("T")) {
        return OffsetDateTime.parse(text).toInstant();
      }
    } catch (DateTimeException e) {
      throw noTime(text, e);
    }
    return Optional.of(text)
        .filter(digits -> digits.matches("[0-9.]+"))
        .flatMap(Times::parse)
        .orElseThrow(() -> noTime(text, null));
  }

  private static RuntimeFailure noTime(String text, Throwable cause) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "failed to parse value as time or duration: \"" + text + "\"",
        cause);
  }

  private static long number(String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  /** Whether something made then with these labels may go. */
  boolean takes(Instant created, Map<String, String> labels) {
    return until.filter(created::isAfter).isEmpty()
        && filters.matchesLabels("label", labels)
        && (!filters.has("label!") || !filters.matchesLabels("label!", labels));
  }
}
