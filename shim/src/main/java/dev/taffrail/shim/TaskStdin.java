package dev.taffrail.shim;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.PacketSocket;
import dev.taffrail.core.task.TaskInput;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection to the attach socket, for stdin only. The monitor stops serving the
 * container when a client does not read, so a thread always reads and throws away; another one
 * writes, and waits when the container does not read its stdin.
 */
final class TaskStdin implements TaskInput {
  private static final Logger LOG = LoggerFactory.getLogger(TaskStdin.class);

  /** conmon reads packets of up to 32767 bytes, and 2.1.6 writes one past its buffer. */
  private static final int PACKET_BYTES = 32766;

  /** One type byte and up to 8 KiB of output. */
  private static final int OUTPUT_PACKET_BYTES = 64 * 1024;

  private final Vertx vertx;
  private final String id;
  private final CompletableFuture<Connection> connection = new CompletableFuture<>();
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final ThreadPoolExecutor writer;

  private record Connection(PacketSocket socket, boolean halfClose) {}

  TaskStdin(Vertx vertx, String id) {
    this.vertx = vertx;
    this.id = id;
    this.writer =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> daemon(work, "taffrail-stdin-" + id));
    writer.allowCoreThreadTimeOut(true);
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** True once: whoever gets it connects or fails this input. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  /**
   * Starts to drain and lets the writes through.
   *
   * @param halfClose close the container's stdin at the end
   */
  void connected(PacketSocket socket, boolean halfClose) {
    daemon(() -> drain(socket), "taffrail-drain-" + id).start();
    connection.complete(new Connection(socket, halfClose));
  }

  /** All writes fail. */
  void failed(RuntimeFailure failure) {
    connection.completeExceptionally(failure);
  }

  private void drain(PacketSocket socket) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(OUTPUT_PACKET_BYTES);
    try (socket) {
      int length;
      do {
        buffer.clear();
        length = socket.receive(buffer);
      } while (length >= 0);
    } catch (RuntimeException gone) {
      LOG.debug("The attach socket of {} is gone", id, gone);
    }
  }

  @Override
  public Future<Void> write(Buffer data) {
    if (ended.get()) {
      return Future.failedFuture(
          new RuntimeFailure(Kind.FAILED_PRECONDITION, "The stdin of " + id + " has ended"));
    }
    return submit(() -> send(established(), data));
  }

  @Override
  public Future<Void> end() {
    if (!ended.compareAndSet(false, true)) {
      return Future.succeededFuture();
    }
    return submit(() -> finish(established()));
  }

  @Override
  public void close() {
    if (claim()) {
      failed(new RuntimeFailure(Kind.CANCELLED, "The stdin of " + id + " was closed"));
    }
    end().onFailure(failure -> LOG.debug("Closed the stdin of {}", id, failure));
  }

  private Future<Void> submit(Runnable work) {
    CompletableFuture<Void> done = CompletableFuture.runAsync(work, writer);
    return Future.fromCompletionStage(done, vertx.getOrCreateContext())
        .recover(failure -> Future.failedFuture(unwrapped(failure)));
  }

  private static Throwable unwrapped(Throwable failure) {
    Optional<Throwable> cause = Optional.ofNullable(failure.getCause());
    return failure instanceof java.util.concurrent.CompletionException
        ? cause.orElse(failure)
        : failure;
  }

  private Connection established() {
    try {
      return connection.get();
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof RuntimeFailure known) {
        throw known;
      }
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot write to the stdin of " + id, failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(Kind.CANCELLED, "Interrupted while writing to " + id);
    }
  }

  private static void send(Connection connection, Buffer data) {
    ByteBuffer packet = ByteBuffer.allocateDirect(Math.min(PACKET_BYTES, data.length()));
    // A packet without bytes would be taken for the end.
    for (int offset = 0; offset < data.length(); ) {
      int length = Math.min(PACKET_BYTES, data.length() - offset);
      packet.clear();
      packet.put(data.getBytes(offset, offset + length)).flip();
      connection.socket().send(packet);
      offset += length;
    }
  }

  /** The draining thread goes on until the monitor closes its side. */
  private static void finish(Connection connection) {
    if (connection.halfClose()) {
      connection.socket().shutdownOutput();
    } else {
      connection.socket().close();
    }
  }
}
