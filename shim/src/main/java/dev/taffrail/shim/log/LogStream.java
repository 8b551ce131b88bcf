package dev.taffrail.shim.log;

import dev.taffrail.core.linux.FileWatcher;
import dev.taffrail.core.task.LogQuery;
import dev.taffrail.core.task.OutputFrame;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log file as a stream of output, paused until the consumer asks. Its handlers run on the context
 * on which {@link #handler} was set, all of its state lives there, and files are read on workers.
 * When it follows, it waits for notifications of the file, and ends once the task has ended and all
 * that was written until then is read. Setting the handler to null closes it.
 */
public final class LogStream implements ReadStream<OutputFrame> {
  private static final Logger LOG = LoggerFactory.getLogger(LogStream.class);

  private final Vertx vertx;
  private final WorkerExecutor workers;
  private final FileWatcher watcher;
  private final LogQuery query;
  private final CompletionStage<?> taskEnd;
  private final LogReader reader;
  private final Deque<OutputFrame> queue = new ArrayDeque<>();

  /** Set by notifications, on any thread; taken back when a read begins. */
  private final AtomicBoolean changed = new AtomicBoolean();

  private volatile boolean taskEnded;
  private volatile boolean closed;
  private volatile Optional<Context> context = Optional.empty();

  private Handler<OutputFrame> handler;
  private Handler<Void> endHandler;
  private Handler<Throwable> exceptionHandler;
  private Optional<FileWatcher.Watch> watch = Optional.empty();
  private long demand;
  private boolean started;
  private boolean reading;
  private boolean delivering;
  private boolean exhausted;
  private boolean ended;
  private boolean released;

  /**
   * A stream that has not begun to read.
   *
   * @param taskEnd completes when the task has ended or will not exist; looked at when following
   */
  public LogStream(
      Vertx vertx,
      WorkerExecutor workers,
      FileWatcher watcher,
      LogQuery query,
      CompletionStage<?> taskEnd) {
    this.vertx = vertx;
    this.workers = workers;
    this.watcher = watcher;
    this.query = query;
    this.taskEnd = taskEnd;
    this.reader = new LogReader(query);
  }

  @Override
  public LogStream exceptionHandler(Handler<Throwable> handler) {
    exceptionHandler = handler;
    return this;
  }

  @Override
  public LogStream endHandler(Handler<Void> handler) {
    endHandler = handler;
    return this;
  }

  @Override
  public LogStream handler(Handler<OutputFrame> handler) {
    this.handler = handler;
    if (handler == null) {
      close();
    } else if (context.isEmpty()) {
      context = Optional.of(vertx.getOrCreateContext());
      run(this::pump);
    }
    return this;
  }

  @Override
  public LogStream pause() {
    demand = 0;
    return this;
  }

  @Override
  public LogStream resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public LogStream fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("Cannot fetch " + amount);
    }
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    run(this::pump);
    return this;
  }

  /** Stops reading and frees what it holds; no handler is called any more. Idempotent. */
  public void close() {
    closed = true;
    run(this::release);
  }

  private void run(Runnable action) {
    context.ifPresent(own -> own.runOnContext(ignored -> action.run()));
  }

  /** Delivers what is asked for, and reads on when there is room. */
  private void pump() {
    if (closed || ended || delivering || demand == 0 || handler == null) {
      return;
    }
    start();
    // Read the next chunk while this one is delivered.
    readOn();
    delivering = true;
    try {
      while (demand > 0 && !closed && !queue.isEmpty()) {
        if (demand != Long.MAX_VALUE) {
          demand--;
        }
        handler.handle(queue.poll());
      }
    } finally {
      delivering = false;
    }
    readOn();
    if (exhausted && queue.isEmpty() && !closed) {
      finish();
    }
  }

  private void start() {
    if (started) {
      return;
    }
    started = true;
    changed.set(true);
    if (query.follow()) {
      var unused =
          taskEnd.whenComplete(
              (end, failure) -> {
                taskEnded = true;
                signal();
              });
    }
  }

  private void signal() {
    if (changed.compareAndSet(false, true)) {
      run(this::pump);
    }
  }

  private void readOn() {
    if (closed || reading || exhausted || !queue.isEmpty() || demand == 0 || !changed.get()) {
      return;
    }
    reading = true;
    changed.set(false);
    boolean last = !query.follow() || taskEnded;
    workers
        .executeBlocking(this::readChunk, false)
        .onComplete(
            result -> {
              reading = false;
              if (closed) {
                release();
              } else if (result.failed()) {
                fail(result.cause());
              } else {
                accept(result.result(), last);
              }
            });
  }

  private LogReader.Batch readChunk() throws IOException {
    if (query.follow() && watch.isEmpty()) {
      // The directory, since the file may not exist yet. Before the file is read, so that nothing
      // written later goes unnoticed.
      String name = query.log().getFileName().toString();
      watch =
          Optional.of(
              watcher.watch(
                  query.log().toAbsolutePath().getParent(),
                  EnumSet.of(FileWatcher.Change.CREATED, FileWatcher.Change.MODIFIED),
                  changedName -> {
                    if (changedName.equals(name) || changedName.equals(FileWatcher.OVERFLOW)) {
                      signal();
                    }
                  }));
    }
    return reader.read();
  }

  private void accept(LogReader.Batch batch, boolean last) {
    queue.addAll(batch.frames());
    if (batch.over() || (batch.atEnd() && last)) {
      exhausted = true;
    } else if (!batch.atEnd()) {
      changed.set(true);
    }
    pump();
  }

  private void fail(Throwable cause) {
    ended = true;
    release();
    if (exceptionHandler != null) {
      exceptionHandler.handle(cause);
    } else {
      LOG.warn("Cannot read the log {}", query.log(), cause);
    }
  }

  private void finish() {
    ended = true;
    release();
    if (endHandler != null) {
      endHandler.handle(null);
    }
  }

  private void release() {
    if (reading || released) {
      return;
    }
    released = true;
    Future<Void> freed =
        workers.executeBlocking(
            () -> {
              watch.ifPresent(FileWatcher.Watch::close);
              reader.close();
              return null;
            },
            false);
    freed.onFailure(failure -> LOG.warn("Cannot close the log {}", query.log(), failure));
  }
}
