package dev.taffrail.linux;

import static dev.taffrail.linux.Nftables.NFT_CTX_OUTPUT_JSON;

import dev.taffrail.core.linux.PacketFilter;
import java.nio.file.Path;

/**
 * By libnftables(3). The host's context stays, for a transaction takes a third less then; those of
 * other namespaces last for one call.
 */
final class NativePacketFilter implements PacketFilter, AutoCloseable {
  private static final int AS_TEXT = 0;

  private final NativeNetworkNamespaces namespaces;
  private NftContext host;

  NativePacketFilter(NativeNetworkNamespaces namespaces) {
    this.namespaces = namespaces;
  }

  @Override
  public void apply(String commands) {
    host().run(commands, AS_TEXT);
  }

  @Override
  public String list(String command) {
    return host().run(command, NFT_CTX_OUTPUT_JSON);
  }

  @Override
  public void apply(Path namespace, String commands) {
    run(namespace, commands, AS_TEXT);
  }

  @Override
  public String list(Path namespace, String command) {
    return run(namespace, command, NFT_CTX_OUTPUT_JSON);
  }

  @Override
  public synchronized void close() {
    if (host != null) {
      host.close();
    }
  }

  /** Opened from the first thread's namespace, whichever the calling thread is in. */
  private synchronized NftContext host() {
    if (host == null) {
      host = namespaces.within(NativeNetworkNamespaces.OWN, NftContext::open);
    }
    return host;
  }

  private String run(Path namespace, String commands, int flags) {
    return namespaces.within(
        namespace,
        () -> {
          try (NftContext context = NftContext.open()) {
            return context.run(commands, flags);
          }
        });
  }
}
