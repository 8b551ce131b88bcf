package dev.taffrail.network.port;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.NetworkDriver.Attached;
import dev.taffrail.core.network.PortBinding;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.Closeable;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sockets of the daemon at published ports. They keep others from taking a port, and carry what
 * rules cannot translate: connections from the host to {@code ::1}, and from IPv6 to containers
 * that have IPv4 alone. Everything else never comes to them.
 */
public final class HostSockets implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostSockets.class);
  private static final InetAddress ANY_V4 = IpText.parse("0.0.0.0");
  private static final InetAddress ANY_V6 = IpText.parse("::");

  private final Map<String, List<AutoCloseable>> open = new HashMap<>();
  private EventLoopGroup loop;

  /**
   * All of them or none. ALREADY_EXISTS in Docker's words when somebody else has one of the ports.
   */
  public synchronized void open(Endpoint endpoint, List<PortBinding> bindings) {
    // An endpoint without ports may get some later.
    if (bindings.isEmpty() || open.containsKey(endpoint.id())) {
      return;
    }
    List<AutoCloseable> sockets = new ArrayList<>();
    try {
      for (PortBinding binding : bindings) {
        // A socket at :: has IPv4 as well, and both cannot be had one by one.
        boolean covered =
            binding.hostAddress().equals(ANY_V4) && bindings.contains(binding.at(ANY_V6));
        if (!covered) {
          add(sockets, endpoint, binding, bindings);
        }
      }
    } catch (RuntimeFailure failure) {
      sockets.forEach(HostSockets::closeQuietly);
      throw failure;
    }
    open.put(endpoint.id(), sockets);
  }

  private void add(
      List<AutoCloseable> sockets,
      Endpoint endpoint,
      PortBinding binding,
      List<PortBinding> bindings) {
    try {
      switch (binding.protocol()) {
        case "tcp" -> sockets.add(relay(listen(binding), endpoint, binding));
        case "udp" -> sockets.add(receive(binding));
        // Java has no socket for it: only other containers are kept away.
        default -> {}
      }
    } catch (IOException e) {
      PortBinding taken = taken(binding, bindings);
      throw new RuntimeFailure(
          Kind.ALREADY_EXISTS,
          "failed to bind host port for "
              + IpText.withPort(taken.hostAddress(), taken.hostPort())
              + ":"
              + endpoint.address(false).or(() -> endpoint.address(true)).map(IpText::of).orElse("")
              + ":"
              + binding.port()
              + ": "
              + reason(e),
          e);
    }
  }

  private static ServerSocketChannel listen(PortBinding binding) throws IOException {
    ServerSocketChannel socket = ServerSocketChannel.open(family(binding));
    return closingUnless(socket, () -> socket.bind(at(binding)));
  }

  private static DatagramChannel receive(PortBinding binding) throws IOException {
    DatagramChannel socket = DatagramChannel.open(family(binding));
    return closingUnless(socket, () -> socket.bind(at(binding)));
  }

  /** What a socket is bound with. */
  private interface Binding<T> {
    T bind() throws IOException;
  }

  private static <T extends Closeable> T closingUnless(T socket, Binding<?> binding)
      throws IOException {
    try {
      var unused = binding.bind();
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static ProtocolFamily family(PortBinding binding) {
    return binding.hostAddress() instanceof Inet6Address
        ? StandardProtocolFamily.INET6
        : StandardProtocolFamily.INET;
  }

  private static InetSocketAddress at(PortBinding binding) {
    return new InetSocketAddress(binding.hostAddress(), binding.hostPort());
  }

  /** Of a socket that has both families, that of IPv4 if it is not free; the first, as Docker's. */
  private static PortBinding taken(PortBinding binding, List<PortBinding> bindings) {
    PortBinding v4 = binding.at(ANY_V4);
    if (!binding.hostAddress().equals(ANY_V6) || !bindings.contains(v4)) {
      return binding;
    }
    try {
      Closeable free = binding.protocol().equals("tcp") ? listen(v4) : receive(v4);
      free.close();
      return binding;
    } catch (IOException e) {
      return v4;
    }
  }

  private static String reason(IOException cause) {
    return String.valueOf(cause.getMessage()).toLowerCase(java.util.Locale.ROOT);
  }

  private AutoCloseable relay(ServerSocketChannel socket, Endpoint endpoint, PortBinding binding) {
    InetAddress target = endpoint.address(false).or(() -> endpoint.address(true)).orElseThrow();
    NioServerSocketChannel channel = new NioServerSocketChannel(socket);
    channel
        .pipeline()
        .addLast(new Relay(loop(), new InetSocketAddress(target, binding.containerPort())));
    loop().register(channel).syncUninterruptibly();
    return () -> channel.close().syncUninterruptibly();
  }

  private EventLoopGroup loop() {
    if (loop == null) {
      loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    }
    return loop;
  }

  /** After a restart of the daemon; what fails is logged. */
  public void reopen(List<Attached> endpoints) {
    for (Attached attached : endpoints) {
      try {
        open(attached.endpoint(), attached.bindings());
      } catch (RuntimeFailure failure) {
        LOG.warn(
            "The ports of container {} are not held: {}",
            attached.endpoint().container(),
            failure.getMessage());
      }
    }
  }

  /** Nothing there is fine. */
  public synchronized void close(Endpoint endpoint) {
    List<AutoCloseable> sockets = open.remove(endpoint.id());
    if (sockets != null) {
      sockets.forEach(HostSockets::closeQuietly);
    }
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      throw new IllegalStateException("Closing a socket does not fail", e);
    }
  }

  @Override
  public synchronized void close() {
    open.values().forEach(sockets -> sockets.forEach(HostSockets::closeQuietly));
    open.clear();
    if (loop != null) {
      var unused = loop.shutdownGracefully();
      loop = null;
    }
  }
}
