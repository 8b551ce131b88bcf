package dev.taffrail.core.task;

import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.PluginType;
import dev.taffrail.core.plugin.Unbounded;
import io.vertx.core.Future;
import io.vertx.core.streams.ReadStream;
import java.util.List;

/** Runs tasks. Each effect is idempotent, or {@link #state} tells what came of it. */
public interface Tasks {
  PluginType<Tasks> TASK = new PluginType<>("task", Tasks.class);

  /**
   * Mounts the root file system, writes the bundle, starts the monitor and has the runtime create
   * the task. Nothing of the container's has run when it answers. When it fails, everything is
   * undone: INVALID_ARGUMENT with the runtime's words when the program cannot be executed. Input
   * opened with {@link #input} before is connected.
   */
  @Deadline(seconds = 120)
  Future<StartedTask> create(CallContext call, TaskSpec spec);

  /**
   * Lets the first process of a created task go. INVALID_ARGUMENT with the runtime's words when the
   * program cannot be executed; then {@link #delete}.
   */
  @Deadline(seconds = 60)
  Future<Void> start(CallContext call, String id);

  /** Signals the first process; NOT_FOUND when it has ended. */
  @Deadline(seconds = 10)
  Future<Void> kill(CallContext call, String id, int signal);

  /** Completes when the task has ended; NOT_FOUND when there is no trace of it. */
  @Unbounded
  Future<TaskExit> exit(CallContext call, String id);

  /**
   * Ends what still runs, has the runtime delete the task, unmounts its root file system and
   * removes its files, the exit file included: call it when the outcome is durable. Idempotent.
   */
  @Deadline(seconds = 120)
  Future<Void> delete(CallContext call, String id);

  /** Asks files and kernel; also after a restart of the daemon. */
  @Deadline(seconds = 30)
  Future<TaskState> state(CallContext call, String id);

  /** Tasks with any trace on this host, sorted. */
  @Deadline(seconds = 30)
  Future<List<String>> list(CallContext call);

  /**
   * Terminal size in characters; FAILED_PRECONDITION when the task has no terminal or does not run.
   */
  @Deadline(seconds = 10)
  Future<Void> resize(CallContext call, String id, int height, int width);

  /**
   * The stdin of a task, which may not have been created yet; FAILED_PRECONDITION when it has none.
   */
  @Deadline(seconds = 10)
  Future<TaskInput> input(CallContext call, String id);

  /**
   * Output from the log file, paused until the caller asks; never back-pressures the container. It
   * ends as {@link LogQuery} says; with {@code follow} also once the task is deleted and all is
   * read.
   */
  @Deadline(seconds = 10)
  Future<ReadStream<OutputFrame>> output(CallContext call, LogQuery query);
}
