package dev.taffrail.core.linux;

import java.nio.file.Path;

/** Opens the network stacks of this host. */
public interface NetworkStacks {
  /** The stack of the daemon's own network namespace; closed by nobody but its provider. */
  NetworkStack host();

  /** The stack of another network namespace. NOT_FOUND when there is none at {@code namespace}. */
  NetworkStack open(Path namespace);
}
