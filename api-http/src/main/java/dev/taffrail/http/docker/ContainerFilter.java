package dev.taffrail.http.docker;

import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.ImageReference;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which containers {@code GET /containers/json} shows; as moby's daemon/list.go decides. */
final class ContainerFilter {
  private static final Set<String> KNOWN =
      Set.of(
          "ancestor",
          "before",
          "exited",
          "expose",
          "health",
          "id",
          "is-task",
          "isolation",
          "label",
          "name",
          "network",
          "publish",
          "since",
          "status",
          "volume");
  private static final List<String> HEALTHS = List.of("none", "starting", "healthy", "unhealthy");
  private static final int MAXIMUM_PORT = 65_535;
  private static final Pattern PORTS =
      Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?(?:/(tcp|udp|sctp))?");

  private final Filters filters;
  private final boolean all;
  private final int limit;

  private ContainerFilter(Filters filters, boolean all, int limit) {
    this.filters = filters;
    this.all = all;
    this.limit = limit;
  }

  /** INVALID_ARGUMENT for a filter or a value that Docker does not know. */
  static ContainerFilter of(Exchange exchange) {
    Filters filters = exchange.filters(KNOWN);
    for (String health : filters.get("health")) {
      if (!HEALTHS.contains(health)) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT,
            "invalid filter 'health="
                + health
                + "': invalid value for health ("
                + health
                + "): must be one of "
                + String.join(", ", HEALTHS));
      }
    }
    for (String filter : List.of("expose", "publish")) {
      filters.get(filter).forEach(range -> checkPorts(filter, range));
    }
    for (String state : filters.get("status")) {
      if (!ContainerEndpoints.STATES.contains(state)) {
        throw invalid("status", state);
      }
    }
    for (String code : filters.get("exited")) {
      if (!code.matches("-?[0-9]{1,9}")) {
        throw invalid("exited", code);
      }
    }
    OptionalInt limit = exchange.number("limit");
    return new ContainerFilter(
        filters, exchange.flag("all") || filters.has("status"), Math.max(0, limit.orElse(0)));
  }

  /** {@code 80}, {@code 80/tcp} or {@code 80-90/udp}. */
  private static void checkPorts(String filter, String range) {
    Matcher matcher = PORTS.matcher(range);
    boolean known = matcher.matches();
    int first = known ? Integer.parseInt(matcher.group(1)) : 0;
    int last = known && matcher.group(2) != null ? Integer.parseInt(matcher.group(2)) : first;
    if (!known || last < first || last > MAXIMUM_PORT) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "error while looking up for " + filter + " " + range + ": invalid port range");
    }
  }

  private static RuntimeFailure invalid(String name, String value) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid filter '" + name + "=" + value + "'");
  }

  /** Those that may be shown: none that does not run, unless it is asked for. */
  List<ContainerView> looksAt(List<ContainerView> views) {
    return all || limit > 0
        ? views
        : views.stream().filter(view -> ContainerJson.isUp(view.status())).toList();
  }

  /** {@code views} is newest first; NOT_FOUND when before or since name no container. */
  List<ContainerView> apply(
      List<ContainerView> views, NetworkSettingsJson networks, KnownNetworks known) {
    int from = 0;
    int to = views.size();
    for (String name : filters.get("before")) {
      from = Math.max(from, position(views, name) + 1);
    }
    for (String name : filters.get("since")) {
      to = Math.min(to, position(views, name));
    }
    if (from >= to) {
      return List.of();
    }
    Stream<ContainerView> shown =
        views.subList(from, to).stream()
            .filter(this::matches)
            .filter(view -> isOn(networks.places(view, known)))
            .filter(view -> hasPort(networks.publicPorts(view)));
    return (limit > 0 ? shown.limit(limit) : shown).toList();
  }

  private static int position(List<ContainerView> views, String name) {
    String bare = name.startsWith("/") ? name.substring(1) : name;
    for (int i = 0; i < views.size(); i++) {
      if (views.get(i).status().name().equals(bare) || views.get(i).id().startsWith(bare)) {
        return i;
      }
    }
    throw new RuntimeFailure(Kind.NOT_FOUND, "No such container: " + name);
  }

  private boolean matches(ContainerView view) {
    ContainerSpecification spec = view.specification();
    if (!ContainerJson.isUp(view.status()) && !all && limit == 0) {
      return false;
    }
    String name = view.status().name();
    return (filters.matchesExpression("name", name)
            || filters.matchesExpression("name", "/" + name))
        && filters.any("id", view.id()::startsWith)
        && filters.any("status", ContainerJson.state(view.status())::equals)
        && exited(view)
        && filters.matchesLabels("label", spec.labels())
        && filters.any("ancestor", ancestor -> isAncestor(ancestor, spec))
        && filters.any("health", "none"::equals)
        && filters.matchesBoolean("is-task", false)
        && filters.any(
            "volume",
            path ->
                spec.mounts().stream()
                    .anyMatch(mount -> mount.target().equals(path) || mount.source().equals(path)));
  }

  private boolean isOn(List<NetworkSettingsJson.Place> places) {
    return filters.any(
        "network",
        wanted ->
            places.stream()
                .anyMatch(
                    place ->
                        place.name().equals(wanted)
                            || place.id().filter(id -> id.startsWith(wanted)).isPresent()));
  }

  /** One of either filter is enough, as in moby. */
  private boolean hasPort(List<NetworkSettingsJson.Port> ports) {
    return (!filters.has("expose") && !filters.has("publish"))
        || ports.stream()
            .anyMatch(
                port ->
                    isIn("publish", port.hostPort(), port.protocol())
                        || isIn("expose", port.containerPort(), port.protocol()));
  }

  private boolean isIn(String filter, int port, String protocol) {
    return filters.get(filter).stream()
        .map(PORTS::matcher)
        .anyMatch(
            range ->
                range.matches()
                    && port >= Integer.parseInt(range.group(1))
                    && port <= Integer.parseInt(range.group(range.group(2) == null ? 1 : 2))
                    && protocol.equals(range.group(3) == null ? "tcp" : range.group(3)));
  }

  private boolean exited(ContainerView view) {
    return !filters.has("exited")
        || (!ContainerJson.isUp(view.status())
            && view.status().finishedAt().isPresent()
            && filters.get("exited").contains(Integer.toString(view.status().exitCode())));
  }

  private static boolean isAncestor(String ancestor, ContainerSpecification spec) {
    String hex = spec.image().hex();
    if (spec.image().toString().startsWith(ancestor) || hex.startsWith(ancestor)) {
      return true;
    }
    Optional<String> wanted = normal(ancestor);
    return wanted.isPresent() && wanted.equals(normal(spec.imageName()));
  }

  private static Optional<String> normal(String reference) {
    try {
      return Optional.of(ImageReference.parse(reference).withDefaultTag().toString());
    } catch (RuntimeFailure e) {
      return Optional.empty();
    }
  }
}
