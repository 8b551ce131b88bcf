package dev.taffrail.http.server;

import io.netty.channel.unix.FileDescriptor;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes to a non-blocking socket past Netty. From 4.2.13 on its epoll transport fails every write
 * that does not fit the socket's buffer once the other side has half-closed: it has removed a
 * descriptor without interests from epoll, believes it is still there, and epoll_ctl(2) answers
 * ENOENT. A full socket is tried again a millisecond later instead, which with the kernel's usual
 * buffer of 208 KiB still allows some 200 MB/s. All of it belongs to one event loop.
 */
final class DirectOutput implements WriteStream<Buffer> {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int TURN_BYTES = 1024 * 1024;
  private static final int DEFAULT_QUEUE_BYTES = 256 * 1024;
  private static final long RETRY_MILLIS = 1;

  private final Vertx vertx;
  private final Context context;
  private final FileDescriptor descriptor;
  private final Runnable close;
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private long queuedBytes;
  private int maxQueuedBytes = DEFAULT_QUEUE_BYTES;
  private boolean scheduled;
  private IOException failure;
  private Handler<Void> drainHandler;
  private Handler<Throwable> exceptionHandler;

  private static final class Piece {
    private final Buffer data;
    private final Promise<Void> written = Promise.promise();
    private int position;

    Piece(Buffer data) {
      this.data = data;
    }
  }

  /**
   * An output with nothing queued.
   *
   * @param close what to do when the socket takes no more
   */
  DirectOutput(Vertx vertx, Context context, FileDescriptor descriptor, Runnable close) {
    this.vertx = vertx;
    this.context = context;
    this.descriptor = descriptor;
    this.close = close;
  }

  @Override
  public Future<Void> write(Buffer data) {
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    Piece piece = new Piece(data);
    pieces.add(piece);
    queuedBytes += data.length();
    if (!scheduled) {
      flush();
    }
    return piece.written.future();
  }

  private void flush() {
    scheduled = false;
    int budget = TURN_BYTES;
    try {
      while (failure == null && !pieces.isEmpty()) {
        Piece piece = pieces.peek();
        int length = Math.min(CHUNK_BYTES, piece.data.length() - piece.position);
        int written = length == 0 ? 0 : write(piece, length);
        if (piece.position == piece.data.length()) {
          pieces.remove();
          piece.written.complete();
        } else if (written < length) {
          scheduled = true;
          vertx.setTimer(RETRY_MILLIS, timer -> context.runOnContext(now -> flush()));
          break;
        }
        budget -= written;
        if (budget <= 0 && !pieces.isEmpty()) {
          scheduled = true;
          context.runOnContext(now -> flush());
          break;
        }
      }
    } catch (IOException e) {
      fail(e);
      close.run();
      return;
    }
    if (drainHandler != null && queuedBytes < maxQueuedBytes / 2) {
      Handler<Void> drained = drainHandler;
      drainHandler = null;
      drained.handle(null);
    }
  }

  private int write(Piece piece, int length) throws IOException {
    scratch.clear();
    scratch.put(piece.data.getBytes(piece.position, piece.position + length));
    int written = descriptor.write(scratch, 0, length);
    piece.position += written;
    queuedBytes -= written;
    return written;
  }

  /** Fails what is queued and all that follows. */
  void fail(IOException cause) {
    if (failure == null) {
      failure = cause;
      pieces.forEach(piece -> piece.written.tryFail(cause));
      pieces.clear();
      if (exceptionHandler != null) {
        exceptionHandler.handle(cause);
      }
    }
  }

  @Override
  public boolean writeQueueFull() {
    return queuedBytes >= maxQueuedBytes;
  }

  @Override
  public DirectOutput setWriteQueueMaxSize(int bytes) {
    maxQueuedBytes = bytes;
    return this;
  }

  @Override
  public DirectOutput drainHandler(Handler<Void> handler) {
    drainHandler = handler;
    return this;
  }

  @Override
  public DirectOutput exceptionHandler(Handler<Throwable> handler) {
    exceptionHandler = handler;
    return this;
  }

  @Override
  public Future<Void> end() {
    return write(Buffer.buffer()).onSuccess(written -> close.run());
  }
}
