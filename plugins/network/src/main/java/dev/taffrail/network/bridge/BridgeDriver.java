package dev.taffrail.network.bridge;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.linux.PacketFilter;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkDriver;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.network.NetworkTraits.WayOut;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.network.ContainerLinks;
import dev.taffrail.network.LinkNames;
import dev.taffrail.network.ShortHash;
import dev.taffrail.network.Workers;
import dev.taffrail.network.port.HostSockets;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Networks on bridges of the daemon's network namespace. Each endpoint is a pair of links; what is
 * forwarded, translated and refused is said by one {@link Ruleset}. Host ports are held by sockets
 * of the daemon, so that nobody else takes them, and which carry what the rules cannot.
 */
final class BridgeDriver implements NetworkDriver {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeDriver.class);
  private static final Path SYSCTL = Path.of("/proc/sys/net");
  private static final int MAC_BYTES = 6;
  private static final WayOut WAY_OUT = NetworkTraits.BRIDGE.wayOut();

  /** How an address begins that its maker has chosen; Docker's begin with 02. */
  private static final String LOCAL = "06";

  private final PluginContext host;
  private final Workers workers;
  private final NetworkStacks stacks;
  private final ContainerLinks links;
  private final PacketFilter filter;
  private final Ruleset rules;
  private final HostSockets sockets = new HostSockets();
  private final boolean forwarding;
  private final Map<String, Network> networks = new ConcurrentHashMap<>();

  BridgeDriver(PluginContext host, Context context) {
    String logId = host.log().info().logId();
    this.host = host;
    this.workers = new Workers(context);
    this.stacks = host.port(NetworkStacks.class);
    this.links = new ContainerLinks(host);
    this.filter = host.port(PacketFilter.class);
    this.rules = new Ruleset("taffrail_" + LinkNames.mark(logId), LinkNames.prefix(logId));
    this.forwarding = host.daemon().configuration().path("ip-forward").asBoolean(true);
  }

  @Override
  public Future<Void> check(CallContext call, Network network) {
    return workers.run(
        () -> {
          BridgeOptions options = BridgeOptions.of(network);
          long v6 = network.pools().stream().filter(pool -> pool.subnet().isV6()).count();
          if (v6 > 1 || network.pools().size() - v6 > 1) {
            throw new RuntimeFailure(
                Kind.PERMISSION_DENIED, "bridge driver doesn't support multiple subnets");
          }
          boolean taken =
              networks.values().stream()
                  .filter(other -> !other.id().equals(network.id()))
                  .anyMatch(other -> BridgeOptions.of(other).link().equals(options.link()));
          if (taken) {
            throw new RuntimeFailure(
                Kind.PERMISSION_DENIED,
                "cannot create network "
                    + network.id()
                    + " ("
                    + options.link()
                    + "): conflicts with another network: networks have same bridge name");
          }
        });
  }

  @Override
  public Future<Void> create(CallContext call, Network network) {
    return workers.run(
        () -> {
          makeBridge(network);
          networks.put(network.id(), network);
          writeNetworks("");
        });
  }

  /**
   * The rules of the networks as they are now. One writer at a time: of two that knew different
   * networks, the one that knew less could come last.
   *
   * @param first what the same transaction does before
   */
  private synchronized void writeNetworks(String first) {
    filter.apply(first + rules.networks(networks.values()));
  }

  private void makeBridge(Network network) {
    BridgeOptions options = BridgeOptions.of(network);
    NetworkStack stack = stacks.host();
    Optional<NetworkStack.Link> found = stack.link(options.link());
    if (found.isPresent() && !found.get().kind().equals("bridge")) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION, options.link() + " is there already and is no bridge");
    }
    if (found.isEmpty()) {
      stack.createBridge(options.link(), Optional.of(mac(options.link())), options.mtu());
    }
    set("ipv4/conf/" + options.link() + "/route_localnet", "1");
    // What a container says of routers must not become the host's routes (CVE-2020-13401).
    String advertisements = "ipv6/conf/" + options.link() + "/accept_ra";
    if (Files.exists(SYSCTL.resolve(advertisements))) {
      set(advertisements, "0");
    }
    Set<IpPrefix> present = new HashSet<>();
    for (NetworkStack.LinkAddress address : stack.addresses()) {
      if (address.link().equals(options.link())) {
        present.add(address.address());
      }
    }
    for (AddressPool pool : network.pools()) {
      pool.gateway()
          .map(gateway -> new IpPrefix(gateway, pool.subnet().length()))
          .filter(address -> !present.contains(address))
          .ifPresent(address -> stack.addAddress(options.link(), address));
    }
    stack.setUp(options.link());
    if (forwarding) {
      set("ipv4/ip_forward", "1");
      if (network.pool(true).isPresent()) {
        set("ipv6/conf/all/forwarding", "1");
      }
    }
  }

  private static void set(String sysctl, String value) {
    Path file = SYSCTL.resolve(sysctl);
    try {
      if (!Files.readString(file).strip().equals(value)) {
        Files.writeString(file, value);
      }
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot set " + file + " to " + value + ": " + e, e);
    }
  }

  @Override
  public Future<Void> remove(CallContext call, Network network) {
    return workers.run(
        () -> {
          networks.remove(network.id());
          writeNetworks(rules.withoutGateways(network));
          NetworkStack stack = stacks.host();
          stack
              .link(BridgeOptions.of(network).link())
              .filter(this::isOurs)
              .ifPresent(link -> stack.delete(link.name()));
        });
  }

  // The address tells the bridges that this daemon has made from all others, also when no network
  // is known any more that needs one; and it does not change with the ports.
  private String mac(String link) {
    String hash = ShortHash.of(host.log().info().logId() + "/" + link, 2 * (MAC_BYTES - 1));
    StringBuilder mac = new StringBuilder(LOCAL);
    for (int i = 0; i < hash.length(); i += 2) {
      mac.append(':').append(hash, i, i + 2);
    }
    return mac.toString();
  }

  private boolean isOurs(NetworkStack.Link link) {
    return link.kind().equals("bridge") && link.mac().equals(mac(link.name()));
  }

  @Override
  public Future<Optional<Lease>> attach(
      CallContext call, Network network, Endpoint endpoint, Path namespace, AttachOptions more) {
    return workers
        .run(
            () -> {
              BridgeOptions options = BridgeOptions.of(network);
              NetworkStack stack = stacks.host();
              NetworkStack.End ours = new NetworkStack.End(endpoint.hostLink(), Optional.empty());
              NetworkStack.End theirs =
                  new NetworkStack.End(endpoint.containerLink(), Optional.of(endpoint.mac()));
              stack.link(endpoint.hostLink()).ifPresent(old -> stack.delete(old.name()));
              stack.createVeth(ours, theirs, namespace, options.mtu());
              filter.apply(rules.attach(endpoint));
              stack.setMaster(endpoint.hostLink(), options.link());
              stack.setHairpin(endpoint.hostLink(), true);
              if (!options.communication()) {
                stack.setIsolated(endpoint.hostLink(), true);
              }
              stack.setUp(endpoint.hostLink());
              links.configure(network, endpoint, namespace, WAY_OUT);
            })
        .map(Optional.empty());
  }

  @Override
  public Future<Void> route(CallContext call, Network network, Endpoint endpoint, Path namespace) {
    return workers.run(() -> links.route(network, endpoint, namespace, WAY_OUT));
  }

  @Override
  public Future<Void> detach(
      CallContext call, Network network, Endpoint endpoint, Optional<Path> namespace) {
    return workers.run(
        () -> {
          filter.apply(rules.detach(endpoint));
          if (namespace.isPresent()) {
            // Slow; where the namespace ends the kernel does it in the background.
            stacks.host().delete(endpoint.hostLink());
          }
        });
  }

  @Override
  public Future<Void> publish(
      CallContext call, Network network, Endpoint endpoint, List<PortBinding> bindings) {
    return workers.run(
        () -> {
          sockets.open(endpoint, bindings);
          try {
            filter.apply(rules.publish(endpoint, bindings));
          } catch (RuntimeFailure failure) {
            sockets.close(endpoint);
            throw failure;
          }
        });
  }

  @Override
  public Future<Void> unpublish(
      CallContext call, Network network, Endpoint endpoint, List<PortBinding> bindings) {
    return workers.run(
        () -> {
          filter.apply(rules.unpublish(endpoint, bindings));
          sockets.close(endpoint);
        });
  }

  @Override
  public Future<Void> restore(CallContext call, List<Restored> restored) {
    return workers.run(
        () -> {
          NetworkStack stack = stacks.host();
          Set<String> known = new HashSet<>();
          for (Restored each : restored) {
            networks.put(each.network().id(), each.network());
            known.add(BridgeOptions.of(each.network()).link());
            each.endpoints().forEach(attached -> known.add(attached.endpoint().hostLink()));
          }
          Pattern ours = Pattern.compile(Pattern.quote(rules.linkPrefix()) + "[0-9a-f]{7}");
          for (NetworkStack.Link link : stack.links()) {
            boolean made = ours.matcher(link.name()).matches() || isOurs(link);
            if (made && !known.contains(link.name())) {
              stack.delete(link.name());
            }
          }
          for (Restored each : restored) {
            try {
              makeBridge(each.network());
            } catch (RuntimeFailure failure) {
              LOG.error("Cannot make the network {} again", each.network().name(), failure);
            }
          }
          filter.apply(rules.whole(restored));
          for (Restored each : restored) {
            sockets.reopen(each.endpoints());
          }
        });
  }

  /** Lets go of the host ports; links and rules stay. */
  void close() {
    sockets.close();
  }
}
