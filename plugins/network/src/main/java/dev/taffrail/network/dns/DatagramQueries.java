package dev.taffrail.network.dns;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queries of one container by UDP. */
final class DatagramQueries extends SimpleChannelInboundHandler<DatagramPacket> {
  private static final Logger LOG = LoggerFactory.getLogger(DatagramQueries.class);

  private final Resolver resolver;

  DatagramQueries(Resolver resolver) {
    this.resolver = resolver;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
    resolver.resolve(
        ByteBufUtil.getBytes(packet.content()),
        false,
        reply -> {
          // Who does not take its answers asks again; they are not kept.
          if (context.channel().isActive() && context.channel().isWritable()) {
            var unused =
                context.writeAndFlush(
                    new DatagramPacket(Unpooled.wrappedBuffer(reply), packet.sender()),
                    context.voidPromise());
          }
        });
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("A container's queries: {}", cause.toString());
    } else {
      LOG.warn("Cannot answer a query", cause);
    }
  }
}
