package dev.taffrail.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.Http1xServerConnection;
import io.vertx.core.net.NetSocket;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A connection that has left HTTP, as Docker's attach does: raw bytes both ways, and each direction
 * ends on its own. All of it belongs to the event loop of the request.
 *
 * <p>Input passes around Vert.x's socket, which would report the end of the input before the bytes
 * it still holds.
 */
public final class RawConnection {
  /** How often a silent connection whose input has ended is asked whether anybody is there. */
  private static final long PROBE_MILLIS = 5_000;

  /** How long the other side may take to close after it has been told that there is no more. */
  private static final long LINGER_MILLIS = 2_000;

  private final Vertx vertx;
  private final Channel channel;
  private final Deque<Buffer> received = new ArrayDeque<>();
  private NetSocket socket;
  private WriteStream<Buffer> output;
  private Handler<Buffer> inputHandler;
  private Handler<Void> endHandler;
  private Handler<Void> closeHandler = closed -> {};
  private boolean paused = true;
  private boolean inputEnded;
  private boolean endReported;
  private boolean closed;
  private boolean finishing;

  private RawConnection(Vertx vertx, Channel channel) {
    this.vertx = vertx;
    this.channel = channel;
  }

  /**
   * Takes the connection over: 101 when the client asked for an upgrade, else 200 followed by raw
   * bytes. Call it on the request's context, when the request has ended. Input is paused.
   *
   * @param contentType of the answer
   */
  public static Future<RawConnection> take(
      Vertx vertx, HttpServerRequest request, String contentType) {
    Context context = vertx.getOrCreateContext();
    Http1xServerConnection http = (Http1xServerConnection) request.connection();
    ChannelHandlerContext pipeline = http.channelHandlerContext();
    RawConnection raw = new RawConnection(vertx, pipeline.channel());
    // Before the client learns that it may half-close.
    raw.channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    raw.channel.pipeline().addBefore(pipeline.name(), "raw-input", raw.new Input());
    boolean upgrade = request.getHeader("Upgrade") != null;
    StringBuilder head =
        new StringBuilder(upgrade ? "HTTP/1.1 101 UPGRADED\r\n" : "HTTP/1.1 200 OK\r\n")
            .append("Content-Type: ")
            .append(contentType)
            .append("\r\n");
    if (upgrade) {
      head.append("Connection: Upgrade\r\nUpgrade: tcp\r\n");
    }
    String correlation = request.response().headers().get(Calls.CORRELATION);
    if (correlation != null) {
      head.append(Calls.CORRELATION).append(": ").append(correlation).append("\r\n");
    }
    head.append("\r\n");
    var unused =
        raw.channel
            .pipeline()
            .context("httpEncoder")
            .writeAndFlush(Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII));
    return http.netSocket()
        .map(
            socket -> {
              raw.opened(context, socket);
              return raw;
            });
  }

  private void opened(Context context, NetSocket netSocket) {
    socket = netSocket;
    socket.exceptionHandler(cause -> socket.close());
    socket.closeHandler(gone -> context.runOnContext(now -> onClosed()));
    output =
        channel instanceof UnixChannel unix
            ? new DirectOutput(vertx, context, unix.fd(), socket::close)
            : socket;
  }

  private void onClosed() {
    if (!closed) {
      closed = true;
      received.clear();
      if (output instanceof DirectOutput direct) {
        direct.fail(new ClosedChannelException());
      }
      closeHandler.handle(null);
    }
  }

  /** Where bytes for the client go. */
  public WriteStream<Buffer> output() {
    return output;
  }

  /**
   * What to do with input and with its end; the connection stays open for output. Each piece pauses
   * the input until {@link #resume}.
   */
  public void input(Handler<Buffer> handler, Handler<Void> onEnd) {
    inputHandler = handler;
    endHandler = onEnd;
    resume();
  }

  /** Asks for the next piece of input. */
  public void resume() {
    paused = false;
    deliver();
  }

  /** Runs {@code handler} once the connection is gone, at once when it is already. */
  public void onClose(Handler<Void> handler) {
    closeHandler = handler;
    if (closed) {
      handler.handle(null);
    }
  }

  /**
   * Ends the output after what has been written. Input that still comes is thrown away rather than
   * left unread: closing over unread bytes resets the connection under the client.
   */
  public void finish() {
    if (finishing || closed) {
      return;
    }
    finishing = true;
    inputHandler = null;
    endHandler = null;
    resume();
    output
        .write(Buffer.buffer())
        .onComplete(
            written -> {
              if (inputEnded || !(channel instanceof DuplexChannel duplex)) {
                socket.close();
              } else {
                var unused = duplex.shutdownOutput();
                vertx.setTimer(LINGER_MILLIS, timer -> socket.close());
              }
            });
  }

  private void deliver() {
    while (!paused && !received.isEmpty()) {
      Buffer next = received.poll();
      if (inputHandler != null) {
        paused = true;
        inputHandler.handle(next);
      }
    }
    if (!paused && inputEnded && received.isEmpty() && !endReported) {
      endReported = true;
      if (endHandler != null) {
        endHandler.handle(null);
      }
    }
    if (!inputEnded) {
      channel.config().setAutoRead(received.isEmpty());
    }
  }

  private void onInputEnd() {
    if (inputEnded) {
      return;
    }
    inputEnded = true;
    if (finishing) {
      socket.close();
      return;
    }
    deliver();
    if (isAbandoned()) {
      socket.close();
    } else {
      vertx.setPeriodic(PROBE_MILLIS, this::probe);
    }
  }

  private void probe(long timer) {
    if (closed) {
      vertx.cancelTimer(timer);
    } else if (isAbandoned()) {
      vertx.cancelTimer(timer);
      socket.close();
    }
  }

  /**
   * Whether the client has closed its whole socket, which to a reader looks like a half-close: a
   * write of nothing to a unix socket fails with EPIPE then, and does nothing otherwise.
   */
  private boolean isAbandoned() {
    if (!(channel instanceof UnixChannel unix)) {
      return false;
    }
    try {
      unix.fd().write(ByteBuffer.allocateDirect(1), 0, 0);
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private final class Input extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (socket == null || !(message instanceof ByteBuf bytes)) {
        // Still HTTP: the end of the request.
        context.fireChannelRead(message);
        return;
      }
      try {
        received.add(Buffer.buffer(ByteBufUtil.getBytes(bytes)));
      } finally {
        bytes.release();
      }
      deliver();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        onInputEnd();
      } else {
        context.fireUserEventTriggered(event);
      }
    }
  }
}
