package dev.taffrail.shim;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which programs run tasks: {@code runtimes} and {@code default-runtime} of daemon.json as in
 * dockerd, and {@code conmon} in the plugin's own section. A name without a slash is looked for on
 * PATH each time, so that a program installed later is found.
 */
final class ShimSettings {
  private static final Logger LOG = LoggerFactory.getLogger(ShimSettings.class);
  private static final String SYSTEM_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final String CRUN = "crun";
  private static final String RUNC = "runc";

  private record Configured(String path, List<String> arguments) {}

  private final Map<String, Configured> runtimes = new TreeMap<>();
  private final String defaultRuntime;
  private final boolean defaultIsNamed;
  private final String monitor;
  private final TaskTimeouts timeouts;
  private final List<Path> searchPath;

  ShimSettings(JsonNode daemon, JsonNode plugin, String searchPath) {
    this.searchPath = List.of(searchPath.split(":", -1)).stream().map(Path::of).toList();
    runtimes.put(CRUN, new Configured(CRUN, List.of()));
    runtimes.put(RUNC, new Configured(RUNC, List.of()));
    for (Map.Entry<String, JsonNode> entry : daemon.path("runtimes").properties()) {
      runtimes.put(entry.getKey(), configured(entry.getKey(), entry.getValue()));
    }
    this.defaultIsNamed = daemon.hasNonNull("default-runtime");
    this.defaultRuntime = daemon.path("default-runtime").asText(CRUN);
    this.monitor = plugin.path("conmon").asText("conmon");
    this.timeouts = TaskTimeouts.of(plugin);
    if (!runtimes.containsKey(defaultRuntime)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "default-runtime is "
              + defaultRuntime
              + ", which is not among the runtimes "
              + runtimes.keySet());
    }
  }

  static ShimSettings of(JsonNode daemon, JsonNode plugin) {
    String path = System.getenv("PATH");
    return new ShimSettings(daemon, plugin, path == null ? SYSTEM_PATH : path + ":" + SYSTEM_PATH);
  }

  private static Configured configured(String name, JsonNode entry) {
    if (entry.hasNonNull("runtimeType")) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, "The runtime " + name + " has a runtimeType: only path is supported");
    }
    if (!entry.path("path").isTextual()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "The runtime " + name + " has no path");
    }
    List<String> arguments = new ArrayList<>();
    entry.path("runtimeArgs").forEach(argument -> arguments.add(argument.asText()));
    return new Configured(entry.path("path").asText(), List.copyOf(arguments));
  }

  /**
   * The runtime called {@code name}, or the default one. INVALID_ARGUMENT when it is not
   * configured, FAILED_PRECONDITION when it is not installed.
   */
  OciRuntime runtime(Optional<String> name) {
    if (name.isPresent()) {
      return named(name.get());
    }
    if (!defaultIsNamed && find(CRUN).isEmpty() && find(RUNC).isPresent()) {
      LOG.info("crun is not installed; using runc");
      return named(RUNC);
    }
    return named(defaultRuntime);
  }

  private OciRuntime named(String name) {
    Configured configured = runtimes.get(name);
    if (configured == null) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "unknown or invalid runtime name: " + name);
    }
    Path path =
        find(configured.path())
            .orElseThrow(
                () ->
                    new RuntimeFailure(
                        Kind.FAILED_PRECONDITION,
                        "The OCI runtime "
                            + name
                            + " is not installed: "
                            + configured.path()
                            + " was not found"));
    return new OciRuntime(name, path.toString(), configured.arguments());
  }

  /** FAILED_PRECONDITION when it is not installed. */
  Path monitor() {
    return find(monitor)
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Kind.FAILED_PRECONDITION,
                    "The container monitor is not installed: " + monitor + " was not found"));
  }

  TaskTimeouts timeouts() {
    return timeouts;
  }

  /** What is missing, as sentences for the log. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    try {
      Path unused = monitor();
    } catch (RuntimeFailure missing) {
      problems.add(missing.getMessage());
    }
    try {
      OciRuntime unused = runtime(Optional.empty());
    } catch (RuntimeFailure missing) {
      problems.add(missing.getMessage());
    }
    return problems;
  }

  private Optional<Path> find(String program) {
    if (program.contains("/")) {
      return Optional.of(Path.of(program)).filter(Files::isExecutable);
    }
    return searchPath.stream()
        .map(directory -> directory.resolve(program))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }
}
