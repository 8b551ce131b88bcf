package dev.taffrail.network;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.linux.NetworkNamespaces;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStack.Route;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkTraits.WayOut;
import dev.taffrail.core.plugin.PluginContext;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The link of an endpoint in the namespace of its container, however it was made: what is on it,
 * and the routes through it. All calls block.
 */
public final class ContainerLinks {
  private static final Path SYSCTL = Path.of("/proc/sys/net/ipv6/conf");
  private static final IpPrefix EVERYWHERE_V4 = IpPrefix.parse("0.0.0.0/0");
  private static final IpPrefix EVERYWHERE_V6 = IpPrefix.parse("::/0");

  private final NetworkStacks stacks;
  private final NetworkNamespaces namespaces;

  public ContainerLinks(PluginContext host) {
    this.stacks = host.port(NetworkStacks.class);
    this.namespaces = host.port(NetworkNamespaces.class);
  }

  /**
   * Gives a link that was just made its addresses, sets it up, and leads the way out through it if
   * it is the endpoint's.
   */
  public void configure(Network network, Endpoint endpoint, Path namespace, WayOut wayOut) {
    boolean v6 = endpoint.ipv6().isPresent();
    namespaces.within(
        namespace,
        () -> {
          Path link = SYSCTL.resolve(endpoint.containerLink());
          if (Files.exists(link)) {
            Files.writeString(link.resolve("disable_ipv6"), v6 ? "0" : "1");
          }
          return null;
        });
    try (NetworkStack stack = stacks.open(namespace)) {
      endpoint.ipv4().ifPresent(ip -> stack.addAddress(endpoint.containerLink(), ip));
      endpoint.ipv6().ifPresent(ip -> stack.addAddress(endpoint.containerLink(), ip));
      stack.setUp(endpoint.containerLink());
      if (endpoint.gateway()) {
        routes(network, endpoint, wayOut).forEach(stack::addRoute);
      }
    }
  }

  /** Leads the way out through the link, or no longer, as the endpoint says; idempotent. */
  public void route(Network network, Endpoint endpoint, Path namespace, WayOut wayOut) {
    try (NetworkStack stack = stacks.open(namespace)) {
      for (Route route : routes(network, endpoint, wayOut)) {
        if (endpoint.gateway()) {
          addRoute(stack, route);
        } else {
          stack.removeRoute(route);
        }
      }
    }
  }

  /** One that is there is fine. */
  public static void addRoute(NetworkStack stack, Route route) {
    try {
      stack.addRoute(route);
    } catch (RuntimeFailure failure) {
      if (failure.kind() != Kind.ALREADY_EXISTS) {
        throw failure;
      }
    }
  }

  private static List<Route> routes(Network network, Endpoint endpoint, WayOut wayOut) {
    List<Route> routes = new ArrayList<>();
    for (boolean v6 : new boolean[] {false, true}) {
      Optional<InetAddress> gateway =
          wayOut == WayOut.GATEWAY
              ? network.pool(v6).flatMap(AddressPool::gateway)
              : Optional.empty();
      boolean leads = wayOut == WayOut.LINK || gateway.isPresent();
      if (leads && endpoint.address(v6).isPresent()) {
        routes.add(
            new Route(v6 ? EVERYWHERE_V6 : EVERYWHERE_V4, gateway, endpoint.containerLink()));
      }
    }
    return routes;
  }

  /** Takes the link away. No link, or no namespace, is fine. */
  public void remove(Endpoint endpoint, Path namespace) {
    if (namespaces.exists(namespace)) {
      try (NetworkStack stack = stacks.open(namespace)) {
        stack.delete(endpoint.containerLink());
      }
    }
  }
}
