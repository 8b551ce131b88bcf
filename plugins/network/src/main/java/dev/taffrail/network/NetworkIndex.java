package dev.taffrail.network;

import static dev.taffrail.core.network.NetworkEvent.ENDPOINTS;
import static dev.taffrail.core.network.NetworkEvent.NAMES;
import static dev.taffrail.core.network.NetworkEvent.NETWORKS;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds networks and who is on them in the state. */
final class NetworkIndex {
  private NetworkIndex() {}

  /** By id, name, or a unique prefix of an id. NOT_FOUND in Docker's words. */
  static Network resolve(StateView view, String name) {
    Optional<Network> exact =
        view.find(NETWORKS, name)
            .or(
                () ->
                    view.find(NAMES, name)
                        .map(Reservation::owner)
                        .flatMap(id -> view.find(NETWORKS, id)));
    if (exact.isPresent()) {
      return exact.get();
    }
    List<Row<Network>> found =
        name.isEmpty() ? List.of() : view.list(NETWORKS, Subject.DEFAULT_NAMESPACE, name);
    if (found.size() > 1) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "network "
              + name
              + " is ambiguous ("
              + found.size()
              + " matches found based on ID prefix)");
    }
    return found.stream()
        .findFirst()
        .map(Row::value)
        .orElseThrow(() -> new RuntimeFailure(Kind.NOT_FOUND, "network " + name + " not found"));
  }

  /** Ordered by name. */
  static List<Network> all(StateView view) {
    return view.list(NETWORKS).stream()
        .map(Row::value)
        .sorted(Comparator.comparing(Network::name))
        .toList();
  }

  /** Ordered by container id. */
  static List<Endpoint> on(StateView view, String network) {
    return view.list(ENDPOINTS).stream()
        .map(Row::value)
        .filter(endpoint -> endpoint.network().equals(network))
        .map(endpoint -> endpoint.with(NetworkEvent.lease(view, endpoint)))
        .toList();
  }

  /** In the order of their links. */
  static List<Endpoint> of(StateView view, String container) {
    return view.list(ENDPOINTS, Subject.DEFAULT_NAMESPACE, Endpoint.key(container, "")).stream()
        .map(Row::value)
        .map(endpoint -> endpoint.with(NetworkEvent.lease(view, endpoint)))
        .sorted(Comparator.comparing(Endpoint::containerLink))
        .toList();
  }
}
