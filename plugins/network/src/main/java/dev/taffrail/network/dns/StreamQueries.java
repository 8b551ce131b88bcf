package dev.taffrail.network.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.io.IOException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queries that come by one TCP connection. Many may be under way at once, and answers come in
 * any order (RFC 7766, section 6.2.1.1). One on which nothing was asked for a while is closed; one
 * that does not read is not read from.
 */
final class StreamQueries extends SimpleChannelInboundHandler<ByteBuf> {
  private static final Logger LOG = LoggerFactory.getLogger(StreamQueries.class);

  private final Resolver resolver;
  private final long idleMillis;
  private Future<?> alarm;
  private boolean asked;
  private int underWay;

  StreamQueries(Resolver resolver, long idleMillis) {
    this.resolver = resolver;
    this.idleMillis = idleMillis;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    alarm =
        context
            .channel()
            .eventLoop()
            .scheduleWithFixedDelay(
                () -> closeIfIdle(context), idleMillis, idleMillis, TimeUnit.MILLISECONDS);
    context.fireChannelActive();
  }

  private void closeIfIdle(ChannelHandlerContext context) {
    if (!asked && underWay == 0) {
      var unused = context.close();
    }
    asked = false;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (alarm != null) {
      alarm.cancel(false);
    }
    context.fireChannelInactive();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
    byte[] packet = ByteBufUtil.getBytes(message);
    if (!Query.isAnswerable(packet)) {
      var unused = context.close();
      return;
    }
    asked = true;
    underWay++;
    resolver.resolve(
        packet,
        true,
        reply -> {
          underWay--;
          if (context.channel().isActive()) {
            var unused = context.writeAndFlush(StreamMessages.frame(reply), context.voidPromise());
          }
        });
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.channel().config().setAutoRead(context.channel().isWritable());
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("A container's connection: {}", cause.toString());
    } else {
      LOG.warn("Cannot answer a query", cause);
    }
    var unused = context.close();
  }
}
