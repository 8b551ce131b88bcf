package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.Networking;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which network options go together, and what is said of those that do not, as Docker Engine does.
 */
final class NetworkRules {
  private NetworkRules() {}

  /** A mode other than {@code default}, and an endpoint for each network it means. */
  record Merged(String mode, Networking networking) {}

  /** INVALID_ARGUMENT for options that contradict each other. */
  static Merged merge(
      String asked, Networking networking, Optional<String> hostname, List<String> warnings) {
    String mode =
        asked.isEmpty() || asked.equals(NetworkNames.DEFAULT) ? NetworkNames.BRIDGE : asked;
    boolean host = mode.equals(NetworkNames.HOST);
    boolean container = NetworkNames.isContainer(mode);
    if (container) {
      if (NetworkNames.container(mode).isEmpty()) {
        throw invalid("invalid network mode: invalid container format container:<name|id>");
      }
      refuse(hostname.isPresent(), "hostname and the network mode");
      refuse(
          !networking.links().isEmpty(),
          "container type network can't be used with links. This would result in undefined"
              + " behavior");
      refuse(!networking.dns().isEmpty(), "dns and the network mode");
      refuse(!networking.extraHosts().isEmpty(), "custom host-to-IP mapping and the network mode");
      refuse(
          !networking.ports().isEmpty() || networking.publishAll(),
          "port publishing and the container type network mode");
    }
    refuse(
        host && !networking.links().isEmpty(),
        "host type networking can't be used with links. This would result in undefined behavior");
    refuse((host || container) && networking.mac().isPresent(), "mac-address and the network mode");
    if (host && !networking.ports().isEmpty()) {
      warnings.add("Published ports are discarded when using host network mode");
    }
    return new Merged(mode, withEndpoints(networking, mode));
  }

  private static Networking withEndpoints(Networking networking, String mode) {
    Map<String, EndpointSettings> endpoints = new TreeMap<>();
    if (NetworkNames.hasEndpoints(mode)) {
      networking
          .endpoints()
          .forEach(
              (network, settings) ->
                  endpoints.put(
                      network.equals(NetworkNames.DEFAULT) ? NetworkNames.BRIDGE : network,
                      settings));
      endpoints.putIfAbsent(mode, EndpointSettings.NONE);
    }
    return new Networking(
        endpoints,
        networking.ports(),
        networking.publishAll(),
        networking.dns(),
        networking.dnsSearch(),
        networking.dnsOptions(),
        networking.extraHosts(),
        networking.links(),
        networking.mac());
  }

  private static void refuse(boolean wrong, String options) {
    if (wrong) {
      throw invalid("conflicting options: " + options);
    }
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
