package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.http.travel.TimeTravel;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a question about the past goes: to a daemon, or to files. */
final class PastOptions {
  @Mixin private LogFiles files;

  @Option(names = "--json", description = "The answer as JSON")
  private boolean json;

  boolean json() {
    return json;
  }

  /**
   * The same answer from both.
   *
   * @param path below {@code /taffrail/v1/}; what a user wrote in it is encoded here
   */
  JsonNode ask(TaffrailCommand parent, String path, Parameters parameters) {
    if (files.areGiven()) {
      return files.read(log -> new TimeTravel(log).answer(path, parameters::find));
    }
    try (Remote remote = parent.connect()) {
      return remote.get("/taffrail/v1/" + encodePath(path) + parameters.query());
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String encodePath(String path) {
    return encode(path).replace("%2F", "/");
  }

  /** Parameters with a value, in the order in which they were given. */
  static final class Parameters {
    private final Map<String, String> values = new LinkedHashMap<>();

    /** Leaves it out when {@code value} is null. */
    Parameters with(String name, Object value) {
      if (value != null) {
        values.put(name, value.toString());
      }
      return this;
    }

    Parameters with(String name, boolean flag) {
      return with(name, flag ? "1" : null);
    }

    Optional<String> find(String name) {
      return Optional.ofNullable(values.get(name)).filter(text -> !text.isEmpty());
    }

    String query() {
      StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
      values.forEach((name, value) -> query.add(name + "=" + encode(value)));
      return query.toString();
    }
  }
}
