package dev.taffrail.core.plugin;

import java.util.Objects;

/**
 * What a plugin provides, as a value that carries its contract, so that callers need no casts. A
 * contract is an interface whose methods take a {@link CallContext} first, return a {@code Future},
 * and carry {@link Deadline} or {@link Unbounded}.
 */
public record PluginType<S>(String name, Class<S> contract) {
  public PluginType {
    Objects.requireNonNull(name, "name");
    if (!contract.isInterface()) {
      throw new IllegalArgumentException(contract + " is not an interface");
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
