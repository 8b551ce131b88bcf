package dev.taffrail.http.docker;

import dev.taffrail.core.task.OutputFrame;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Copies output to a client, many frames per write. The source may signal on any thread; frames are
 * asked for as earlier ones are written, so at most {@link #WINDOW} wait here.
 */
final class OutputPump {
  private static final int WINDOW = 1024;
  private static final int WRITE_BYTES = 64 * 1024;

  private final Context context;
  private final ReadStream<OutputFrame> source;
  private final WriteStream<Buffer> sink;
  private final Framing framing;
  private final Queue<OutputFrame> frames = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Promise<Void> done = Promise.promise();
  private volatile boolean ended;
  private volatile Throwable failure;
  private Future<Void> lastWrite = Future.succeededFuture();

  OutputPump(
      Context context, ReadStream<OutputFrame> source, WriteStream<Buffer> sink, Framing framing) {
    this.context = context;
    this.source = source;
    this.sink = sink;
    this.framing = framing;
  }

  /** Completes when the source has ended and all is written; fails when either side does. */
  Future<Void> run() {
    source.exceptionHandler(
        cause -> {
          failure = cause;
          end();
        });
    source.endHandler(now -> end());
    source.handler(
        frame -> {
          frames.add(frame);
          schedule();
        });
    source.fetch(WINDOW);
    return done.future();
  }

  /** Ends as if the source had ended. */
  void stop() {
    end();
  }

  private void end() {
    ended = true;
    schedule();
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(now -> drain());
    }
  }

  private void drain() {
    scheduled.set(false);
    boolean last = ended;
    while (!done.future().isComplete()) {
      if (sink.writeQueueFull()) {
        sink.drainHandler(ready -> schedule());
        return;
      }
      Buffer batch = Buffer.buffer();
      int count = 0;
      OutputFrame frame;
      while (batch.length() < WRITE_BYTES && (frame = frames.poll()) != null) {
        framing.append(batch, frame);
        count++;
      }
      if (count == 0) {
        break;
      }
      lastWrite = sink.write(batch);
      lastWrite.onFailure(done::tryFail);
      if (!last) {
        source.fetch(count);
      }
    }
    if (last) {
      lastWrite.onComplete(
          written -> {
            if (failure != null) {
              done.tryFail(failure);
            } else {
              done.tryComplete();
            }
          });
    }
  }
}
