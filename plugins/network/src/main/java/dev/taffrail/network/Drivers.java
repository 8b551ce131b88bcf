package dev.taffrail.network;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkDriver;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The network drivers by what clients call them, and what they say of the networks. Confined to the
 * plugin's context, but for {@link #traits}.
 */
final class Drivers {
  private static final String PREFIX = NetworkDriver.NETWORK_DRIVER.name() + ".";
  private static final Set<String> SINGLE = Set.of("host", "null");
  private final PluginContext host;
  private final Map<String, NetworkDriver> drivers = new HashMap<>();
  private final Traits traits = new Traits();

  Drivers(PluginContext host) {
    this.host = host;
  }

  /**
   * NOT_FOUND in Docker's words when there is none of that name, PERMISSION_DENIED for those of
   * {@code host} and {@code none}, which are there already.
   */
  NetworkDriver get(String name) {
    if (SINGLE.contains(name)) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED, "only one instance of \"" + name + "\" network is allowed");
    }
    if (!names().contains(name)) {
      throw missing(name);
    }
    return drivers.computeIfAbsent(
        name, absent -> host.require(NetworkDriver.NETWORK_DRIVER, new PluginId(PREFIX + name)));
  }

  Traits traits() {
    return traits;
  }

  /** Asks the driver of a network for its traits, which are known from then on. */
  Future<NetworkTraits> learn(CallContext call, Network network) {
    return get(network.driver())
        .traits(call, network)
        .onSuccess(answer -> traits.put(network, answer));
  }

  /** NOT_FOUND in Docker's words, for a driver of whatever kind. */
  static RuntimeFailure missing(String name) {
    return new RuntimeFailure(
        Kind.NOT_FOUND,
        "could not find plugin " + name + " in v1 plugin registry: plugin not found");
  }

  List<String> names() {
    return host.providers(NetworkDriver.NETWORK_DRIVER).stream()
        .map(id -> id.value().substring(PREFIX.length()))
        .toList();
  }
}
