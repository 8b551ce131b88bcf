package dev.taffrail.http.docker;

import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Paths without their version prefix → endpoints. A template has at most one variable, {@code
 * /images/{name}/json}, which also matches slashes; the first entry that matches wins.
 */
final class EndpointTable {
  private static final String VARIABLE = "{name}";

  private final List<Entry> entries = new ArrayList<>();

  private record Entry(HttpMethod method, Pattern path, Endpoint endpoint) {}

  /**
   * What a request is for.
   *
   * @param name the value of the path's variable; empty when it has none
   */
  record Match(Endpoint endpoint, String name) {}

  EndpointTable get(String template, Endpoint endpoint) {
    return add(HttpMethod.GET, template, endpoint);
  }

  EndpointTable head(String template, Endpoint endpoint) {
    return add(HttpMethod.HEAD, template, endpoint);
  }

  EndpointTable post(String template, Endpoint endpoint) {
    return add(HttpMethod.POST, template, endpoint);
  }

  EndpointTable put(String template, Endpoint endpoint) {
    return add(HttpMethod.PUT, template, endpoint);
  }

  EndpointTable delete(String template, Endpoint endpoint) {
    return add(HttpMethod.DELETE, template, endpoint);
  }

  private EndpointTable add(HttpMethod method, String template, Endpoint endpoint) {
    int variable = template.indexOf(VARIABLE);
    String regex =
        variable < 0
            ? Pattern.quote(template)
            : Pattern.quote(template.substring(0, variable))
                + "(.+)"
                + Pattern.quote(template.substring(variable + VARIABLE.length()));
    entries.add(new Entry(method, Pattern.compile(regex), endpoint));
    return this;
  }

  /** Empty for a path that is not known and for a method it does not have: Docker tells no more. */
  Optional<Match> find(HttpMethod method, String path) {
    for (Entry entry : entries) {
      if (entry.method.equals(method)) {
        Matcher matcher = entry.path.matcher(path);
        if (matcher.matches()) {
          return Optional.of(
              new Match(entry.endpoint, matcher.groupCount() > 0 ? matcher.group(1) : ""));
        }
      }
    }
    return Optional.empty();
  }
}
