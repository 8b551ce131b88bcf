package dev.taffrail.network;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkDriver.Attached;
import dev.taffrail.core.network.NetworkDriver.Restored;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.network.PublishedPorts;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.network.NetworkDecider.Link;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does at a start what a crash or a reboot has made necessary: drivers make the networks of the log
 * again and sweep what is not in it, containers that may run are known again, and the others are
 * taken off their networks.
 */
final class Restoration {
  private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);
  private final Journal journal;
  private final Drivers drivers;
  private final Attachments attachments;
  private final Sandboxes sandboxes;

  Restoration(Journal journal, Drivers drivers, Attachments attachments, Sandboxes sandboxes) {
    this.journal = journal;
    this.drivers = drivers;
    this.attachments = attachments;
    this.sandboxes = sandboxes;
  }

  /** A container that may run, or, as far as the log knows, does. */
  record Owner(String container, Networking networking, boolean running) {}

  /**
   * What the log says.
   *
   * @param live containers that may run
   * @param links by container
   */
  private record Known(
      List<Network> networks,
      Map<String, Owner> live,
      Map<String, List<Link>> links,
      Map<String, List<PortBinding>> bindings) {
    static Known of(StateView view) {
      Map<String, Owner> live = new HashMap<>();
      view.list(ContainerEvent.CONTAINERS).stream()
          .filter(row -> mayRun(row.value().phase()))
          .forEach(
              row ->
                  live.put(
                      row.id(),
                      new Owner(
                          row.id(),
                          view.find(ContainerEvent.SPECIFICATIONS, row.id())
                              .flatMap(ContainerSpecification::networking)
                              .orElse(Networking.NONE),
                          row.value().isRunning())));
      List<Network> networks = NetworkIndex.all(view);
      Map<String, Network> byId = new HashMap<>();
      networks.forEach(network -> byId.put(network.id(), network));
      Map<String, List<Link>> links = new TreeMap<>();
      for (Row<Endpoint> row : view.list(NetworkEvent.ENDPOINTS)) {
        Endpoint endpoint = row.value();
        links
            .computeIfAbsent(endpoint.container(), none -> new ArrayList<>())
            .add(
                new Link(byId.get(endpoint.network()), endpoint)
                    .with(NetworkEvent.lease(view, endpoint)));
      }
      Map<String, List<PortBinding>> bindings = new HashMap<>();
      for (Row<PublishedPorts> row : view.list(NetworkEvent.PORTS)) {
        bindings.put(Endpoint.key(row.id(), row.value().network()), row.value().bindings());
      }
      return new Known(networks, live, links, bindings);
    }

    private static boolean mayRun(Phase phase) {
      return phase == Phase.STARTING || phase == Phase.RUNNING || phase == Phase.RESTARTING;
    }

    private Restored restored(Network network) {
      List<Attached> endpoints = new ArrayList<>();
      for (Map.Entry<String, List<Link>> entry : links.entrySet()) {
        for (Link link : entry.getValue()) {
          if (live.containsKey(entry.getKey()) && link.network().id().equals(network.id())) {
            endpoints.add(
                new Attached(
                    link.endpoint(), bindings.getOrDefault(link.endpoint().key(), List.of())));
          }
        }
      }
      return new Restored(network, endpoints);
    }
  }

  /** Failures are logged: the daemon starts, and what is asked of a broken network fails. */
  Future<Void> run(CallContext call) {
    return journal
        .read(Known::of)
        .compose(
            known ->
                learn(call, known)
                    .compose(learned -> restore(call, known))
                    .compose(restored -> resume(call, known))
                    .compose(resumed -> sweep(known)));
  }

  private Future<Void> learn(CallContext call, Known known) {
    List<Future<?>> all = new ArrayList<>();
    for (Network network : known.networks()) {
      all.add(
          attempt(() -> drivers.learn(call, network))
              .recover(
                  cause -> {
                    LOG.error(
                        "The network {} is not as its driver wants it", network.name(), cause);
                    return Future.succeededFuture();
                  }));
    }
    return Future.join(all).mapEmpty();
  }

  private Future<Void> restore(CallContext call, Known known) {
    List<Future<?>> all = new ArrayList<>();
    Set<String> names = new TreeSet<>(drivers.names());
    known.networks().forEach(network -> names.add(network.driver()));
    for (String name : names) {
      List<Restored> networks =
          known.networks().stream()
              .filter(network -> network.driver().equals(name))
              .map(known::restored)
              .toList();
      all.add(
          attempt(() -> drivers.get(name).restore(call, networks))
              .recover(
                  cause -> {
                    LOG.error("The networks of the driver {} are not restored", name, cause);
                    return Future.succeededFuture();
                  }));
    }
    return Future.join(all).mapEmpty();
  }

  private static <T> Future<T> attempt(java.util.function.Supplier<Future<T>> action) {
    try {
      return action.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private Future<Void> resume(CallContext call, Known known) {
    List<Future<?>> all = new ArrayList<>();
    known
        .links()
        .forEach(
            (container, links) -> {
              Optional<Owner> owner = Optional.ofNullable(known.live().get(container));
              all.add(
                  owner.isPresent()
                      ? attachments.resume(call, links, owner.get())
                      : attachments
                          .detach(call, container)
                          .recover(
                              cause -> {
                                LOG.error("Container {} stays on its networks", container, cause);
                                return Future.succeededFuture();
                              }));
            });
    return Future.join(all).mapEmpty();
  }

  private Future<Void> sweep(Known known) {
    return journal.blocking(
        () -> {
          Set<String> orphans = new HashSet<>(sandboxes.list());
          orphans.removeAll(known.live().keySet());
          orphans.forEach(sandboxes::remove);
          return null;
        });
  }
}
