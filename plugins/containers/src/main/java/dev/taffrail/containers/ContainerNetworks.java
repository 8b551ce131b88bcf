package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.network.Sandbox;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.task.StartedTask;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts containers on the networks that they want, and takes them off. */
final class ContainerNetworks {
  private final Services services;
  private final Networks networks;

  ContainerNetworks(Services services, Networks networks) {
    this.services = services;
    this.networks = networks;
  }

  /** Under which key a container's settings have a network, if they do: a name or an id. */
  private Future<Optional<String>> keyOf(CallContext call, Reconciler.Known known, String network) {
    List<String> keys = List.copyOf(known.status().endpoints(known.specification()).keySet());
    if (keys.contains(network)) {
      return Future.succeededFuture(Optional.of(network));
    }
    List<Future<Boolean>> same =
        keys.stream()
            .map(
                key ->
                    networks
                        .get(call, key)
                        .map(view -> view.network().name().equals(network))
                        .otherwise(false))
            .toList();
    return Future.join(same)
        .map(all -> keys.stream().filter(key -> same.get(keys.indexOf(key)).result()).findFirst());
  }

  /** Whether a container has anything of the network plugin while it runs. */
  static boolean isNetworked(ContainerSpecification specification) {
    return specification.networking().isPresent()
        && !NetworkNames.isContainer(specification.networkMode())
        && (NetworkNames.hasEndpoints(specification.networkMode())
            || specification.networking().get().changesNames());
  }

  /** What a container that is about to run needs; empty when the runtime knows what to do. */
  Future<Optional<Sandbox>> attach(CallContext saga, String id, ContainerDecider.Start intent) {
    ContainerSpecification specification = intent.specification();
    if (NetworkNames.isContainer(specification.networkMode())) {
      return join(saga, NetworkNames.container(specification.networkMode()));
    }
    return isNetworked(specification)
        ? networks
            .attach(saga, request(id, intent.name(), specification, intent.endpoints()))
            .map(Optional::of)
        : Future.succeededFuture(Optional.empty());
  }

  private static AttachRequest request(
      String id,
      String name,
      ContainerSpecification specification,
      Map<String, EndpointSettings> endpoints) {
    boolean linked = NetworkNames.hasEndpoints(specification.networkMode());
    return new AttachRequest(
        id,
        name,
        specification.hostname(),
        specification.domainname(),
        specification.networkMode().equals(NetworkNames.HOST),
        linked ? endpoints : Map.of(),
        specification.exposedPorts(),
        specification.networking().orElse(Networking.NONE));
  }

  /** Which names it has for itself: as Docker has it, those of the one whose network it shares. */
  Future<HostName> hostName(ContainerSpecification specification) {
    return NetworkNames.isContainer(specification.networkMode())
        ? services.blocking(() -> services.host().log().read(view -> hostName(view, specification)))
        : Future.succeededFuture(HostName.of(specification));
  }

  // One whose network a third has may have that third's from then on.
  private HostName hostName(StateView view, ContainerSpecification specification) {
    Set<String> seen = new HashSet<>();
    ContainerSpecification named = specification;
    while (NetworkNames.isContainer(named.networkMode())) {
      String other = services.roster.resolve(NetworkNames.container(named.networkMode()));
      Optional<ContainerSpecification> found = view.find(ContainerEvent.SPECIFICATIONS, other);
      if (found.isEmpty() || !seen.add(other)) {
        break;
      }
      named = found.get();
    }
    return HostName.of(named);
  }

  // The namespace of a process, since that of a container without links has no other name.
  private Future<Optional<Sandbox>> join(CallContext saga, String name) {
    String id;
    try {
      id = services.roster.resolve(name);
    } catch (RuntimeFailure missing) {
      return Future.failedFuture(
          new RuntimeFailure(
              Kind.INTERNAL,
              "joining network namespace of container: " + missing.getMessage(),
              missing));
    }
    return services
        .blocking(
            () -> services.host().log().read(view -> view.find(ContainerEvent.CONTAINERS, id)))
        .compose(
            status -> {
              StartedTask task =
                  status
                      .filter(ContainerStatus::isRunning)
                      .flatMap(ContainerStatus::task)
                      .orElseThrow(() -> doesNotRun(id, status));
              Path namespace = Path.of("/proc", Integer.toString(task.pid()), "ns/net");
              return networks.join(saga, id, namespace).map(Optional::of);
            });
  }

  private static RuntimeFailure doesNotRun(String id, Optional<ContainerStatus> status) {
    return new RuntimeFailure(
        Kind.FAILED_PRECONDITION,
        "cannot join network namespace of a non running container: container "
            + status.map(ContainerStatus::name).orElse(id)
            + " is "
            + status.map(known -> known.phase().name().toLowerCase(Locale.ROOT)).orElse("removed"));
  }

  /** Takes a container that does not run off its networks; idempotent. */
  Future<Void> detach(CallContext saga, String id, ContainerSpecification specification) {
    return isNetworked(specification) ? networks.detach(saga, id) : Future.succeededFuture();
  }

  /** Takes a container off its networks whose next run has been cancelled; answers its status. */
  Future<ContainerStatus> release(CallContext saga, String id) {
    return known(id)
        .compose(known -> detach(saga, id, known.specification()).map(detached -> known.status()));
  }

  /** As {@code docker network connect}. */
  Future<Void> connect(CallContext call, String name, String network, EndpointSettings settings) {
    String id = services.roster.resolve(name);
    CallContext saga = call.detached();
    return services.turns.take(
        id,
        () ->
            networks
                .get(saga, network)
                .compose(view -> connectTo(saga, id, view.network().name(), settings)));
  }

  private Future<Void> connectTo(
      CallContext saga, String id, String network, EndpointSettings settings) {
    return known(id)
        .compose(
            known ->
                keyOf(saga, known, network)
                    .compose(
                        key -> {
                          ContainerDecider.checkConnect(
                              known.specification(), known.status(), key.orElse(network));
                          return known.status().isRunning()
                              ? networks.plug(saga, request(known), network, settings)
                              : Future.succeededFuture();
                        }))
        .compose(
            plugged ->
                services
                    .journal
                    .request(saga, view -> ContainerDecider.connected(view, id, network, settings))
                    .<Void>mapEmpty()
                    .recover(
                        cause ->
                            known(id)
                                .compose(known -> settle(saga, known))
                                .transform(settled -> Future.failedFuture(cause))));
  }

  /**
   * Takes a container that runs off networks that its settings do not have: it was being connected,
   * or disconnected, when the daemon died.
   */
  Future<Void> settle(CallContext call, Reconciler.Known known) {
    if (!isNetworked(known.specification())) {
      return Future.succeededFuture();
    }
    return services
        .blocking(() -> services.host().log().read(view -> unwanted(view, known)))
        .compose(
            unwanted -> {
              Future<Void> settled = Future.succeededFuture();
              for (String network : unwanted) {
                settled = settled.compose(before -> networks.unplug(call, request(known), network));
              }
              return settled;
            });
  }

  private static List<String> unwanted(StateView view, Reconciler.Known known) {
    Set<String> wanted = known.status().endpoints(known.specification()).keySet();
    return view.list(NetworkEvent.ENDPOINTS, Subject.DEFAULT_NAMESPACE, known.id() + "/").stream()
        .map(row -> row.value().network())
        .filter(
            network ->
                wanted.stream().noneMatch(network::startsWith)
                    && view.find(NetworkEvent.NETWORKS, network)
                        .map(found -> !wanted.contains(found.name()))
                        .orElse(false))
        .toList();
  }

  /** As {@code docker network disconnect}. */
  Future<Void> disconnect(CallContext call, String name, String network) {
    String id = services.roster.resolve(name);
    CallContext saga = call.detached();
    return services.turns.take(
        id,
        () ->
            networks
                .get(saga, network)
                .compose(view -> disconnectFrom(saga, id, view.network().name())));
  }

  private Future<Void> disconnectFrom(CallContext saga, String id, String network) {
    return known(id)
        .compose(known -> keyOf(saga, known, network))
        .compose(
            key ->
                services.journal.request(
                    saga, view -> ContainerDecider.disconnected(view, id, key.orElse(network))))
        .compose(
            gone ->
                known(id)
                    .compose(
                        known ->
                            networks.unplug(
                                saga.causedBy(gone.firstSequence()), request(known), network)));
  }

  private Future<Reconciler.Known> known(String id) {
    return services.blocking(
        () ->
            services
                .host()
                .log()
                .read(
                    view ->
                        new Reconciler.Known(
                            id,
                            ContainerDecider.specification(view, id),
                            ContainerDecider.status(view, id))));
  }

  private static AttachRequest request(Reconciler.Known known) {
    return request(
        known.id(),
        known.status().name(),
        known.specification(),
        known.status().endpoints(known.specification()));
  }
}
