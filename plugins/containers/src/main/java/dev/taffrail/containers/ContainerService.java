package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.container.Containers;
import dev.taffrail.core.container.CreateRequest;
import dev.taffrail.core.container.CreatedContainer;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.container.RestartPolicy;
import dev.taffrail.core.container.WaitCondition;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.core.network.PublishedPorts;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Hands each call to its saga; reads come from the log's state and wait for no container. */
final class ContainerService implements Containers {
  private final Services services;
  private final Creation creation;
  private final Start start;
  private final Ending ending;
  private final Removal removal;

  ContainerService(
      Services services, Creation creation, Start start, Ending ending, Removal removal) {
    this.services = services;
    this.creation = creation;
    this.start = start;
    this.ending = ending;
    this.removal = removal;
  }

  @Override
  public Future<CreatedContainer> create(CallContext call, CreateRequest request) {
    return attempt(() -> creation.create(call, request));
  }

  @Override
  public Future<Void> start(CallContext call, String name) {
    return attempt(() -> start.start(call, name));
  }

  @Override
  public Future<Void> stop(
      CallContext call, String name, Optional<String> signal, OptionalInt timeoutSeconds) {
    return attempt(() -> ending.stop(call, name, signal, timeoutSeconds));
  }

  @Override
  public Future<Void> restart(
      CallContext call, String name, Optional<String> signal, OptionalInt timeoutSeconds) {
    return attempt(() -> ending.restart(call, name, signal, timeoutSeconds));
  }

  // In its turn: a start that is under way has its outcome first.
  @Override
  public Future<Void> changePolicy(CallContext call, String name, RestartPolicy policy) {
    return attempt(
        () -> {
          String id = services.roster.resolve(name);
          CallContext saga = call.detached();
          return services.turns.take(
              id,
              () ->
                  services
                      .journal
                      .request(saga, view -> ContainerDecider.changePolicy(view, id, policy))
                      .mapEmpty());
        });
  }

  @Override
  public Future<Void> connect(
      CallContext call, String name, String network, EndpointSettings settings) {
    return attempt(() -> services.networks.connect(call, name, network, settings));
  }

  @Override
  public Future<Void> disconnect(CallContext call, String name, String network, boolean force) {
    return attempt(() -> services.networks.disconnect(call, name, network));
  }

  @Override
  public Future<Void> kill(CallContext call, String name, String signal) {
    return attempt(() -> ending.kill(call, name, signal));
  }

  @Override
  public Future<Void> remove(CallContext call, String name, boolean force) {
    return attempt(() -> removal.remove(call, name, force));
  }

  // Registered in the tick in which the call arrives, so that no exit slips through; only then is
  // the state asked whether there is anything to wait for.
  @Override
  public Future<ContainerExit> await(CallContext call, String name, WaitCondition condition) {
    return attempt(
        () -> {
          String id = services.roster.resolve(name);
          Waiters.Waiter waiter = services.waiters.register(id, condition);
          call.onCancel(() -> services.onContext(waiter::cancel));
          if (condition == WaitCondition.NOT_RUNNING) {
            services
                .blocking(() -> services.host().log().read(view -> notRunning(view, id)))
                .onSuccess(exit -> exit.ifPresent(waiter::tell))
                .onFailure(waiter::fail);
          }
          return waiter.future();
        });
  }

  // Empty also for a container that is gone: whoever waited for it has been told. One that waits to
  // be restarted counts among those that run, as in Docker Engine.
  private static Optional<ContainerExit> notRunning(StateView view, String id) {
    return view.find(ContainerEvent.CONTAINERS, id)
        .filter(
            status ->
                status.phase() != Phase.RUNNING
                    && status.phase() != Phase.STARTING
                    && status.phase() != Phase.RESTARTING)
        .map(ContainerDecider::exitOf);
  }

  @Override
  public Future<ContainerView> get(CallContext call, String name) {
    return services.blocking(() -> services.host().log().read(view -> find(view, name)));
  }

  @Override
  public Future<ContainerView> getAsOf(CallContext call, String name, Cursor moment) {
    return services.blocking(
        () -> services.host().log().readAsOf(moment, view -> find(view, name)));
  }

  private ContainerView find(StateView view, String name) {
    String id = ContainerIndex.of(view).resolve(name);
    return view(
        view,
        id,
        view.find(ContainerEvent.SPECIFICATIONS, id).orElseThrow(),
        view.find(ContainerEvent.CONTAINERS, id).orElseThrow());
  }

  @Override
  public Future<Long> usage(CallContext call, String name) {
    return get(call, name)
        .map(ContainerView::specification)
        .compose(
            specification ->
                services
                    .snapshotter(specification.snapshotter())
                    .usage(call, specification.snapshot()));
  }

  @Override
  public Future<List<ContainerView>> list(CallContext call) {
    return services.blocking(() -> services.host().log().read(this::list));
  }

  @Override
  public Future<List<ContainerView>> listAsOf(CallContext call, Cursor moment) {
    return services.blocking(() -> services.host().log().readAsOf(moment, this::list));
  }

  private List<ContainerView> list(StateView view) {
    Map<String, ContainerStatus> statuses =
        view.list(ContainerEvent.CONTAINERS).stream()
            .collect(Collectors.toMap(Row::id, Row::value));
    return view.list(ContainerEvent.SPECIFICATIONS).stream()
        .map(row -> view(view, row.id(), row.value(), statuses.get(row.id())))
        .sorted(
            Comparator.comparing((ContainerView one) -> one.specification().created())
                .reversed()
                .thenComparing(ContainerView::id))
        .toList();
  }

  private ContainerView view(
      StateView view, String id, ContainerSpecification specification, ContainerStatus status) {
    List<ContainerView.Link> links = new ArrayList<>();
    Optional<PublishedPorts> ports = Optional.empty();
    if (ContainerNetworks.isNetworked(specification) && status.phase() != Phase.CREATED) {
      for (Row<Endpoint> row :
          view.list(NetworkEvent.ENDPOINTS, Subject.DEFAULT_NAMESPACE, Endpoint.key(id, ""))) {
        Optional<Lease> lease = NetworkEvent.lease(view, row.value());
        view.find(NetworkEvent.NETWORKS, row.value().network())
            .ifPresent(
                network ->
                    links.add(new ContainerView.Link(network, row.value().with(lease), lease)));
      }
      ports = view.find(NetworkEvent.PORTS, id);
    }
    return new ContainerView(
        id, specification, status, services.directories.log(id), List.copyOf(links), ports);
  }

  private static <T> Future<T> attempt(Supplier<Future<T>> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }
}
