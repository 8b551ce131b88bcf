package dev.taffrail.shim;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.MountPoint;
import dev.taffrail.core.linux.Mounts;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.task.TaskExit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leaves nothing of a task: no process, cgroup, mount or file. Each step may be repeated. */
final class TaskCleaner {
  private static final Logger LOG = LoggerFactory.getLogger(TaskCleaner.class);
  private static final long EXIT_TIMEOUT_MILLIS = 30_000;
  private static final long MONITOR_TIMEOUT_MILLIS = 5_000;

  private final Kernel kernel;
  private final RuntimeCommands commands;
  private final DetachedMounts detached;

  TaskCleaner(Kernel kernel, RuntimeCommands commands, DetachedMounts detached) {
    this.kernel = kernel;
    this.commands = commands;
    this.detached = detached;
  }

  /** Blocks until nothing is left; DEADLINE_EXCEEDED when a process does not end. */
  void clean(Bundle bundle, Optional<TaskHandle> handle) {
    if (handle.isPresent()) {
      end(handle.get());
      release(handle.get());
      handle.get().monitor().ifPresent(monitor -> endMonitor(bundle, monitor));
    } else {
      release(bundle, TaskRecord.read(bundle.record()));
    }
    if (bundle.exists()) {
      kernel.trees().removeAll(bundle.directory());
    }
  }

  /**
   * Gives back what a task that has ended holds in runtime and kernel, if that was not done before.
   * Its files stay: they tell the outcome.
   */
  void release(TaskHandle handle) {
    handle.releaseOnce(() -> release(handle.bundle(), Optional.of(handle.record())));
  }

  private void release(Bundle bundle, Optional<TaskRecord> record) {
    Path runtimeState = commands.root().resolve(bundle.id());
    if (Files.exists(runtimeState)) {
      record.ifPresent(known -> deleteInRuntime(bundle, known));
      kernel.trees().removeAll(runtimeState);
    }
    if (bundle.exists()) {
      detach(bundle);
    }
    record.ifPresent(known -> Cgroups.read().remove(known.cgroup(), kernel.processes()));
  }

  private void detach(Bundle bundle) {
    List<Mounts.Detached> gone = new ArrayList<>();
    try {
      for (MountPoint mount : kernel.mounts().below(bundle.directory())) {
        gone.add(kernel.mounts().detach(mount.target()));
      }
    } finally {
      detached.end(bundle.id(), gone);
    }
  }

  private void end(TaskHandle handle) {
    if (!handle.exit().isDone() && handle.process().isPresent()) {
      boolean unused = Signals.send(handle.process().get(), Signals.SIGKILL);
      TaskExit ended = await(handle);
      LOG.debug("Ended {}: {}", handle.bundle().id(), ended);
    }
  }

  private static TaskExit await(TaskHandle handle) {
    try {
      return handle.exit().get(EXIT_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      throw new RuntimeFailure(
          Kind.DEADLINE_EXCEEDED,
          "Task "
              + handle.bundle().id()
              + " did not end within "
              + EXIT_TIMEOUT_MILLIS
              + " ms"
              + " of SIGKILL",
          late);
    } catch (ExecutionException failure) {
      throw new RuntimeFailure(
          Kind.INTERNAL, "Cannot wait for the end of " + handle.bundle().id(), failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(
          Kind.CANCELLED, "Interrupted while waiting for " + handle.bundle().id());
    }
  }

  /** A monitor ends on its own once it has written the exit file. */
  private static void endMonitor(Bundle bundle, ProcessRef monitor) {
    try {
      int unused =
          RuntimeCommands.await(monitor, "conmon of " + bundle.id(), MONITOR_TIMEOUT_MILLIS);
    } catch (RuntimeFailure late) {
      if (late.kind() != Kind.DEADLINE_EXCEEDED) {
        throw late;
      }
      LOG.warn("Killed conmon {} of {}: it did not end by itself", monitor.pid(), bundle.id());
    }
  }

  private void deleteInRuntime(Bundle bundle, TaskRecord record) {
    OciRuntime runtime =
        new OciRuntime(
            Path.of(record.runtime()).getFileName().toString(),
            record.runtime(),
            record.runtimeArguments());
    try {
      Optional<String> refusal = commands.delete(bundle, runtime);
      refusal.ifPresent(
          words -> LOG.warn("{} delete -f {} failed: {}", runtime.name(), bundle.id(), words));
    } catch (RuntimeFailure failure) {
      // The runtime may be uninstalled by now; what follows cleans up without it.
      LOG.warn("Cannot have {} delete {}", runtime.path(), bundle.id(), failure);
    }
  }
}
