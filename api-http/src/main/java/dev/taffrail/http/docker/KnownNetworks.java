package dev.taffrail.http.docker;

import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.NetworkView;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The networks that containers which are on none now want to be on. */
record KnownNetworks(List<Network> networks) {
  static final KnownNetworks NONE = new KnownNetworks(List.of());

  /** All there are, or nothing when {@code shown} says by itself what networks it is on. */
  static Future<KnownNetworks> of(
      CallContext call, Networks networks, Collection<ContainerView> shown) {
    boolean needed =
        shown.stream()
            .anyMatch(
                view ->
                    view.links().isEmpty()
                        && NetworkNames.hasEndpoints(view.specification().networkMode()));
    return needed
        ? networks
            .list(call)
            .map(all -> new KnownNetworks(all.stream().map(NetworkView::network).toList()))
        : Future.succeededFuture(NONE);
  }

  /** By its name, its id, or the beginning of that. */
  Optional<Network> find(String name) {
    return networks.stream()
        .filter(network -> network.name().equals(name))
        .findFirst()
        .or(
            () -> {
              List<Network> begin =
                  networks.stream().filter(network -> network.id().startsWith(name)).toList();
              return begin.size() == 1 ? Optional.of(begin.get(0)) : Optional.empty();
            });
  }
}
