package dev.taffrail.network.port;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;

/**
 * Carries each connection that a listening socket accepts to a container, and each half of it to
 * its end.
 */
final class Relay extends ChannelInboundHandlerAdapter {
  private final EventLoopGroup loop;
  private final InetSocketAddress target;

  Relay(EventLoopGroup loop, InetSocketAddress target) {
    this.loop = loop;
    this.target = target;
  }

  @Override
  public void channelRead(ChannelHandlerContext listening, Object accepted) {
    SocketChannel client = (SocketChannel) accepted;
    client.config().setAutoRead(false).setAllowHalfClosure(true);
    loop.register(client)
        .addListener(
            registered -> {
              if (registered.isSuccess()) {
                connect(client);
              } else {
                client.unsafe().closeForcibly();
              }
            });
  }

  private void connect(SocketChannel client) {
    new Bootstrap()
        .group(client.eventLoop())
        .channel(NioSocketChannel.class)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .handler(new Half(client))
        .connect(target)
        .addListener(
            (ChannelFutureListener)
                connected -> {
                  if (connected.isSuccess()) {
                    client.pipeline().addLast(new Half(connected.channel()));
                    client.read();
                    connected.channel().read();
                  } else {
                    var unused = client.close();
                  }
                });
  }

  /** One direction; reads on once the other side has taken what was read. */
  private static final class Half extends ChannelInboundHandlerAdapter {
    private final Channel other;

    Half(Channel other) {
      this.other = other;
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object bytes) {
      other
          .writeAndFlush(bytes)
          .addListener(
              written -> {
                if (written.isSuccess()) {
                  from.read();
                } else {
                  var unused = from.close();
                }
              });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext from, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        other
            .writeAndFlush(Unpooled.EMPTY_BUFFER)
            .addListener(
                flushed -> {
                  if (other instanceof SocketChannel socket && socket.isActive()) {
                    var unused = socket.shutdownOutput();
                  }
                });
        if (other instanceof SocketChannel socket && socket.isInputShutdown()) {
          var unused = from.close();
          unused = other.close();
        }
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
      other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
      var unused = from.close();
    }
  }
}
