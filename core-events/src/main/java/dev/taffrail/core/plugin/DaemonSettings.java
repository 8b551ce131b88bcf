package dev.taffrail.core.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The daemon's settings after merging {@code daemon.json} and the command line.
 *
 * @param hosts where to listen, as dockerd's {@code -H}: {@code unix:///run/taffrail/taffrail.sock}
 * @param dataRoot durable data, {@code /var/lib/taffrail}
 * @param execRoot run-time files on tmpfs, {@code /run/taffrail}
 * @param group owns the unix socket; {@code docker} when that group exists
 * @param configuration the whole of {@code daemon.json}; an empty object when there is none
 * @param version of this build
 */
public record DaemonSettings(
    List<String> hosts,
    Path dataRoot,
    Path execRoot,
    Optional<Path> pidFile,
    Path configurationFile,
    Optional<String> group,
    boolean debug,
    JsonNode configuration,
    String version) {
  public DaemonSettings {
    hosts = List.copyOf(hosts);
  }
}
