package dev.taffrail.shim;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.time.Duration;

/**
 * How long a command of the OCI runtime may take before it is killed: {@code create-timeout},
 * {@code start-timeout} and {@code delete-timeout} in the plugin's section, in seconds. Below the
 * deadlines of {@link dev.taffrail.core.task.Tasks}.
 */
record TaskTimeouts(Duration create, Duration start, Duration delete) {
  private static final int CREATE_SECONDS = 100;
  private static final int START_SECONDS = 50;
  private static final int DELETE_SECONDS = 30;

  static TaskTimeouts of(JsonNode plugin) {
    return new TaskTimeouts(
        seconds(plugin, "create-timeout", CREATE_SECONDS),
        seconds(plugin, "start-timeout", START_SECONDS),
        seconds(plugin, "delete-timeout", DELETE_SECONDS));
  }

  private static Duration seconds(JsonNode plugin, String name, int most) {
    int value = plugin.path(name).asInt(most);
    if (value < 1 || value > most) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, name + " must be from 1 to " + most + " seconds, not " + value);
    }
    return Duration.ofSeconds(value);
  }
}
