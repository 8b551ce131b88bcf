package dev.taffrail.testkit.linux;

import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.linux.PacketFilter;
import java.nio.file.Path;

/**
 * The links and rules of a network namespace in the place of the host's.
 *
 * @param stack of the namespace
 */
public record NamespaceHost(
    Path namespace, NetworkStack stack, NetworkStacks stacks, PacketFilter filter)
    implements NetworkStacks, PacketFilter {
  @Override
  public NetworkStack host() {
    return stack;
  }

  @Override
  public NetworkStack open(Path other) {
    return stacks.open(other);
  }

  @Override
  public void apply(String commands) {
    filter.apply(namespace, commands);
  }

  @Override
  public String list(String command) {
    return filter.list(namespace, command);
  }

  @Override
  public void apply(Path other, String commands) {
    filter.apply(other, commands);
  }

  @Override
  public String list(Path other, String command) {
    return filter.list(other, command);
  }
}
