package dev.taffrail.shim;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.FileWatcher;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.linux.SpawnRequest;
import dev.taffrail.core.linux.SpawnRequest.Access;
import dev.taffrail.core.linux.SpawnRequest.Redirect;
import dev.taffrail.core.task.TaskSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Drives conmon, 2.1.6 and later. It forks: the process we start writes the pid file of the real
 * monitor and ends; the monitor runs the runtime's create and says in the sync file what came of
 * it.
 *
 * <p>The sync pipe is a regular file, since conmon dies of a broken pipe. The runtime logs to a
 * file, since conmon deadlocks on more than 64 KiB of its stderr. There is no log rotation by
 * conmon, which would throw history away, and no exit command: exits are found by files and pidfds.
 */
final class ConmonMonitor implements TaskMonitor {
  private static final int SYNC_DESCRIPTOR = 3;

  private final Kernel kernel;
  private final ShimSettings settings;
  private final RuntimePrograms programs;
  private final Path runtimeRoot;
  private final Path temporary;

  /**
   * A driver.
   *
   * @param temporary a short private path on tmpfs: conmon makes its console socket there
   */
  ConmonMonitor(
      Kernel kernel,
      ShimSettings settings,
      RuntimePrograms programs,
      Path runtimeRoot,
      Path temporary) {
    this.kernel = kernel;
    this.settings = settings;
    this.programs = programs;
    this.runtimeRoot = runtimeRoot;
    this.temporary = temporary;
  }

  @Override
  public Monitored create(Bundle bundle, TaskSpec spec, OciRuntime runtime, long deadlineNanoTime) {
    SpawnRequest request =
        new SpawnRequest(
            command(bundle, spec, runtime),
            environment(),
            bundle.directory(),
            Map.of(
                2,
                new Redirect(bundle.monitorErrors(), Access.APPEND),
                SYNC_DESCRIPTOR,
                new Redirect(bundle.sync(), Access.APPEND)),
            true);
    Semaphore changed = new Semaphore(0);
    try {
      Files.createFile(bundle.sync());
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot create " + bundle.sync(), failure);
    }
    FileWatcher.Watch watch =
        kernel
            .watcher()
            .watch(
                bundle.sync(), EnumSet.of(FileWatcher.Change.MODIFIED), name -> changed.release());
    try (ProcessRef parent = kernel.processes().spawn(request)) {
      int status =
          RuntimeCommands.await(parent, "conmon of " + bundle.id(), millisUntil(deadlineNanoTime));
      if (status != 0) {
        throw failed(
            bundle, runtime, spec, "conmon ended with " + status + ": " + monitorErrors(bundle));
      }
      Optional<ProcessRef> monitor = monitorOf(bundle);
      try {
        SyncFile.Answer answer = answer(bundle, monitor, changed, deadlineNanoTime);
        if (!answer.created()) {
          throw failed(bundle, runtime, spec, answer.message());
        }
        return new Monitored(processOf(bundle, runtime, spec, answer.pid()), monitor.orElseThrow());
      } catch (RuntimeException failure) {
        monitor.ifPresent(ConmonMonitor::end);
        throw failure;
      }
    } finally {
      watch.close();
    }
  }

  private static void end(ProcessRef monitor) {
    // Its runtime, if one still runs, dies with it: PR_SET_PDEATHSIG.
    Signals.send(monitor, Signals.SIGKILL);
    monitor.close();
  }

  private ProcessRef processOf(Bundle bundle, OciRuntime runtime, TaskSpec spec, int pid) {
    return kernel
        .processes()
        .open(pid)
        .orElseThrow(
            () -> failed(bundle, runtime, spec, "the first process ended before it was started"));
  }

  private SyncFile.Answer answer(
      Bundle bundle, Optional<ProcessRef> monitor, Semaphore changed, long deadlineNanoTime) {
    monitor.ifPresent(
        process -> {
          var unused = process.exit().whenComplete((status, failure) -> changed.release());
        });
    while (true) {
      // Asked before the file is read: what a dead monitor had to say is there by then.
      boolean alive = monitor.isPresent() && monitor.get().isAlive();
      Optional<SyncFile.Answer> answer = SyncFile.read(bundle.sync());
      if (answer.isPresent()) {
        return answer.get();
      }
      if (!alive) {
        return new SyncFile.Answer(-1, "conmon ended without an answer");
      }
      waitFor(changed, bundle, deadlineNanoTime);
    }
  }

  private static void waitFor(Semaphore changed, Bundle bundle, long deadlineNanoTime) {
    try {
      if (!changed.tryAcquire(millisUntil(deadlineNanoTime), TimeUnit.MILLISECONDS)) {
        throw new RuntimeFailure(
            Kind.DEADLINE_EXCEEDED, "The runtime did not create " + bundle.id() + " in time");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(
          Kind.CANCELLED, "Interrupted while the runtime created " + bundle.id());
    }
  }

  private static long millisUntil(long nanoTime) {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanoTime - System.nanoTime()));
  }

  private static RuntimeFailure failed(
      Bundle bundle, OciRuntime runtime, TaskSpec spec, String otherwise) {
    String words = RuntimeWords.of(bundle.runtimeLog(), otherwise);
    if (words.isEmpty()) {
      words = monitorErrors(bundle);
    }
    return RuntimeWords.createFailed(runtime, words, spec.arguments().get(0));
  }

  private static String monitorErrors(Bundle bundle) {
    try {
      String errors = Excerpt.of(bundle.monitorErrors()).strip();
      return errors.isEmpty() ? "the runtime said nothing" : errors;
    } catch (IOException absent) {
      return "the runtime said nothing";
    }
  }

  private Map<String, String> environment() {
    return Map.of(
        "PATH",
        RuntimeCommands.ENVIRONMENT.get("PATH"),
        "TMPDIR",
        temporary.toString(),
        "_OCI_SYNCPIPE",
        Integer.toString(SYNC_DESCRIPTOR));
  }

  private List<String> command(Bundle bundle, TaskSpec spec, OciRuntime runtime) {
    List<String> line = new ArrayList<>();
    line.add(settings.monitor().toString());
    line.addAll(List.of("--api-version", "1", "-c", bundle.id(), "-u", bundle.id()));
    line.addAll(List.of("-n", bundle.id(), "-r", programs.executable(runtime).path()));
    line.addAll(List.of("-b", bundle.directory().toString()));
    line.addAll(List.of("-p", bundle.pidFile().toString()));
    line.addAll(List.of("-P", bundle.monitorPidFile().toString()));
    line.addAll(List.of("--exit-dir", bundle.exitDirectory().toString()));
    line.addAll(List.of("--persist-dir", bundle.persistDirectory().toString()));
    line.addAll(List.of("--full-attach", "-l", "k8s-file:" + spec.log()));
    line.addAll(List.of("--log-level", "warn", "--no-sync-log"));
    if (spec.terminal()) {
      line.add("-t");
    }
    if (spec.openStdin()) {
      line.add("-i");
      // A terminal has one descriptor for both directions: it stays open, as Docker keeps it.
      if (!spec.stdinOnce() || spec.terminal()) {
        line.add("--leave-stdin-open");
      }
    }
    for (String argument : runtime.arguments()) {
      line.addAll(List.of("--runtime-arg", argument));
    }
    for (String option : RuntimeCommands.options(runtimeRoot, bundle.runtimeLog())) {
      line.addAll(List.of("--runtime-arg", option));
    }
    return line;
  }

  private Optional<ProcessRef> monitorOf(Bundle bundle) {
    OptionalInt pid = readPid(bundle.monitorPidFile());
    return pid.isEmpty() ? Optional.empty() : kernel.processes().open(pid.getAsInt());
  }

  private static OptionalInt readPid(Path file) {
    try {
      return OptionalInt.of(
          Integer.parseInt(Files.readString(file, StandardCharsets.US_ASCII).strip()));
    } catch (NoSuchFileException | NumberFormatException absent) {
      return OptionalInt.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + file, failure);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Without start ticks a pid proves nothing, so the process must also look like ours: the
   * monitor by its command line, the container's by its cgroup.
   */
  @Override
  public Traces traces(Bundle bundle, TaskRecord record) {
    Optional<ProcessRef> monitor = Optional.empty();
    for (int pid : ProcFiles.processesWithArgument(bundle.directory().toString())) {
      Optional<ProcessRef> found = kernel.processes().open(pid);
      if (monitor.isEmpty() && found.isPresent()) {
        monitor = found;
      } else {
        found.ifPresent(ProcessRef::close);
      }
    }
    OptionalInt pid =
        SyncFile.read(bundle.sync())
            .filter(SyncFile.Answer::created)
            .map(answer -> OptionalInt.of(answer.pid()))
            .orElseGet(() -> readPid(bundle.pidFile()));
    Optional<ProcessRef> process =
        pid.isPresent() && ProcFiles.inCgroup(pid.getAsInt(), record.cgroup())
            ? kernel.processes().open(pid.getAsInt())
            : Optional.empty();
    return new Traces(pid, process, monitor);
  }

  @Override
  public void resize(Bundle bundle, int height, int width) {
    byte[] line = ("1 " + height + " " + width + "\n").getBytes(StandardCharsets.US_ASCII);
    // Read and write: opening a fifo only for writing would block without a reader.
    try (FileChannel fifo =
        FileChannel.open(bundle.control(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      // One message per write: conmon 2.1 applies only the first of two.
      int unused = fifo.write(ByteBuffer.wrap(line));
    } catch (NoSuchFileException absent) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION, "Task " + bundle.id() + " does not run", absent);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write to " + bundle.control(), failure);
    }
  }
}
