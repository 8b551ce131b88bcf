package dev.taffrail.network.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;

/**
 * The two sockets on which a container's queries arrive, bound. Each may have a port of its own.
 */
public record ServerSockets(DatagramChannel udp, ServerSocketChannel tcp) implements AutoCloseable {
  private static final int BACKLOG = 128;

  /**
   * Opens them in the network namespace of this thread. Port 53 of the address stays free for a
   * name server that the container itself may run on all addresses, so the kernel gives the ports,
   * and a rule in the namespace leads there.
   */
  public static ServerSockets bind(InetAddress address) throws IOException {
    ProtocolFamily family = familyOf(address);
    DatagramChannel udp = DatagramChannel.open(family);
    try {
      udp.bind(new InetSocketAddress(address, 0));
      ServerSocketChannel tcp = ServerSocketChannel.open(family);
      try {
        tcp.bind(new InetSocketAddress(address, 0), BACKLOG);
        return new ServerSockets(udp, tcp);
      } catch (IOException e) {
        tcp.close();
        throw e;
      }
    } catch (IOException e) {
      udp.close();
      throw e;
    }
  }

  static ProtocolFamily familyOf(InetAddress address) {
    return address.getAddress().length == 4
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }

  public InetSocketAddress udpAddress() throws IOException {
    return (InetSocketAddress) udp.getLocalAddress();
  }

  public InetSocketAddress tcpAddress() throws IOException {
    return (InetSocketAddress) tcp.getLocalAddress();
  }

  @Override
  public void close() throws IOException {
    try (tcp) {
      udp.close();
    }
  }
}
