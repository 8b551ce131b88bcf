package dev.taffrail.network;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.network.dns.HostsFile;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code --link} on the default bridge: names of other containers in the file of hosts, and what is
 * said of them in the environment.
 */
record LegacyLinks(List<HostsFile.Entry> hosts, List<String> variables) {
  /** Without a link. */
  static final LegacyLinks NONE = new LegacyLinks(List.of(), List.of());

  private static final int SHORT_ID = 12;

  /** NOT_FOUND and FAILED_PRECONDITION in Docker's words. */
  static LegacyLinks of(StateView view, AttachRequest request) {
    List<HostsFile.Entry> entries = new ArrayList<>();
    List<String> variables = new ArrayList<>();
    // Of a container on other networks the same option makes aliases there, which names are for.
    if (!request.endpoints().containsKey(NetworkNames.BRIDGE)) {
      return NONE;
    }
    for (String link : request.networking().links()) {
      int colon = link.indexOf(':');
      String name = colon < 0 ? link : link.substring(0, colon);
      String alias = colon < 0 ? link : link.substring(colon + 1);
      String bare = name.startsWith("/") ? name.substring(1) : name;
      String id =
          view.find(ContainerEvent.NAMES, bare)
              .map(Reservation::owner)
              .or(() -> view.find(ContainerEvent.CONTAINERS, bare).map(status -> bare))
              .orElseThrow(
                  () ->
                      new RuntimeFailure(
                          Kind.INVALID_ARGUMENT, "could not get container for " + name));
      Optional<Endpoint> target =
          NetworkIndex.of(view, id).stream()
              .filter(endpoint -> NetworkIndex.resolve(view, endpoint.network()).isPredefined())
              .findFirst();
      if (target.isEmpty()) {
        throw new RuntimeFailure(
            Kind.FAILED_PRECONDITION,
            "Cannot link to a non running container: /"
                + bare
                + " AS /"
                + request.name()
                + "/"
                + alias);
      }
      Set<String> names = new LinkedHashSet<>(List.of(alias, id.substring(0, SHORT_ID), bare));
      target
          .get()
          .address(false)
          .ifPresent(
              address -> {
                entries.add(new HostsFile.Entry(address, String.join(" ", names)));
                view.find(ContainerEvent.SPECIFICATIONS, id)
                    .map(linked -> LinkVariables.of(request.name(), alias, address, linked))
                    .ifPresent(variables::addAll);
              });
    }
    return new LegacyLinks(entries, variables);
  }
}
