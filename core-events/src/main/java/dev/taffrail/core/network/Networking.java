package dev.taffrail.core.network;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a client asks for about a container's networks.
 *
 * @param endpoints by network, a name or an id as the client wrote it
 * @param ports to publish
 * @param publishAll publish what is exposed, at any port
 * @param dns name servers instead of the host's
 * @param extraHosts {@code name:address}; the address may be {@code host-gateway}
 * @param links {@code container:alias}, on the network {@code bridge}
 * @param mac of the first endpoint
 */
public record Networking(
    Map<String, EndpointSettings> endpoints,
    List<PortRequest> ports,
    boolean publishAll,
    List<String> dns,
    List<String> dnsSearch,
    List<String> dnsOptions,
    List<String> extraHosts,
    List<String> links,
    Optional<String> mac) {
  /** Nothing was asked for. */
  public static final Networking NONE =
      new Networking(
          Map.of(),
          List.of(),
          false,
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          Optional.empty());

  public Networking {
    endpoints = Collections.unmodifiableMap(new TreeMap<>(endpoints));
    ports = List.copyOf(ports);
    dns = List.copyOf(dns);
    dnsSearch = List.copyOf(dnsSearch);
    dnsOptions = List.copyOf(dnsOptions);
    extraHosts = List.copyOf(extraHosts);
    links = List.copyOf(links);
  }

  /** The same without ports. */
  public Networking withoutPorts() {
    return new Networking(
        endpoints, List.of(), false, dns, dnsSearch, dnsOptions, extraHosts, links, mac);
  }

  /** Whether the files of its names differ from those of a container that asks for nothing. */
  public boolean changesNames() {
    return !dns.isEmpty() || !dnsSearch.isEmpty() || !dnsOptions.isEmpty() || !extraHosts.isEmpty();
  }
}
