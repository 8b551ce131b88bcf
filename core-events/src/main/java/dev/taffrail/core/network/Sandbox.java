package dev.taffrail.core.network;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a container needs of its networks when its first process is made.
 *
 * @param namespace a network namespace that has its links; absent where the runtime makes one
 * @param hosts for {@code /etc/hosts}; absent where nothing is special about it
 * @param resolver for {@code /etc/resolv.conf}; likewise
 * @param variables {@code NAME=value}, of the containers that it is linked to
 */
public record Sandbox(
    Optional<Path> namespace,
    Optional<Path> hosts,
    Optional<Path> resolver,
    List<String> variables) {
  public Sandbox {
    variables = List.copyOf(variables);
  }
}
