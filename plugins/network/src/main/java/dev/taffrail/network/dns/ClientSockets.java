package dev.taffrail.network.dns;

import dev.taffrail.core.linux.NetworkNamespaces;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * Opens sockets, neither bound nor connected, in one network namespace. A socket belongs for good
 * to the namespace of the thread that opened it.
 */
public interface ClientSockets {
  /** Those of the namespace of the daemon. */
  ClientSockets HOST =
      new ClientSockets() {
        @Override
        public DatagramChannel datagram(ProtocolFamily family) throws IOException {
          return DatagramChannel.open(family);
        }

        @Override
        public SocketChannel stream(ProtocolFamily family) throws IOException {
          return SocketChannel.open(family);
        }
      };

  /** May block. */
  DatagramChannel datagram(ProtocolFamily family) throws IOException;

  /** May block. */
  SocketChannel stream(ProtocolFamily family) throws IOException;

  /** Those of the namespace at {@code path}; see {@link NetworkNamespaces#within}. */
  static ClientSockets within(NetworkNamespaces namespaces, Path path) {
    return new ClientSockets() {
      @Override
      public DatagramChannel datagram(ProtocolFamily family) {
        return namespaces.within(path, () -> HOST.datagram(family));
      }

      @Override
      public SocketChannel stream(ProtocolFamily family) {
        return namespaces.within(path, () -> HOST.stream(family));
      }
    };
  }
}
