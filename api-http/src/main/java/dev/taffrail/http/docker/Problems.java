package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** All that is wrong with one request, told together as moby's internal/multierror does. */
final class Problems {
  private final List<String> messages = new ArrayList<>();

  void add(String message) {
    messages.add(message);
  }

  /** One message as it is, several as a list with nested lists indented; empty without any. */
  Optional<String> text() {
    if (messages.size() < 2) {
      return messages.stream().map(String::strip).findFirst();
    }
    return Optional.of(
        messages.stream()
            .map(message -> "* " + message.replace("\n", "\n\t"))
            .collect(Collectors.joining("\n")));
  }

  /** INVALID_ARGUMENT with {@code introduction} in front when anything is wrong. */
  void check(String introduction) {
    text()
        .ifPresent(
            text -> {
              throw new RuntimeFailure(Kind.INVALID_ARGUMENT, introduction + text);
            });
  }
}
