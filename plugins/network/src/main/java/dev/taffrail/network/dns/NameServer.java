package dev.taffrail.network.dns;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded name server, {@code 127.0.0.11} to containers on user-defined networks. One thread
 * serves all containers; two more open sockets in containers' namespaces, when there is one to be
 * opened.
 */
public final class NameServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NameServer.class);

  /** Limits. Those of one container are Docker's, where it has one. */
  record Limits(
      Duration upstreamTimeout,
      Duration idleTimeout,
      int queriesOfAll,
      int queriesOfOne,
      int connectionsOfOne) {
    static final Limits DEFAULT =
        new Limits(Duration.ofSeconds(4), Duration.ofSeconds(10), 4096, 1024, 64);
  }

  private static final int OPENERS = 2;
  private static final long OPENER_IDLE_SECONDS = 10;
  private static final long STOP_SECONDS = 5;

  private final Limits limits;
  private final Capacity whole;
  private final SecureRandom random = new SecureRandom();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("taffrail-dns", true), NioIoHandler.newFactory());
  private final ThreadPoolExecutor opener =
      new ThreadPoolExecutor(
          OPENERS,
          OPENERS,
          OPENER_IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          new DefaultThreadFactory("taffrail-dns-open", true));

  public NameServer() {
    this(Limits.DEFAULT);
  }

  NameServer(Limits limits) {
    this.limits = limits;
    this.whole =
        new Capacity("DNS queries and connections of all containers", limits.queriesOfAll(), null);
    opener.allowCoreThreadTimeOut(true);
  }

  /**
   * Serves a container. The sockets are the service's from here on, also when this fails.
   *
   * @param within opens sockets in the container's network namespace
   */
  public NameService serve(
      ServerSockets sockets, Names names, Forwarding forwarding, ClientSockets within) {
    try {
      if (loops.isShuttingDown()) {
        throw new IOException("the name server has ended");
      }
      return new Service(sockets, names, forwarding, within);
    } catch (IOException | RuntimeException e) {
      try {
        sockets.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot serve names: " + e.getMessage(), e);
    }
  }

  /** How much is under way: forwarded queries and connections. */
  int underWay() {
    return whole.taken();
  }

  /** Ends all services. Blocks until the threads have ended. */
  @Override
  public void close() {
    opener.shutdownNow();
    loops.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Service implements NameService {
    private final EventLoop loop = loops.next();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Resolver resolver;
    private final StreamConnections connections;
    private final Channel udp;
    private final Channel tcp;

    Service(ServerSockets sockets, Names names, Forwarding forwarding, ClientSockets within)
        throws IOException {
      InetAddress own = sockets.udpAddress().getAddress();
      resolver =
          new Resolver(
              names,
              own,
              new Exchange.Means(loop, opener, within, random, limits.upstreamTimeout()),
              new Capacity("DNS queries of a container", limits.queriesOfOne(), whole));
      resolver.forward(forwarding);
      connections =
          new StreamConnections(
              resolver,
              new Capacity("DNS connections of a container", limits.connectionsOfOne(), whole),
              limits.idleTimeout().toMillis());
      udp = new NioDatagramChannel(sockets.udp());
      udp.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(Replies.RECEIVED_UDP));
      udp.pipeline().addLast(new DatagramQueries(resolver));
      tcp = new NioServerSocketChannel(sockets.tcp());
      tcp.pipeline().addLast(connections);
      register(udp);
      register(tcp);
    }

    /** One that cannot be registered is closed with its socket. */
    private void register(Channel channel) {
      var unused = loop.register(channel).syncUninterruptibly();
    }

    @Override
    public void forward(Forwarding forwarding) {
      resolver.forward(forwarding);
    }

    @Override
    public void close() {
      if (!closing.compareAndSet(false, true)) {
        return;
      }
      try {
        loop.submit(
                () -> {
                  var unused = tcp.close();
                  unused = udp.close();
                  connections.close();
                  resolver.close();
                })
            .syncUninterruptibly();
      } catch (RejectedExecutionException e) {
        // The loop has ended, and with it all that it had.
        LOG.debug("A name service was ended by its server");
      }
    }
  }
}
