package dev.taffrail.core.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A process to start with posix_spawn(3). It inherits nothing but what is listed: every other
 * descriptor is closed, all signals are unblocked and at their default.
 *
 * @param arguments the first is the path of the program
 * @param environment the whole environment
 * @param descriptors what to open as which descriptor; 0, 1 and 2 are {@code /dev/null} unless
 *     listed
 * @param newSession call setsid(2)
 */
public record SpawnRequest(
    List<String> arguments,
    Map<String, String> environment,
    Path workingDirectory,
    Map<Integer, Redirect> descriptors,
    boolean newSession) {
  public SpawnRequest {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
    descriptors = Map.copyOf(descriptors);
  }

  /** A file to open in the child. */
  public record Redirect(Path path, Access access) {}

  /** How; APPEND and TRUNCATE create the file with mode 0600. */
  public enum Access {
    READ,
    APPEND,
    TRUNCATE
  }
}
