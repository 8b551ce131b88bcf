package dev.taffrail.network.cni;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The plugin's section of {@code daemon.json}.
 *
 * @param lists where lists are found by name: {@code conf-dir}
 * @param programs where plugins are: {@code bin-dirs}
 * @param timeout of one call of one plugin: {@code timeout-seconds}
 */
record CniSettings(Path lists, List<Path> programs, Duration timeout) {
  private static final String LISTS = "/etc/cni/net.d";
  private static final List<String> PROGRAMS = List.of("/opt/cni/bin", "/usr/lib/cni");
  private static final int TIMEOUT_SECONDS = 20;

  CniSettings {
    programs = List.copyOf(programs);
  }

  /** INVALID_ARGUMENT for values that are none. */
  static CniSettings of(JsonNode section) {
    List<String> programs = CniJson.texts(section.path("bin-dirs"));
    int seconds = section.path("timeout-seconds").asInt(TIMEOUT_SECONDS);
    if (seconds < 1) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "network-driver.cni: timeout-seconds must be at least 1");
    }
    return new CniSettings(
        absolute(section.path("conf-dir").asText(LISTS)),
        (programs.isEmpty() ? PROGRAMS : programs).stream().map(CniSettings::absolute).toList(),
        Duration.ofSeconds(seconds));
  }

  private static Path absolute(String text) {
    Path path = Path.of(text);
    if (!path.isAbsolute()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "network-driver.cni: " + text + " must be an absolute path");
    }
    return path;
  }
}
