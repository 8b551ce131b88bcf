package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.testkit.daemon.ApiClient;
import dev.taffrail.testkit.daemon.DaemonProcess;
import dev.taffrail.testkit.daemon.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What there is after a death of the daemon: its state, read afresh, beside its log. */
final class Aftermath {
  private static final Set<String> WITH_TASK = Set.of("starting", "running");
  private static final Set<String> WITH_NETWORK = Set.of("starting", "running", "restarting");
  private final DaemonProcess daemon;
  private final LogBook log;
  private final Map<String, JsonNode> containers;
  private final Map<String, JsonNode> endpoints;

  private Aftermath(
      DaemonProcess daemon,
      LogBook log,
      Map<String, JsonNode> containers,
      Map<String, JsonNode> endpoints) {
    this.daemon = daemon;
    this.log = log;
    this.containers = containers;
    this.endpoints = endpoints;
  }

  static Aftermath of(DaemonProcess daemon, LogBook log) throws IOException {
    log.read(daemon.api());
    return new Aftermath(
        daemon, log, rows(daemon.api(), "containers"), rows(daemon.api(), "network_endpoints"));
  }

  LogBook log() {
    return log;
  }

  ApiClient api() {
    return daemon.api();
  }

  /** Statuses by id. */
  Map<String, JsonNode> containers() {
    return containers;
  }

  /** Ids of those that have, or are getting, a process. */
  Set<String> withTask() {
    return in(WITH_TASK);
  }

  /** Ids of those that keep their addresses and ports: also of those that are due again. */
  Set<String> withNetwork() {
    return in(WITH_NETWORK);
  }

  private Set<String> in(Set<String> phases) {
    return containers.entrySet().stream()
        .filter(entry -> phases.contains(entry.getValue().path("phase").asText()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Endpoints by {@code container/network}. */
  Map<String, JsonNode> endpoints() {
    return endpoints;
  }

  /** What there is of a container's network while it has one. */
  Path sandbox(String container) {
    return sandboxes().resolve(container);
  }

  Path sandboxes() {
    return execRoot().resolve("network.default");
  }

  /** Where the daemon has its links, rules and ports. */
  NetworkNamespace network() {
    return daemon.network();
  }

  /** The values of a table by row id. */
  Map<String, JsonNode> rows(String table) throws IOException {
    return rows(daemon.api(), table);
  }

  private static Map<String, JsonNode> rows(ApiClient api, String table) throws IOException {
    Map<String, JsonNode> rows = new TreeMap<>();
    for (JsonNode row : api.get("/taffrail/v1/state/" + table).json().path("rows")) {
      rows.put(row.path("id").asText(), row.path("value"));
    }
    return rows;
  }

  Path directory() {
    return daemon.directory();
  }

  long daemonPid() {
    return daemon.handle().pid();
  }

  Path dataRoot() {
    return daemon.dataRoot();
  }

  Path execRoot() {
    return daemon.execRoot();
  }

  /** Names in a directory; none when there is no directory. */
  static Set<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
