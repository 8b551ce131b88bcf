package dev.taffrail.network.macvlan;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkDriver;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.network.ContainerLinks;
import dev.taffrail.network.LinkMtu;
import dev.taffrail.network.Workers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Networks on a link of this host: each endpoint is a link on it, made in the container's
 * namespace, so nothing of an endpoint is on the host, and nothing on the host leads to it.
 */
final class ParentLinkDriver implements NetworkDriver {
  private static final Logger LOG = LoggerFactory.getLogger(ParentLinkDriver.class);

  /** An earlier run's links go within some milliseconds; a link that stays is somebody else's. */
  private static final int TRIES = 100;

  private static final int PAUSE_MILLIS = 50;

  private final Context context;
  private final LinkKind kind;
  private final Workers workers;
  private final NetworkStacks stacks;
  private final ParentLinks parents;
  private final ContainerLinks links;
  private final Map<String, Network> networks = new ConcurrentHashMap<>();

  ParentLinkDriver(PluginContext host, Context context, LinkKind kind) {
    this.context = context;
    this.kind = kind;
    this.workers = new Workers(context);
    this.stacks = host.port(NetworkStacks.class);
    this.parents = new ParentLinks(kind, stacks.host(), host.log().info().logId());
    this.links = new ContainerLinks(host);
  }

  @Override
  public Future<NetworkTraits> traits(CallContext call, Network network) {
    return Future.succeededFuture(network)
        .map(
            asked -> {
              kind.check(asked);
              return kind.traits(asked);
            });
  }

  @Override
  public Future<Void> check(CallContext call, Network network) {
    return workers.run(
        () -> {
          kind.check(network);
          var unused = LinkMtu.of(network);
          parents.check(network);
          refuseConflicts(network);
        });
  }

  private void refuseConflicts(Network network) {
    others(network).forEach(other -> kind.share(network, other));
  }

  /** Those with the same parent. */
  private List<Network> others(Network network) {
    String parent = kind.parent(network);
    return networks.values().stream()
        .filter(other -> !other.id().equals(network.id()))
        .filter(other -> kind.parent(other).equals(parent))
        .toList();
  }

  @Override
  public Future<Void> create(CallContext call, Network network) {
    return workers.run(
        () -> {
          networks.put(network.id(), network);
          refuseConflicts(network);
          parents.make(network);
        });
  }

  @Override
  public Future<Void> remove(CallContext call, Network network) {
    return workers.run(
        () -> {
          networks.remove(network.id());
          if (others(network).isEmpty()) {
            parents.remove(network);
          }
        });
  }

  @Override
  public Future<Optional<Lease>> attach(
      CallContext call, Network network, Endpoint endpoint, Path namespace, AttachOptions options) {
    return attach(network, endpoint, namespace, TRIES).map(Optional.empty());
  }

  private Future<Void> attach(Network network, Endpoint endpoint, Path namespace, int tries) {
    return workers
        .run(() -> make(network, endpoint, namespace))
        .recover(
            cause ->
                tries > 0
                        && cause instanceof RuntimeFailure failure
                        && kind.isHeld(network, failure)
                    ? context
                        .owner()
                        .timer(PAUSE_MILLIS, TimeUnit.MILLISECONDS)
                        .compose(waited -> attach(network, endpoint, namespace, tries - 1))
                    : Future.failedFuture(cause));
  }

  private void make(Network network, Endpoint endpoint, Path namespace) {
    NetworkStack stack = stacks.host();
    if (stack.link(kind.parent(network)).isEmpty()) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "the requested parent interface "
              + kind.parent(network)
              + " was not found on the Docker host");
    }
    links.remove(endpoint, namespace);
    try {
      kind.make(stack, network, endpoint, namespace);
    } catch (RuntimeFailure failure) {
      throw new RuntimeFailure(
          failure.kind(),
          "failed to create the " + kind.name() + " port: " + failure.getMessage(),
          failure);
    }
    links.configure(network, endpoint, namespace, kind.traits(network).wayOut());
  }

  /** Where the namespace ends, the link ends with it. */
  @Override
  public Future<Void> detach(
      CallContext call, Network network, Endpoint endpoint, Optional<Path> namespace) {
    return workers.run(() -> namespace.ifPresent(path -> links.remove(endpoint, path)));
  }

  @Override
  public Future<Void> route(CallContext call, Network network, Endpoint endpoint, Path namespace) {
    return workers.run(
        () -> links.route(network, endpoint, namespace, kind.traits(network).wayOut()));
  }

  @Override
  public Future<Void> publish(
      CallContext call, Network network, Endpoint endpoint, List<PortBinding> bindings) {
    return Future.failedFuture(
        new RuntimeFailure(
            Kind.UNIMPLEMENTED, kind.name() + " driver does not support port mappings"));
  }

  @Override
  public Future<Void> unpublish(
      CallContext call, Network network, Endpoint endpoint, List<PortBinding> bindings) {
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> restore(CallContext call, List<Restored> restored) {
    return workers.run(
        () -> {
          Set<String> wanted = new HashSet<>();
          for (Restored each : restored) {
            networks.put(each.network().id(), each.network());
            wanted.add(kind.parent(each.network()));
          }
          parents.keep(wanted);
          for (Restored each : restored) {
            try {
              parents.make(each.network());
            } catch (RuntimeFailure failure) {
              LOG.error("Cannot make the network {} again", each.network().name(), failure);
            }
          }
        });
  }
}
