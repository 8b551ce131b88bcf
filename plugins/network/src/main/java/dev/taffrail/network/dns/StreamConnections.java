package dev.taffrail.network.dns;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the connections of one container, as many as it may have, onto its event loop. */
final class StreamConnections extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(StreamConnections.class);

  private final Resolver resolver;
  private final Capacity capacity;
  private final long idleMillis;
  private final Set<Channel> connections = new HashSet<>();

  StreamConnections(Resolver resolver, Capacity capacity, long idleMillis) {
    this.resolver = resolver;
    this.capacity = capacity;
    this.idleMillis = idleMillis;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Channel connection = (Channel) message;
    if (!capacity.take()) {
      connection.unsafe().closeForcibly();
      return;
    }
    connections.add(connection);
    connection
        .closeFuture()
        .addListener(
            closed -> {
              connections.remove(connection);
              capacity.giveBack();
            });
    connection
        .pipeline()
        .addLast(StreamMessages.decoder(), new StreamQueries(resolver, idleMillis));
    var unused = resolver.loop().register(connection);
  }

  /** Without descriptors, accept(2) fails at once again and again: wait for some to be closed. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("Cannot take a container's connection: {}", cause.toString());
    Channel channel = context.channel();
    channel.config().setAutoRead(false);
    var unused =
        channel.eventLoop().schedule(() -> channel.config().setAutoRead(true), 1, TimeUnit.SECONDS);
  }

  void close() {
    for (Channel connection : Set.copyOf(connections)) {
      var unused = connection.close();
    }
  }
}
