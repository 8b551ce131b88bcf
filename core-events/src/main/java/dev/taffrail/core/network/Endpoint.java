package dev.taffrail.core.network;

import dev.taffrail.core.ip.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A container that runs, on a network; a state row, {@code <container id>/<network id>}.
 *
 * @param id 64 hex digits
 * @param hostLink a name for the host's end of its pair of links, where the driver makes one
 * @param containerLink {@code eth0}
 * @param mac {@code 02:42:ac:11:00:02}; empty where the link has its parent's
 * @param names under which others on that network find it; the first is the container's own
 * @param gateway whether the container's way out is through this network
 */
public record Endpoint(
    String id,
    String container,
    String network,
    EndpointSettings settings,
    String hostLink,
    String containerLink,
    String mac,
    Optional<IpPrefix> ipv4,
    Optional<IpPrefix> ipv6,
    List<String> names,
    boolean gateway) {
  public Endpoint {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(container, "container");
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(hostLink, "hostLink");
    Objects.requireNonNull(containerLink, "containerLink");
    Objects.requireNonNull(mac, "mac");
    names = List.copyOf(names);
  }

  /** The key of its row. */
  public String key() {
    return key(container, network);
  }

  public static String key(String container, String network) {
    return container + "/" + network;
  }

  /** IPv4 before IPv6. */
  public List<InetAddress> addresses() {
    return Stream.concat(ipv4.stream(), ipv6.stream()).map(IpPrefix::address).toList();
  }

  /** Its address of one family. */
  public Optional<InetAddress> address(boolean v6) {
    return (v6 ? ipv6 : ipv4).map(IpPrefix::address);
  }

  /** The same with what its driver gave it, if it has addresses of its own. */
  public Endpoint with(Optional<Lease> lease) {
    return lease
        .map(
            given ->
                new Endpoint(
                    id,
                    container,
                    network,
                    settings,
                    hostLink,
                    containerLink,
                    given.mac().orElse(mac),
                    given.ipv4(),
                    given.ipv6(),
                    names,
                    gateway))
        .orElse(this);
  }

  /** The same, which is the way out or not. */
  public Endpoint withGateway(boolean isGateway) {
    return new Endpoint(
        id,
        container,
        network,
        settings,
        hostLink,
        containerLink,
        mac,
        ipv4,
        ipv6,
        names,
        isGateway);
  }
}
