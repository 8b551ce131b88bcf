package dev.taffrail.linux;

import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStacks;
import java.nio.file.Path;

/** Stacks by sockets that were opened in their namespace; only that ties them to it. */
final class NetlinkStacks implements NetworkStacks, AutoCloseable {
  private final NativeNetworkNamespaces namespaces;
  private NetworkStack host;

  NetlinkStacks(NativeNetworkNamespaces namespaces) {
    this.namespaces = namespaces;
  }

  @Override
  public synchronized NetworkStack host() {
    if (host == null) {
      host = open(NativeNetworkNamespaces.OWN);
    }
    return host;
  }

  @Override
  public NetworkStack open(Path namespace) {
    return NetlinkStack.open(namespaces, namespace);
  }

  @Override
  public synchronized void close() {
    if (host != null) {
      host.close();
    }
  }
}
