package dev.taffrail.core.container;

import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.PublishedPorts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A container as it is now.
 *
 * @param log where its output is
 * @param links its networks and its endpoints on them, while it runs
 * @param ports that are published while it runs
 */
public record ContainerView(
    String id,
    ContainerSpecification specification,
    ContainerStatus status,
    Path log,
    List<Link> links,
    Optional<PublishedPorts> ports) {
  /**
   * An endpoint and its network.
   *
   * @param endpoint with the addresses of its lease, if there is one
   */
  public record Link(Network network, Endpoint endpoint, Optional<Lease> lease) {}
}
