package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * OCI runtimes that misbehave in one command and are crun in the others: {@code killed-create},
 * {@code hung-start}, {@code loud-delete} and so on; and {@code missing}, which is not there.
 */
final class BadRuntimes {
  /** How a runtime may behave. */
  static final List<String> MANNERS = List.of("killed", "hung", "loud");

  /** Commands of a runtime. */
  static final List<String> COMMANDS = List.of("create", "start", "delete");

  private static final int TIMEOUT_SECONDS = 4;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SCRIPT =
      """
      #!/bin/sh
      manner=$1
      command=$2
      shift 2
      for word in "$@"; do
        if [ "$word" = "$command" ]; then
          case "$manner" in
            killed) kill -9 $$ ;;
            hung) exec sleep 1000 ;;
            loud) head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1 ;;
          esac
        fi
      done
      exec crun "$@"
      """;

  private BadRuntimes() {}

  /** Writes the script and a daemon.json with all of them, and short time-outs. */
  static Path configuration(Path directory) throws IOException {
    Path script = directory.resolve("bad-runtime");
    Files.writeString(script, SCRIPT, StandardCharsets.UTF_8);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    ObjectNode configuration = JSON.createObjectNode();
    ObjectNode runtimes = configuration.putObject("runtimes");
    runtimes.putObject("missing").put("path", "/no/such/runtime");
    for (String manner : MANNERS) {
      for (String command : COMMANDS) {
        runtimes
            .putObject(manner + "-" + command)
            .put("path", script.toString())
            .putArray("runtimeArgs")
            .add(manner)
            .add(command);
      }
    }
    configuration
        .putObject("plugins")
        .putObject("task.conmon")
        .put("create-timeout", TIMEOUT_SECONDS)
        .put("start-timeout", TIMEOUT_SECONDS)
        .put("delete-timeout", TIMEOUT_SECONDS);
    Path file = directory.resolve("bad-runtimes.json");
    JSON.writeValue(file.toFile(), configuration);
    return file;
  }
}
