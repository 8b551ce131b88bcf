package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.task.LogQuery;
import dev.taffrail.core.task.OutputFrame;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.core.task.TaskInput;
import dev.taffrail.core.task.TaskSpec;
import dev.taffrail.core.task.TaskState;
import dev.taffrail.core.task.Tasks;
import dev.taffrail.testkit.Samples;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.streams.ReadStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Tasks that are what a test says they are; remembers what is done to them. */
final class FakeTasks implements Tasks {
  private final Map<String, TaskState> states = new ConcurrentSkipListMap<>();
  private final Map<String, Promise<TaskExit>> exits = new ConcurrentHashMap<>();
  private final Map<String, Promise<TaskState>> hanging = new ConcurrentHashMap<>();

  /** {@code kill <id> <signal>}, {@code create <id>} and so on, in the order of the calls. */
  final List<String> effects = new CopyOnWriteArrayList<>();

  void set(String id, TaskState state) {
    states.put(id, state);
  }

  /** Nobody learns its state, for ever. */
  void hang(String id) {
    hanging.put(id, Promise.promise());
  }

  /** Those who watch it are told. */
  void end(String id, TaskExit exit) {
    states.put(id, new TaskState(TaskState.Phase.STOPPED, started(id), Optional.of(exit)));
    exit(id).tryComplete(exit);
  }

  private Optional<StartedTask> started(String id) {
    return Optional.ofNullable(states.get(id)).flatMap(TaskState::started);
  }

  private Promise<TaskExit> exit(String id) {
    return exits.computeIfAbsent(id, none -> Promise.promise());
  }

  @Override
  public Future<TaskState> state(CallContext call, String id) {
    if (hanging.containsKey(id)) {
      return hanging.get(id).future();
    }
    return Future.succeededFuture(
        states.getOrDefault(
            id, new TaskState(TaskState.Phase.ABSENT, Optional.empty(), Optional.empty())));
  }

  @Override
  public Future<TaskExit> exit(CallContext call, String id) {
    return exit(id).future();
  }

  @Override
  public Future<Void> kill(CallContext call, String id, int signal) {
    effects.add("kill " + id + " " + signal);
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> delete(CallContext call, String id) {
    effects.add("delete " + id);
    states.remove(id);
    return Future.succeededFuture();
  }

  @Override
  public Future<List<String>> list(CallContext call) {
    return Future.succeededFuture(List.copyOf(states.keySet()));
  }

  @Override
  public Future<StartedTask> create(CallContext call, TaskSpec spec) {
    effects.add("create " + spec.id());
    exits.remove(spec.id());
    set(
        spec.id(),
        new TaskState(TaskState.Phase.RUNNING, Optional.of(Samples.TASK), Optional.empty()));
    return Future.succeededFuture(Samples.TASK);
  }

  @Override
  public Future<Void> start(CallContext call, String id) {
    effects.add("start " + id);
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> resize(CallContext call, String id, int height, int width) {
    return unexpected();
  }

  @Override
  public Future<TaskInput> input(CallContext call, String id) {
    return unexpected();
  }

  @Override
  public Future<ReadStream<OutputFrame>> output(CallContext call, LogQuery query) {
    return unexpected();
  }

  private static <T> Future<T> unexpected() {
    return Future.failedFuture(new RuntimeFailure(Kind.UNIMPLEMENTED, "A reconciler does not"));
  }
}
