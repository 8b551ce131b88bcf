package dev.taffrail.http.docker;

import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.log.EventHeader;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Events of networks as moby's engine would have sent them. That {@code bridge} is made and goes is
 * no event there, and that a container is on {@code none} or {@code host} is one.
 */
final class NetworkEvents {
  private static final String TYPE = "network";

  private final BuiltinNetworks builtin;

  NetworkEvents(BuiltinNetworks builtin) {
    this.builtin = builtin;
  }

  /** Empty for what Docker has no event for. */
  static List<DockerEvent> translate(
      EventHeader header, NetworkEvent event, Optional<Network> network) {
    if (event instanceof NetworkEvent.Attached attached) {
      return List.of(
          event(header, "connect", network, Optional.of(attached.endpoint().container())));
    } else if (event instanceof NetworkEvent.Detached detached) {
      return List.of(event(header, "disconnect", network, Optional.of(detached.container())));
    } else if (network.map(Network::isPredefined).orElse(false)) {
      return List.of();
    } else if (event instanceof NetworkEvent.Created) {
      return List.of(event(header, "create", network, Optional.empty()));
    }
    return event instanceof NetworkEvent.Removed
        ? List.of(event(header, "destroy", network, Optional.empty()))
        : List.of();
  }

  private static DockerEvent event(
      EventHeader header, String action, Optional<Network> network, Optional<String> container) {
    Map<String, String> attributes = new TreeMap<>();
    network.ifPresent(
        known -> {
          attributes.put("name", known.name());
          attributes.put("type", known.driver());
        });
    container.ifPresent(id -> attributes.put("container", id));
    return new DockerEvent(
        TYPE, action, header.subject().id(), attributes, header.time(), header.cursor());
  }

  /** Of a container that starts or has ended, on a network that gives no addresses. */
  List<DockerEvent> ofMode(
      EventHeader header, String action, Optional<ContainerSpecification> specification) {
    return specification
        .flatMap(known -> builtin.find(known.networkMode()))
        .map(
            network ->
                new DockerEvent(
                    TYPE,
                    action,
                    network.id(),
                    Map.of(
                        "name",
                        network.name(),
                        "type",
                        network.driver(),
                        "container",
                        header.subject().id()),
                    header.time(),
                    header.cursor()))
        .stream()
        .toList();
  }
}
