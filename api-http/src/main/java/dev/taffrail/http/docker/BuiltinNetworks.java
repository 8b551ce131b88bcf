package dev.taffrail.http.docker;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.network.NetworkNames;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The two networks that are none: {@code host} and {@code none}, the same for a data directory. */
final class BuiltinNetworks {
  private final List<Builtin> networks;

  /**
   * One of them.
   *
   * @param id 64 hex digits
   */
  record Builtin(String name, String driver, String id) {}

  BuiltinNetworks(String logId) {
    this.networks =
        List.of(
            builtin(logId, NetworkNames.HOST, "host"), builtin(logId, NetworkNames.NONE, "null"));
  }

  private static Builtin builtin(String logId, String name, String driver) {
    String id = Digest.sha256((logId + "/networks/" + name).getBytes(StandardCharsets.UTF_8)).hex();
    return new Builtin(name, driver, id);
  }

  List<Builtin> all() {
    return networks;
  }

  /** By its name or its whole id. */
  Optional<Builtin> find(String name) {
    return networks.stream()
        .filter(network -> network.name().equals(name) || network.id().equals(name))
        .findFirst();
  }

  /** By the beginning of its id. */
  Optional<Builtin> findByPrefix(String prefix) {
    return networks.stream().filter(network -> network.id().startsWith(prefix)).findFirst();
  }
}
