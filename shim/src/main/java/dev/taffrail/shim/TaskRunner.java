package dev.taffrail.shim;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskSpec;
import dev.taffrail.core.task.TaskState;
import dev.taffrail.shim.oci.BundleWriter;
import dev.taffrail.shim.oci.SeccompProfiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The effects of {@link dev.taffrail.core.task.Tasks}, blocking. For one task, create, start and
 * delete are called one after another; everything else at any time.
 */
final class TaskRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskRunner.class);

  /** Names that cannot be task ids. */
  private static final String RUNTIME_ROOT = ".runtime";

  private static final String TEMPORARY = ".tmp";
  private static final String PROGRAMS = ".programs";
  private static final int RELEASE_THREADS = 4;
  private static final long RELEASE_IDLE_SECONDS = 30;
  private static final long STOP_SECONDS = 5;

  private final Kernel kernel;
  private final ShimSettings settings;
  private final Path runDirectory;
  private final RuntimePrograms programs;
  private final RuntimeCommands commands;
  private final TaskMonitor monitor;
  private final TaskCleaner cleaner;
  private final SeccompProfiles profiles;
  private final ConcurrentMap<String, TaskHandle> handles = new ConcurrentHashMap<>();
  private final ExecutorService notifications;
  private final ThreadPoolExecutor releases;
  private final DetachedMounts detached = new DetachedMounts();
  private final CgroupMoves cgroupMoves = new CgroupMoves();

  TaskRunner(Kernel kernel, ShimSettings settings, Path runDirectory) {
    this.kernel = kernel;
    this.settings = settings;
    this.runDirectory = runDirectory;
    Path runtimeRoot = runDirectory.resolve(RUNTIME_ROOT);
    this.programs =
        new RuntimePrograms(
            kernel.sealedPrograms(), kernel.processes(), runDirectory.resolve(PROGRAMS));
    this.commands =
        new RuntimeCommands(kernel.processes(), programs, runtimeRoot, settings.timeouts());
    this.monitor =
        new ConmonMonitor(kernel, settings, programs, runtimeRoot, runDirectory.resolve(TEMPORARY));
    this.cleaner = new TaskCleaner(kernel, commands, detached);
    this.profiles = new SeccompProfiles(kernel.seccompFilters());
    this.notifications =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread thread = new Thread(work, "taffrail-task-exits");
              thread.setDaemon(true);
              return thread;
            });
    this.releases =
        new ThreadPoolExecutor(
            RELEASE_THREADS,
            RELEASE_THREADS,
            RELEASE_IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "taffrail-task-release");
              thread.setDaemon(true);
              return thread;
            });
    releases.allowCoreThreadTimeOut(true);
  }

  /** Makes the directories; what is missing to run tasks, as sentences. */
  List<String> open() {
    try {
      Files.createDirectories(commands.root());
      Files.createDirectories(runDirectory.resolve(TEMPORARY));
      Files.createDirectories(runDirectory.resolve(PROGRAMS));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot prepare " + runDirectory, failure);
    }
    return settings.problems();
  }

  /** The longest that a create may take. */
  Duration createTimeout() {
    return settings.timeouts().create();
  }

  /** A task is about to be created: what takes its time in the kernel begins now. */
  void expect() {
    cgroupMoves.expect();
  }

  StartedTask create(TaskSpec spec, long deadlineNanoTime) {
    expect();
    Bundle bundle = Bundle.of(runDirectory, spec.id());
    OciRuntime runtime = settings.runtime(spec.runtime());
    Path unused = settings.monitor();
    if (spec.log().toString().contains(":")) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "conmon takes no log path with a colon: " + spec.log());
    }
    if (state(spec.id()).phase() != TaskState.Phase.ABSENT) {
      throw new RuntimeFailure(
          Kind.ALREADY_EXISTS, "There is a task " + spec.id() + " already: delete it first");
    }
    cleaner.clean(bundle, Optional.empty());
    detached.await(spec.id());
    TaskRecord record =
        new TaskRecord(
            runtime.path(),
            runtime.arguments(),
            spec.arguments().get(0),
            Cgroups.pathOf(spec.id(), spec.cgroupParent()),
            spec.terminal(),
            spec.openStdin(),
            spec.stdinOnce(),
            0,
            0,
            0,
            0);
    try {
      prepare(bundle, record, spec, runtime);
      expect();
      TaskMonitor.Monitored created = monitor.create(bundle, spec, runtime, deadlineNanoTime);
      return adopt(bundle, record, created);
    } catch (RuntimeException failure) {
      undo(bundle, failure);
      throw failure;
    }
  }

  private void prepare(Bundle bundle, TaskRecord record, TaskSpec spec, OciRuntime runtime) {
    try {
      Files.createDirectories(bundle.rootfs());
      Files.createDirectory(bundle.exitDirectory());
      Files.createDirectory(bundle.persistDirectory());
      Files.createDirectories(spec.log().toAbsolutePath().getParent());
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot prepare the bundle " + bundle.directory(), failure);
    }
    record.write(bundle.record());
    for (Mount mount : spec.rootfs()) {
      kernel.mounts().mount(mount, bundle.rootfs());
    }
    Cgroups cgroups = Cgroups.read();
    new BundleWriter(kernel.trees(), profiles, cgroups.swapAccounting())
        .write(bundle.directory(), spec, record.cgroup(), runtime.isCrun());
  }

  private StartedTask adopt(Bundle bundle, TaskRecord record, TaskMonitor.Monitored created) {
    TaskRecord complete =
        record.withProcesses(
            created.process().pid(),
            created.process().startTicks(),
            created.monitor().pid(),
            created.monitor().startTicks());
    TaskHandle handle =
        new TaskHandle(
            bundle,
            complete,
            Optional.of(created.process()),
            Optional.of(created.monitor()),
            notifications);
    handles.put(bundle.id(), handle);
    // Before anything that can fail: whoever undoes it waits for its end.
    watch(handle);
    complete.write(bundle.record());
    return complete.started();
  }

  private void watch(TaskHandle handle) {
    handle.watch(kernel.watcher());
    var unused = handle.over().thenRun(() -> releaseSoon(handle));
  }

  /** While the outcome is made durable; whoever deletes the task waits for it. */
  private void releaseSoon(TaskHandle handle) {
    try {
      releases.execute(
          () -> {
            try {
              cleaner.release(handle);
            } catch (RuntimeException failure) {
              LOG.debug("{} is released when it is deleted", handle.bundle().id(), failure);
            }
          });
    } catch (RejectedExecutionException stopped) {
      LOG.debug("Not releasing {}: the plugin has stopped", handle.bundle().id());
    }
  }

  private void undo(Bundle bundle, RuntimeException failure) {
    try {
      delete(bundle.id());
    } catch (RuntimeException second) {
      failure.addSuppressed(second);
    }
  }

  void start(String id) {
    TaskHandle handle = known(id);
    if (!commands.awaitsStart(id)) {
      handle.started();
      return;
    }
    OciRuntime runtime = runtimeOf(handle.record());
    Optional<String> refusal = commands.start(handle.bundle(), runtime);
    if (refusal.isPresent()) {
      throw RuntimeWords.startFailed(runtime, refusal.get(), handle.record().program());
    }
    handle.started();
  }

  private static OciRuntime runtimeOf(TaskRecord record) {
    Path path = Path.of(record.runtime());
    return new OciRuntime(
        path.getFileName().toString(), record.runtime(), record.runtimeArguments());
  }

  void kill(String id, int signal) {
    Optional<ProcessRef> process = known(id).process();
    if (process.isEmpty() || !Signals.send(process.get(), signal)) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "Task " + id + " has ended");
    }
  }

  void delete(String id) {
    Bundle bundle = Bundle.of(runDirectory, id);
    Optional<TaskHandle> handle = handle(id);
    cleaner.clean(bundle, handle);
    handles.remove(id);
    handle.ifPresent(TaskHandle::close);
  }

  TaskState state(String id) {
    return handle(id)
        .map(handle -> handle.state(commands.awaitsStart(id)))
        .orElseGet(() -> new TaskState(TaskState.Phase.ABSENT, Optional.empty(), Optional.empty()));
  }

  List<String> list() {
    Set<String> ids = new TreeSet<>();
    addNames(runDirectory, ids);
    addNames(commands.root(), ids);
    return List.copyOf(ids);
  }

  private static void addNames(Path directory, Set<String> ids) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (Bundle.isId(name)) {
          ids.add(name);
        }
      }
    } catch (NoSuchFileException absent) {
      // Nothing was ever run.
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot list " + directory, failure);
    }
  }

  void resize(String id, int height, int width) {
    TaskHandle handle = known(id);
    if (!handle.record().terminal()) {
      throw new RuntimeFailure(Kind.FAILED_PRECONDITION, "Task " + id + " has no terminal");
    }
    if (handle.exit().isDone() || !handle.isMonitored()) {
      throw new RuntimeFailure(Kind.FAILED_PRECONDITION, "Task " + id + " does not run");
    }
    monitor.resize(handle.bundle(), height, width);
  }

  /** NOT_FOUND when there is no trace of it. */
  TaskHandle known(String id) {
    return handle(id)
        .orElseThrow(() -> new RuntimeFailure(Kind.NOT_FOUND, "There is no task " + id));
  }

  /** A task that has, or had, processes; found again by its files after a restart. */
  Optional<TaskHandle> handle(String id) {
    TaskHandle known = handles.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    Bundle bundle = Bundle.of(runDirectory, id);
    return bundle.exists()
        ? Optional.ofNullable(handles.computeIfAbsent(id, absent -> load(bundle)))
        : Optional.empty();
  }

  /** Null when nothing says that it had processes. */
  private TaskHandle load(Bundle bundle) {
    Optional<TaskRecord> record = TaskRecord.read(bundle.record());
    if (record.isEmpty()) {
      return null;
    }
    TaskHandle handle =
        record.get().hasProcesses()
            ? reopen(bundle, record.get())
            : search(bundle, record.get()).orElse(null);
    if (handle != null) {
      watch(handle);
      if (!commands.awaitsStart(bundle.id())) {
        handle.started();
      }
    }
    return handle;
  }

  private TaskHandle reopen(Bundle bundle, TaskRecord record) {
    return new TaskHandle(
        bundle,
        record,
        kernel.processes().open(record.pid(), record.pidStartTicks()),
        kernel.processes().open(record.monitorPid(), record.monitorStartTicks()),
        notifications);
  }

  /** The daemon died between the monitor's start and the record of it. */
  private Optional<TaskHandle> search(Bundle bundle, TaskRecord record) {
    TaskMonitor.Traces traces = monitor.traces(bundle, record);
    if (traces.process().isEmpty()
        && traces.monitor().isEmpty()
        && !Files.exists(bundle.exitFile())) {
      return Optional.empty();
    }
    TaskRecord found =
        record.withProcesses(
            traces.pid().orElse(0),
            traces.process().map(ProcessRef::startTicks).orElse(0L),
            traces.monitor().map(ProcessRef::pid).orElse(0),
            traces.monitor().map(ProcessRef::startTicks).orElse(0L));
    return Optional.of(
        new TaskHandle(bundle, found, traces.process(), traces.monitor(), notifications));
  }

  @Override
  public void close() {
    handles.values().forEach(TaskHandle::close);
    handles.clear();
    stop(notifications);
    stop(releases);
    detached.close();
    cgroupMoves.close();
    programs.close();
  }

  private static void stop(ExecutorService threads) {
    threads.shutdown();
    try {
      boolean unused = threads.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
