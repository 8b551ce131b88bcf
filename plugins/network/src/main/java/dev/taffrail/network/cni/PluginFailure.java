package dev.taffrail.network.cni;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;

/** What a plugin says when it fails: section 5 of the specification, "Error". */
final class PluginFailure {
  private static final int UNKNOWN_CONTAINER = 3;

  private PluginFailure() {}

  /**
   * Names the plugin and tells its words: those of its error, else what it has written elsewhere.
   *
   * @param call {@code CNI plugin "bridge" (ADD on network sea)}
   */
  static RuntimeFailure of(String call, PluginProcesses.Output output) {
    JsonNode error = error(output);
    String message = error.path("msg").asText("");
    if (message.isEmpty()) {
      String words = output.errors().isBlank() ? output.text() : output.errors();
      return new RuntimeFailure(
          Kind.INTERNAL,
          call
              + " failed with status "
              + output.status()
              + (words.isBlank() ? "" : ": " + words.strip()));
    }
    String details = error.path("details").asText("");
    int code = error.path("code").asInt();
    return new RuntimeFailure(
        kind(code),
        call
            + " failed: "
            + message
            + (details.isEmpty() ? "" : "; " + details)
            + " (code "
            + code
            + ")");
  }

  private static Kind kind(int code) {
    return switch (code) {
      case 1, 2, 4, 7 -> Kind.INVALID_ARGUMENT;
      case UNKNOWN_CONTAINER -> Kind.NOT_FOUND;
      case 11, 50, 51 -> Kind.UNAVAILABLE;
      default -> Kind.INTERNAL;
    };
  }

  /** Whether the plugin knows nothing of the container, so that nothing is to be taken away. */
  static boolean isUnknownContainer(PluginProcesses.Output output) {
    return error(output).path("code").asInt() == UNKNOWN_CONTAINER;
  }

  private static JsonNode error(PluginProcesses.Output output) {
    try {
      return CniJson.MAPPER.readTree(output.text());
    } catch (IOException e) {
      return CniJson.object();
    }
  }
}
