package dev.taffrail.shim;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.PacketSocket;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.task.LogQuery;
import dev.taffrail.core.task.OutputFrame;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.core.task.TaskInput;
import dev.taffrail.core.task.TaskSpec;
import dev.taffrail.core.task.TaskState;
import dev.taffrail.core.task.Tasks;
import dev.taffrail.shim.log.LogStream;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.streams.ReadStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * {@link Tasks} on the plugin's context: all fields are touched there alone, work that waits runs
 * on {@code workers}, and create, start and delete of one task follow one another.
 */
final class TaskService implements Tasks {
  private final Vertx vertx;
  private final Context context;
  private final WorkerExecutor workers;
  private final Kernel kernel;
  private final TaskRunner runner;

  /** The last change of each task that has one under way. */
  private final Map<String, Future<?>> changes = new HashMap<>();

  /** Inputs of tasks that do not exist yet. */
  private final Map<String, List<TaskStdin>> inputs = new HashMap<>();

  /** Completed at the end of a task that does not exist yet. */
  private final Map<String, List<CompletableFuture<Void>>> readers = new HashMap<>();

  TaskService(Vertx vertx, WorkerExecutor workers, Kernel kernel, TaskRunner runner) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.workers = workers;
    this.kernel = kernel;
    this.runner = runner;
  }

  @Override
  public Future<StartedTask> create(CallContext call, TaskSpec spec) {
    Duration most = runner.createTimeout();
    Duration patience = call.remaining().filter(left -> left.compareTo(most) < 0).orElse(most);
    long deadline = System.nanoTime() + patience.toNanos();
    return serially(
        spec.id(),
        () ->
            work(() -> runner.create(spec, deadline))
                .compose(
                    started -> arrived(spec.id()).map(started),
                    failure -> {
                      abandon(spec.id());
                      return Future.failedFuture(failure);
                    }));
  }

  /** Whoever waited for the task to exist is connected before create answers. */
  private Future<Void> arrived(String id) {
    List<TaskStdin> waiting = claimed(id);
    TaskHandle handle = runner.known(id);
    removed(readers, id).forEach(end -> endWith(handle, end));
    if (waiting.isEmpty()) {
      return Future.succeededFuture();
    }
    return work(
        () -> {
          waiting.forEach(input -> connect(handle, input));
          return null;
        });
  }

  private void abandon(String id) {
    claimed(id)
        .forEach(
            input ->
                input.failed(
                    new RuntimeFailure(Kind.ABORTED, "Task " + id + " could not be created")));
    removed(readers, id).forEach(end -> end.complete(null));
  }

  private List<TaskStdin> claimed(String id) {
    List<TaskStdin> waiting = new ArrayList<>(removed(inputs, id));
    waiting.removeIf(input -> !input.claim());
    return waiting;
  }

  private static <T> List<T> removed(Map<String, List<T>> map, String id) {
    List<T> list = map.remove(id);
    return list == null ? List.of() : list;
  }

  private static void endWith(TaskHandle handle, CompletableFuture<Void> end) {
    var unused = handle.exit().whenComplete((exit, failure) -> end.complete(null));
  }

  private void connect(TaskHandle handle, TaskStdin input) {
    String id = handle.bundle().id();
    TaskRecord record = handle.record();
    if (!record.openStdin()) {
      input.failed(noStdin(id));
      return;
    }
    if (handle.exit().isDone()) {
      input.failed(new RuntimeFailure(Kind.ABORTED, "Task " + id + " has ended"));
      return;
    }
    try {
      PacketSocket socket = kernel.packetSockets().connect(handle.bundle().attach());
      input.connected(socket, record.stdinOnce() && !record.terminal());
    } catch (RuntimeFailure failure) {
      input.failed(new RuntimeFailure(Kind.ABORTED, "Nobody serves the stdin of " + id, failure));
    }
  }

  private static RuntimeFailure noStdin(String id) {
    return new RuntimeFailure(Kind.FAILED_PRECONDITION, "Task " + id + " has no stdin");
  }

  @Override
  public Future<Void> start(CallContext call, String id) {
    return serially(
        id,
        () ->
            work(
                () -> {
                  runner.start(id);
                  return null;
                }));
  }

  @Override
  public Future<Void> kill(CallContext call, String id, int signal) {
    return work(
        () -> {
          runner.kill(id, signal);
          return null;
        });
  }

  @Override
  public Future<TaskExit> exit(CallContext call, String id) {
    return work(() -> runner.known(id))
        .compose(handle -> Future.fromCompletionStage(handle.exit(), context));
  }

  @Override
  public Future<Void> delete(CallContext call, String id) {
    return serially(
        id,
        () ->
            this.<Void>work(
                    () -> {
                      runner.delete(id);
                      return null;
                    })
                .onSuccess(deleted -> abandon(id)));
  }

  @Override
  public Future<TaskState> state(CallContext call, String id) {
    return work(() -> runner.state(id));
  }

  @Override
  public Future<List<String>> list(CallContext call) {
    return work(runner::list);
  }

  @Override
  public Future<Void> resize(CallContext call, String id, int height, int width) {
    return work(
        () -> {
          runner.resize(id, height, width);
          return null;
        });
  }

  @Override
  public Future<TaskInput> input(CallContext call, String id) {
    TaskStdin input = new TaskStdin(vertx, id);
    runner.expect();
    // Before we look for the task, so that one being created meanwhile finds it.
    inputs.computeIfAbsent(id, absent -> new ArrayList<>()).add(input);
    return work(() -> {
          TaskHandle handle = runner.handle(id).orElse(null);
          if (handle == null) {
            return false;
          }
          if (!handle.record().openStdin()) {
            throw noStdin(id);
          }
          if (input.claim()) {
            connect(handle, input);
          }
          return true;
        })
        .onComplete(
            found -> {
              if (found.failed() || found.result()) {
                forget(inputs, id, input);
              }
            })
        .map(found -> (TaskInput) input);
  }

  private static <T> void forget(Map<String, List<T>> map, String id, T element) {
    List<T> list = map.get(id);
    if (list != null && list.remove(element) && list.isEmpty()) {
      map.remove(id);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Following a task that does not exist: a query that skips, or whose log does not exist,
   * attaches to a task about to be created and waits for it; any other reads what is there and
   * ends.
   */
  @Override
  public Future<ReadStream<OutputFrame>> output(CallContext call, LogQuery query) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    LogStream stream = new LogStream(vertx, workers, kernel.watcher(), query, end);
    call.onCancel(stream::close);
    if (!query.follow()) {
      end.complete(null);
      return Future.succeededFuture(stream);
    }
    String id = query.id();
    if (query.skip().isPresent()) {
      runner.expect();
    }
    readers.computeIfAbsent(id, absent -> new ArrayList<>()).add(end);
    return work(() -> {
          TaskHandle handle = runner.handle(id).orElse(null);
          if (handle != null) {
            endWith(handle, end);
            return true;
          }
          boolean attaches = query.skip().isPresent() || !Files.exists(query.log());
          if (!attaches) {
            end.complete(null);
          }
          return !attaches;
        })
        .onComplete(
            settled -> {
              if (settled.failed() || settled.result()) {
                forget(readers, id, end);
              }
            })
        .map(settled -> (ReadStream<OutputFrame>) stream);
  }

  /** Ends what waits for tasks that will not be created any more. */
  void close() {
    List.copyOf(inputs.keySet()).forEach(this::abandon);
    List.copyOf(readers.keySet()).forEach(this::abandon);
  }

  private <T> Future<T> work(Callable<T> blocking) {
    return workers.executeBlocking(blocking, false);
  }

  private <T> Future<T> serially(String id, java.util.function.Supplier<Future<T>> change) {
    Future<?> before = changes.getOrDefault(id, Future.succeededFuture());
    Future<T> after = before.transform(ended -> change.get());
    changes.put(id, after);
    return after.onComplete(ended -> changes.remove(id, after));
  }
}
