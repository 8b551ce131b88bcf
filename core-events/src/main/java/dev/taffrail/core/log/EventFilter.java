package dev.taffrail.core.log;

import dev.taffrail.core.event.Subject;
import java.util.List;

/**
 * Which events a reader wants; an empty list wants all.
 *
 * @param types full types, or prefixes that end in {@code *}
 * @param subjects {@code namespace/type/id}, or prefixes that end in {@code *}
 */
public record EventFilter(List<String> types, List<String> subjects) {
  public static final EventFilter ALL = new EventFilter(List.of(), List.of());

  public EventFilter {
    types = List.copyOf(types);
    subjects = List.copyOf(subjects);
  }

  public boolean matches(String type, Subject subject) {
    return matchesAny(types, type)
        && (subjects.isEmpty() || matchesAny(subjects, subject.toString()));
  }

  private static boolean matchesAny(List<String> patterns, String value) {
    if (patterns.isEmpty()) {
      return true;
    }
    for (String pattern : patterns) {
      if (pattern.endsWith("*")
          ? value.startsWith(pattern.substring(0, pattern.length() - 1))
          : value.equals(pattern)) {
        return true;
      }
    }
    return false;
  }
}
