package dev.taffrail.shim;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.FileWatcher;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.core.task.TaskState;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one task: its exit file, its monitor and its first process, both held by pidfds. The
 * outcome is known when
 *
 * <ol>
 *   <li>the exit file is there;
 *   <li>the monitor is dead without having written it, and the first process has ended: then the
 *       kernel may still tell its status;
 *   <li>both are gone, and nobody tells.
 * </ol>
 */
final class TaskHandle implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskHandle.class);
  private static final int UNKNOWN_STATUS = 255;

  private final Bundle bundle;
  private final TaskRecord record;
  private final Optional<ProcessRef> process;
  private final Optional<ProcessRef> monitor;
  private final Executor executor;
  private final Optional<CompletableFuture<OptionalInt>> processEnd;
  private final Optional<CompletableFuture<OptionalInt>> monitorEnd;
  private final CompletableFuture<TaskExit> exit = new CompletableFuture<>();
  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private final Object release = new Object();
  private boolean released;
  private FileWatcher.Watch watch = () -> {};

  TaskHandle(
      Bundle bundle,
      TaskRecord record,
      Optional<ProcessRef> process,
      Optional<ProcessRef> monitor,
      Executor executor) {
    this.bundle = bundle;
    this.record = record;
    this.process = process;
    this.monitor = monitor;
    this.executor = executor;
    this.processEnd = process.map(ProcessRef::exit);
    this.monitorEnd = monitor.map(ProcessRef::exit);
  }

  /** Starts watching; {@code executor} runs what the notifications lead to. */
  void watch(FileWatcher watcher) {
    watch =
        watcher.watch(
            bundle.exitDirectory(),
            EnumSet.of(FileWatcher.Change.MOVED_IN),
            name -> {
              // conmon renames <id>.XXXXXX to <id>; the temporary name is not ours to see.
              if (name.equals(bundle.id()) || name.equals(FileWatcher.OVERFLOW)) {
                reconsider();
              }
            });
    processEnd.ifPresent(this::reconsiderAfter);
    monitorEnd.ifPresent(this::reconsiderAfter);
    evaluate();
  }

  private void reconsiderAfter(CompletableFuture<OptionalInt> end) {
    var unused = end.whenComplete((status, failure) -> reconsider());
  }

  private void reconsider() {
    try {
      executor.execute(this::evaluate);
    } catch (RejectedExecutionException stopped) {
      LOG.debug("Not looking at {}: the plugin has stopped", bundle.id());
    }
  }

  /** Looks at files and processes; idempotent. */
  private synchronized void evaluate() {
    if (exit.isDone()) {
      return;
    }
    // Asked before the file is read: a monitor writes the file before it ends.
    boolean monitored = !hasEnded(monitorEnd);
    boolean alive = !hasEnded(processEnd);
    Optional<TaskExit> written = ExitFile.read(bundle);
    if (written.isPresent()) {
      exit.complete(written.get());
    } else if (!monitored && !alive) {
      exit.complete(lost());
    }
  }

  /**
   * Whether it is dead and its status, if the kernel tells it, has arrived. That nobody watches any
   * more says nothing.
   */
  private static boolean hasEnded(Optional<CompletableFuture<OptionalInt>> end) {
    return end.isEmpty() || (end.get().isDone() && !wasAbandoned(end.get()));
  }

  private static boolean wasAbandoned(CompletableFuture<OptionalInt> end) {
    return end.isCompletedExceptionally()
        && end.handle((status, failure) -> RuntimeFailure.kindOf(failure)).join()
            == Kind.UNAVAILABLE;
  }

  private TaskExit lost() {
    OptionalInt status =
        processEnd.isPresent() && !processEnd.get().isCompletedExceptionally()
            ? processEnd.get().join()
            : OptionalInt.empty();
    return status.isPresent()
        ? new TaskExit(status.getAsInt(), Instant.now(), TaskExit.Reason.MONITOR_LOST)
        : new TaskExit(UNKNOWN_STATUS, Instant.now(), TaskExit.Reason.UNKNOWN);
  }

  boolean isMonitored() {
    return monitor.isPresent() && monitor.get().isAlive();
  }

  TaskRecord record() {
    return record;
  }

  Bundle bundle() {
    return bundle;
  }

  Optional<ProcessRef> process() {
    return process;
  }

  Optional<ProcessRef> monitor() {
    return monitor;
  }

  /** Completes on another thread. */
  CompletableFuture<TaskExit> exit() {
    return exit;
  }

  /** The runtime's start is over. */
  void started() {
    started.complete(null);
  }

  /** Completes when it has ended after a start that is over, on either's thread. */
  CompletableFuture<Void> over() {
    return started.thenCombine(exit, (nothing, known) -> null);
  }

  /** Runs {@code work} unless it succeeded before; waits for another caller that is at it. */
  void releaseOnce(Runnable work) {
    synchronized (release) {
      if (!released) {
        work.run();
        released = true;
      }
    }
  }

  /** What files and kernel say now. */
  TaskState state(boolean awaitsStart) {
    evaluate();
    Optional<TaskExit> known =
        exit.isDone() && !exit.isCompletedExceptionally()
            ? Optional.of(exit.join())
            : Optional.empty();
    TaskState.Phase phase;
    if (known.isPresent()) {
      phase = TaskState.Phase.STOPPED;
    } else if (!isMonitored()) {
      phase = TaskState.Phase.UNMONITORED;
    } else {
      // While nothing tells the pid, the runtime is still at its create.
      phase =
          awaitsStart || !record.hasProcesses() ? TaskState.Phase.CREATED : TaskState.Phase.RUNNING;
    }
    return new TaskState(phase, Optional.of(record.started()), known);
  }

  @Override
  public void close() {
    watch.close();
    boolean unused =
        exit.completeExceptionally(
            new RuntimeFailure(
                Kind.UNAVAILABLE, "Task " + bundle.id() + " is not watched any more"));
    process.ifPresent(ProcessRef::close);
    monitor.ifPresent(ProcessRef::close);
  }
}
