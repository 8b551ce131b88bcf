package dev.taffrail.core.network;

import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a client asks for about one container on one network.
 *
 * @param aliases names beside the container's own
 * @param links {@code container:alias}
 * @param mac {@code 02:42:ac:11:00:02}
 * @param gatewayPriority the network of the highest has the default route
 */
public record EndpointSettings(
    List<String> aliases,
    List<String> links,
    Optional<InetAddress> ipv4,
    Optional<InetAddress> ipv6,
    List<InetAddress> linkLocal,
    Optional<String> mac,
    Map<String, String> driverOptions,
    int gatewayPriority) {
  /** Nothing special. */
  public static final EndpointSettings NONE =
      new EndpointSettings(
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Map.of(),
          0);

  public EndpointSettings {
    aliases = List.copyOf(aliases);
    links = List.copyOf(links);
    linkLocal = List.copyOf(linkLocal);
    driverOptions = Collections.unmodifiableMap(new TreeMap<>(driverOptions));
  }
}
