package dev.taffrail.core.network;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a container needs of its networks when its first process is made.
 *
 * @param namespace a network namespace that has its links; absent where the runtime makes one
 * @param hosts for {@code /etc/hosts}
 * @param resolver for {@code /etc/resolv.conf}
 */
public record Sandbox(Optional<Path> namespace, Path hosts, Path resolver) {}
