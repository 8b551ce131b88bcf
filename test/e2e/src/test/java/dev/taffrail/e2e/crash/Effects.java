package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;

/**
 * Stands between the daemon and its programs: an OCI runtime and a monitor that do what the real
 * ones do, and kill the daemon before or after it when an order says so.
 */
final class Effects {
  private static final ObjectMapper JSON = new ObjectMapper();

  // $1 is the word of the effect. An order names whom to kill: one that is obeyed late, when the
  // next daemon runs already, finds nobody.
  private static final String LIBRARY =
      """
      here=%s
      obey() {
        order=
        [ -f "$here/order" ] && read -r daemon order <"$here/order"
        if [ "$order" = "$1" ] && rm "$here/order" 2>/dev/null; then
          kill -9 "$daemon"
        fi
      }
      """;

  private static final String RUNTIME =
      """
      #!/bin/sh
      %s
      effect=other
      for word in "$@"; do
        case "$word" in create|start|delete) effect=$word; break ;; esac
      done
      obey "before $effect"
      crun "$@"
      status=$?
      obey "after $effect"
      exit $status
      """;

  private static final String MONITOR =
      """
      #!/bin/sh
      %s
      obey "before monitor"
      conmon "$@"
      status=$?
      obey "after monitor"
      exit $status
      """;

  static final List<Effect> ALL = List.of(Effect.values());

  private final Path directory;

  /** What the daemon does outside itself. */
  enum Effect {
    MONITOR,
    CREATE,
    START,
    DELETE;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private Effects(Path directory) {
    this.directory = directory;
  }

  /** Writes the programs and a daemon.json that names them. */
  static Effects in(Path directory) throws IOException {
    Files.createDirectories(directory);
    Effects effects = new Effects(directory);
    String library = LIBRARY.formatted(directory);
    effects.script("runtime", RUNTIME.formatted(library));
    effects.script("monitor", MONITOR.formatted(library));
    ObjectNode configuration = JSON.createObjectNode();
    configuration
        .putObject("runtimes")
        .putObject("obedient")
        .put("path", directory.resolve("runtime").toString());
    configuration.put("default-runtime", "obedient");
    configuration
        .putObject("plugins")
        .putObject("task.conmon")
        .put("conmon", directory.resolve("monitor").toString());
    JSON.writeValue(effects.configuration().toFile(), configuration);
    return effects;
  }

  private void script(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, text, StandardCharsets.UTF_8);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  Path configuration() {
    return directory.resolve("daemon.json");
  }

  /**
   * Orders a death.
   *
   * @param daemon the process that is to die
   */
  void order(Moment.AtEffect moment, long daemon) throws IOException {
    Files.writeString(
        directory.resolve("order"),
        daemon + " " + moment.order() + "\n",
        StandardCharsets.US_ASCII);
  }

  /** False when it was carried out. */
  boolean withdraw() throws IOException {
    return Files.deleteIfExists(directory.resolve("order"));
  }
}
