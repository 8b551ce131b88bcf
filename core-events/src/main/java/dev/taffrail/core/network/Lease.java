package dev.taffrail.core.network;

import dev.taffrail.core.ip.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a driver that has addresses of its own gave an endpoint, whose own row has none; a state
 * row, {@code <container id>/<network id>}. It is the driver's until the endpoint is gone: nothing
 * is reserved in the log.
 *
 * @param mac {@code 02:42:ac:11:00:02}; empty when the driver did not say
 * @param gateway4 of {@code ipv4}
 * @param gateway6 of {@code ipv6}
 * @param nameServers of the network, for containers that ask for no others
 * @param searchDomains likewise
 * @param resolverOptions likewise, as in resolv.conf(5)
 */
public record Lease(
    Optional<String> mac,
    Optional<IpPrefix> ipv4,
    Optional<IpPrefix> ipv6,
    Optional<InetAddress> gateway4,
    Optional<InetAddress> gateway6,
    List<String> nameServers,
    List<String> searchDomains,
    List<String> resolverOptions) {
  public Lease {
    Objects.requireNonNull(mac, "mac");
    Objects.requireNonNull(ipv4, "ipv4");
    Objects.requireNonNull(ipv6, "ipv6");
    Objects.requireNonNull(gateway4, "gateway4");
    Objects.requireNonNull(gateway6, "gateway6");
    nameServers = List.copyOf(nameServers);
    searchDomains = List.copyOf(searchDomains);
    resolverOptions = List.copyOf(resolverOptions);
  }

  /** The gateway of one family. */
  public Optional<InetAddress> gateway(boolean v6) {
    return v6 ? gateway6 : gateway4;
  }
}
