package dev.taffrail.http;

import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.task.LogQuery;
import dev.taffrail.core.task.OutputFrame;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.core.task.TaskInput;
import dev.taffrail.core.task.TaskSpec;
import dev.taffrail.core.task.TaskState;
import dev.taffrail.core.task.Tasks;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Tasks whose output the test writes. A log file holds one byte per frame, so that its size, as in
 * reality, says where an attach begins.
 */
final class FakeTasks implements Tasks {
  final List<String> resized = new ArrayList<>();
  private final Map<String, Output> outputs = new ConcurrentHashMap<>();

  /** What one container has written. */
  static final class Output {
    final List<OutputFrame> frames = new ArrayList<>();
    final List<Stream> readers = new ArrayList<>();
    Consumer<Buffer> stdin = data -> {};
    Runnable stdinEnd = () -> {};
    private final List<Runnable> pendingInput = new ArrayList<>();
    boolean running;
    int ended;

    /** Runs {@code input} now, or once the task has begun. */
    void give(Runnable input) {
      synchronized (this) {
        if (!running) {
          pendingInput.add(input);
          return;
        }
      }
      input.run();
    }

    synchronized void write(Path log, OutputFrame.Stream stream, Buffer data) {
      frames.add(new OutputFrame(stream, Instant.parse("2026-01-02T03:04:05.006Z"), data));
      try {
        Files.write(log, new byte[1], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      List.copyOf(readers).forEach(Stream::pump);
    }

    void begin() {
      List<Runnable> waiting;
      synchronized (this) {
        running = true;
        waiting = List.copyOf(pendingInput);
        pendingInput.clear();
      }
      waiting.forEach(Runnable::run);
    }

    synchronized void end() {
      running = false;
      ended++;
      List.copyOf(readers).forEach(Stream::pump);
    }
  }

  Output output(String id) {
    return outputs.computeIfAbsent(id, absent -> new Output());
  }

  /** Readers whose client has not left and whose task has not ended. */
  int readers(String id) {
    Output output = output(id);
    synchronized (output) {
      return output.readers.size();
    }
  }

  @Override
  public Future<ReadStream<OutputFrame>> output(CallContext call, LogQuery query) {
    Output output = output(query.id());
    synchronized (output) {
      Stream stream = new Stream(output, query);
      output.readers.add(stream);
      call.onCancel(stream::close);
      return Future.succeededFuture(stream);
    }
  }

  private static final class Stream implements ReadStream<OutputFrame> {
    private final Output output;
    private final LogQuery query;
    private final int generation;
    private int position;
    private long demand;
    private Handler<OutputFrame> handler = frame -> {};
    private Handler<Void> endHandler = end -> {};

    Stream(Output output, LogQuery query) {
      this.output = output;
      this.query = query;
      this.generation = output.ended;
      this.position =
          query.tail().isPresent()
              ? Math.max(0, output.frames.size() - (int) query.tail().getAsLong())
              : (int) query.skip().orElse(0);
    }

    void pump() {
      while (demand > 0 && position < output.frames.size()) {
        OutputFrame frame = output.frames.get(position++);
        boolean wanted =
            frame.stream() == OutputFrame.Stream.STDOUT ? query.stdout() : query.stderr();
        if (wanted) {
          demand--;
          handler.handle(frame);
        }
      }
      boolean over =
          !query.follow()
              || output.ended > generation
              || (!output.running && query.skip().isEmpty());
      if (over && position == output.frames.size() && output.readers.remove(this)) {
        endHandler.handle(null);
      }
    }

    void close() {
      synchronized (output) {
        output.readers.remove(this);
      }
    }

    @Override
    public Stream exceptionHandler(Handler<Throwable> exceptionHandler) {
      return this;
    }

    @Override
    public Stream handler(Handler<OutputFrame> frameHandler) {
      handler = frameHandler;
      return this;
    }

    @Override
    public Stream endHandler(Handler<Void> newEndHandler) {
      endHandler = newEndHandler;
      return this;
    }

    @Override
    public Stream pause() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Stream resume() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Stream fetch(long amount) {
      synchronized (output) {
        demand += amount;
        pump();
      }
      return this;
    }
  }

  @Override
  public Future<TaskInput> input(CallContext call, String id) {
    Output output = output(id);
    return Future.succeededFuture(
        new TaskInput() {
          @Override
          public Future<Void> write(Buffer data) {
            output.give(() -> output.stdin.accept(data));
            return Future.succeededFuture();
          }

          @Override
          public Future<Void> end() {
            output.give(() -> output.stdinEnd.run());
            return Future.succeededFuture();
          }

          @Override
          public void close() {}
        });
  }

  @Override
  public Future<Void> resize(CallContext call, String id, int height, int width) {
    resized.add(height + "x" + width);
    return Future.succeededFuture();
  }

  @Override
  public Future<StartedTask> create(CallContext call, TaskSpec spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Void> start(CallContext call, String id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Void> kill(CallContext call, String id, int signal) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<TaskExit> exit(CallContext call, String id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Void> delete(CallContext call, String id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<TaskState> state(CallContext call, String id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<List<String>> list(CallContext call) {
    throw new UnsupportedOperationException();
  }
}
