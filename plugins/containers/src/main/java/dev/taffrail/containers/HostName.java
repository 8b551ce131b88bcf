package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerSpecification;
import java.util.Optional;

/** What a container is called within: its own name, or that of one whose network it shares. */
record HostName(String hostname, Optional<String> domainname) {
  static HostName of(ContainerSpecification specification) {
    return new HostName(specification.hostname(), specification.domainname());
  }
}
