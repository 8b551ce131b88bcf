package dev.taffrail.shim;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.MountPoint;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.task.TaskExit;
import java.nio.file.Files;
import java.nio.file.Path;
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

  TaskCleaner(Kernel kernel, RuntimeCommands commands) {
    this.kernel = kernel;
    this.commands = commands;
  }

  /** Blocks until nothing is left; DEADLINE_EXCEEDED when a process does not end. */
  void clean(Bundle bundle, Optional<TaskHandle> handle) {
    Optional<TaskRecord> record =
        handle.isPresent() ? handle.map(TaskHandle::record) : TaskRecord.read(bundle.record());
    handle.ifPresent(this::end);
    Path runtimeState = commands.root().resolve(bundle.id());
    if (Files.exists(runtimeState)) {
      record.ifPresent(known -> deleteInRuntime(bundle, known));
      kernel.trees().removeAll(runtimeState);
    }
    if (bundle.exists()) {
      for (MountPoint mount : kernel.mounts().below(bundle.directory())) {
        kernel.mounts().unmount(mount.target(), true);
      }
    }
    record.ifPresent(known -> Cgroups.read().remove(known.cgroup(), kernel.processes()));
    if (bundle.exists()) {
      kernel.trees().removeAll(bundle.directory());
    }
  }

  private void end(TaskHandle handle) {
    if (!handle.exit().isDone() && handle.process().isPresent()) {
      boolean unused = Signals.send(handle.process().get(), Signals.SIGKILL);
      TaskExit ended = await(handle);
      LOG.debug("Ended {}: {}", handle.bundle().id(), ended);
    }
    handle.monitor().ifPresent(monitor -> endMonitor(handle.bundle(), monitor));
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
