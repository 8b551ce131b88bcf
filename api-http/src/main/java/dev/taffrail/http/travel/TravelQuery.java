package dev.taffrail.http.travel;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.Optional;

/** The parameters of a question; empty ones count as absent. */
@FunctionalInterface
public interface TravelQuery {
  Optional<String> find(String name);

  /** {@code 1} and {@code true} are true. */
  default boolean flag(String name) {
    return find(name).map(text -> text.equals("1") || text.equals("true")).orElse(false);
  }

  /** INVALID_ARGUMENT unless it is a whole number from 1 to {@code most}. */
  default int number(String name, int otherwise, int most) {
    Optional<String> text = find(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw invalid(name, most, e);
    }
    throw invalid(name, most, null);
  }

  private static RuntimeFailure invalid(String name, int most, Exception cause) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "The parameter " + name + " must be a whole number from 1 to " + most,
        cause);
  }
}
