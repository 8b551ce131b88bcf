package dev.taffrail.core.network;

import java.util.List;
import java.util.Objects;

/**
 * The published ports of a container that runs; a state row, by container id.
 *
 * @param network the id of that through which they are reached
 */
public record PublishedPorts(String network, List<PortBinding> bindings) {
  public PublishedPorts {
    Objects.requireNonNull(network, "network");
    bindings = List.copyOf(bindings);
  }
}
