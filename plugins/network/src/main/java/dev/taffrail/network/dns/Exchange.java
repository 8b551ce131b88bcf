package dev.taffrail.network.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One query on its way through the servers, by the protocol it came by. Each server gets one try,
 * on a connected socket of its own with a port that the kernel picks, under a random id; what comes
 * from elsewhere or answers something else is not looked at (RFC 5452). A server that is silent,
 * cannot be reached, or says SERVFAIL or REFUSED is followed by the next. Lives on one event loop.
 */
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /**
   * What all exchanges of a container share.
   *
   * @param opener opens sockets in another namespace, which may wait
   * @param timeout of each server
   * @param random cannot be guessed
   */
  record Means(
      EventLoop loop,
      Executor opener,
      ClientSockets within,
      RandomGenerator random,
      Duration timeout) {}

  private final Query query;
  private final boolean stream;
  private final Iterator<Upstream> servers;
  private final Means means;
  private final BiConsumer<Exchange, byte[]> whenDone;
  private int attempt;
  private boolean done;
  private int id;
  private Channel channel;
  private Future<?> alarm;

  /**
   * Asks nobody yet.
   *
   * @param whenDone gets the answer under the id of the query, once
   */
  Exchange(
      Query query,
      boolean stream,
      Iterator<Upstream> servers,
      Means means,
      BiConsumer<Exchange, byte[]> whenDone) {
    this.query = query;
    this.stream = stream;
    this.servers = servers;
    this.means = means;
    this.whenDone = whenDone;
  }

  /** Asks the next server. */
  void next() {
    leave();
    if (done) {
      return;
    }
    if (!servers.hasNext()) {
      finish(Replies.failure(query, DnsResponseCode.SERVFAIL));
      return;
    }
    Upstream server = servers.next();
    int current = attempt;
    id = means.random().nextInt(1 << Short.SIZE);
    alarm =
        means
            .loop()
            .schedule(
                () -> giveUp(current, server, "no answer"),
                means.timeout().toMillis(),
                TimeUnit.MILLISECONDS);
    if (server.fromHost()) {
      ask(current, server, ClientSockets.HOST);
    } else {
      try {
        means.opener().execute(() -> askFrom(current, server));
      } catch (RejectedExecutionException e) {
        giveUp(current, server, "the name server ends");
      }
    }
  }

  /** Opens and connects on the event loop; neither waits. */
  private void ask(int current, Upstream server, ClientSockets sockets) {
    SelectableChannel socket;
    try {
      socket = open(server, sockets);
    } catch (IOException | RuntimeException e) {
      giveUp(current, server, e);
      return;
    }
    converse(current, server, socket);
  }

  private void askFrom(int current, Upstream server) {
    SelectableChannel socket;
    try {
      socket = open(server, means.within());
    } catch (IOException | RuntimeException e) {
      onLoop(() -> giveUp(current, server, e), () -> {});
      return;
    }
    onLoop(() -> converse(current, server, socket), () -> closeQuietly(socket));
  }

  private void onLoop(Runnable work, Runnable otherwise) {
    try {
      means.loop().execute(work);
    } catch (RejectedExecutionException e) {
      otherwise.run();
    }
  }

  private SelectableChannel open(Upstream server, ClientSockets sockets) throws IOException {
    InetSocketAddress address = server.address();
    ProtocolFamily family = ServerSockets.familyOf(address.getAddress());
    if (stream) {
      return sockets.stream(family);
    }
    DatagramChannel socket = sockets.datagram(family);
    try {
      return socket.connect(address);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private void converse(int current, Upstream server, SelectableChannel socket) {
    if (current != attempt) {
      closeQuietly(socket);
      return;
    }
    try {
      send(current, server, socket);
    } catch (ChannelException e) {
      closeQuietly(socket);
      giveUp(current, server, e);
    }
  }

  private void send(int current, Upstream server, SelectableChannel socket) {
    if (stream) {
      NioSocketChannel connection = new NioSocketChannel((SocketChannel) socket);
      connection.pipeline().addLast(StreamMessages.decoder(), new StreamAnswers(current, server));
      begin(current, server, connection);
      connection
          .connect(server.address())
          .addListener(
              connected -> {
                if (connected.isSuccess()) {
                  var unused =
                      connection.writeAndFlush(
                          StreamMessages.frame(Query.withId(query.packet(), id)));
                } else {
                  giveUp(current, server, connected.cause());
                }
              });
    } else {
      NioDatagramChannel connection = new NioDatagramChannel((DatagramChannel) socket);
      connection
          .config()
          .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(Replies.MAX_MESSAGE));
      connection.pipeline().addLast(new DatagramAnswers(current, server));
      begin(current, server, connection);
      connection
          .writeAndFlush(Unpooled.wrappedBuffer(Query.withId(query.packet(), id)))
          .addListener(
              written -> {
                if (!written.isSuccess()) {
                  giveUp(current, server, written.cause());
                }
              });
    }
  }

  private void begin(int current, Upstream server, Channel connection) {
    channel = connection;
    ChannelFuture registered = means.loop().register(connection);
    registered.addListener(
        result -> {
          if (!result.isSuccess()) {
            giveUp(current, server, result.cause());
          }
        });
  }

  private void answered(int current, Upstream server, byte[] answer) {
    if (current != attempt || !query.isAnsweredBy(answer, id)) {
      return;
    }
    int code = Query.flags(answer) & Query.RCODE;
    if (code == DnsResponseCode.SERVFAIL.intValue() || code == DnsResponseCode.REFUSED.intValue()) {
      giveUp(current, server, DnsResponseCode.valueOf(code));
    } else {
      finish(Query.withId(answer, Query.id(query.packet())));
    }
  }

  private void giveUp(int current, Upstream server, Object why) {
    if (current == attempt && !done) {
      LOG.debug("{} of {} failed: {}", query.name().orElse("?"), server, why);
      next();
    }
  }

  private void finish(byte[] reply) {
    cancel();
    whenDone.accept(this, reply);
  }

  /** Ends without an answer. */
  void cancel() {
    done = true;
    leave();
  }

  private void leave() {
    attempt++;
    if (alarm != null) {
      alarm.cancel(false);
      alarm = null;
    }
    if (channel != null) {
      // One that could not be registered has been closed already.
      if (channel.isRegistered()) {
        var unused = channel.close();
      }
      channel = null;
    }
  }

  private static void closeQuietly(SelectableChannel socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("Cannot close a socket", e);
    }
  }

  private final class DatagramAnswers extends SimpleChannelInboundHandler<DatagramPacket> {
    private final int current;
    private final Upstream server;

    DatagramAnswers(int current, Upstream server) {
      this.current = current;
      this.server = server;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      answered(current, server, ByteBufUtil.getBytes(packet.content()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // Nobody listens there, for one.
      giveUp(current, server, cause);
    }
  }

  private final class StreamAnswers extends SimpleChannelInboundHandler<ByteBuf> {
    private final int current;
    private final Upstream server;

    StreamAnswers(int current, Upstream server) {
      this.current = current;
      this.server = server;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
      answered(current, server, ByteBufUtil.getBytes(message));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      giveUp(current, server, "the connection ended");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      giveUp(current, server, cause);
    }
  }
}
