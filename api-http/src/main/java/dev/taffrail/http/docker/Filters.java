package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The {@code filters} parameter. Values of one filter are alternatives, filters are all required;
 * without a value a filter matches everything.
 */
final class Filters {
  private final Map<String, Set<String>> values;

  private Filters(Map<String, Set<String>> values) {
    this.values = values;
  }

  /** Both forms: {@code {"label":["a"]}} and {@code {"label":{"a":true}}}. */
  static Filters parse(String text) {
    Map<String, Set<String>> values = new TreeMap<>();
    if (!text.isEmpty()) {
      JsonNode root = Json.parse(text, "invalid filter");
      if (!root.isObject()) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid filter");
      }
      root.properties().forEach(member -> values.put(member.getKey(), valuesOf(member.getValue())));
    }
    return new Filters(values);
  }

  private static Set<String> valuesOf(JsonNode node) {
    Set<String> result = new LinkedHashSet<>();
    if (node.isArray()) {
      node.forEach(value -> result.add(value.asText()));
    } else if (node.isObject()) {
      node.properties()
          .forEach(
              member -> {
                if (member.getValue().asBoolean()) {
                  result.add(member.getKey());
                }
              });
    } else {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid filter");
    }
    return result;
  }

  void check(Set<String> known) {
    for (String name : values.keySet()) {
      if (!known.contains(name)) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid filter '" + name + "'");
      }
    }
  }

  Set<String> get(String name) {
    return values.getOrDefault(name, Set.of());
  }

  boolean has(String name) {
    return !get(name).isEmpty();
  }

  boolean any(String name, Predicate<String> matches) {
    Set<String> wanted = get(name);
    return wanted.isEmpty() || wanted.stream().anyMatch(matches);
  }

  /** The value matches as a regular expression or literally. */
  boolean matchesExpression(String name, String text) {
    return any(
        name,
        wanted -> {
          try {
            return text.equals(wanted) || Pattern.compile(wanted).matcher(text).find();
          } catch (PatternSyntaxException e) {
            return false;
          }
        });
  }

  /** All wanted labels, {@code key} or {@code key=value}, are there. */
  boolean matchesLabels(String name, Map<String, String> labels) {
    for (String wanted : get(name)) {
      int equals = wanted.indexOf('=');
      String key = equals < 0 ? wanted : wanted.substring(0, equals);
      String value = labels.get(key);
      if (value == null || (equals >= 0 && !value.equals(wanted.substring(equals + 1)))) {
        return false;
      }
    }
    return true;
  }

  /** INVALID_ARGUMENT when a value is no boolean; empty filters match. */
  boolean matchesBoolean(String name, boolean actual) {
    return any(
        name,
        wanted ->
            switch (wanted) {
              case "1", "true", "True", "TRUE", "t", "T" -> actual;
              case "0", "false", "False", "FALSE", "f", "F" -> !actual;
              default ->
                  throw new RuntimeFailure(
                      Kind.INVALID_ARGUMENT, "invalid filter '" + name + "=[" + wanted + "]'");
            });
  }
}
