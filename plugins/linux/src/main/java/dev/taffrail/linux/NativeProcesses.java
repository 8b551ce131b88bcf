package dev.taffrail.linux;

import static dev.taffrail.linux.Native.EINVAL;
import static dev.taffrail.linux.Native.ENOENT;
import static dev.taffrail.linux.Native.ESRCH;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.P_PID;
import static dev.taffrail.linux.Native.SIGINFO_SIZE;
import static dev.taffrail.linux.Native.SIGKILL;
import static dev.taffrail.linux.Native.SYS_pidfd_open;
import static dev.taffrail.linux.Native.WEXITED;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.linux.SpawnRequest;
import java.util.Optional;

/** Processes by pidfd. */
final class NativeProcesses implements Processes, AutoCloseable {
  private final Spawner spawner = new Spawner();
  private final ExitWatcher watcher = new ExitWatcher();

  @Override
  public ProcessRef spawn(SpawnRequest request) {
    int pid = spawner.spawn(request);
    // Nobody else reaps this child, so until then its pid cannot mean another process.
    int descriptor = (int) LIBC.syscall(SYS_pidfd_open, pid, 0, 0, 0);
    if (descriptor < 0) {
      RuntimeFailure failure = Native.failure(Native.errno(), "hold the child " + pid);
      abandon(pid);
      throw failure;
    }
    PidDescriptor pidfd = new PidDescriptor(descriptor);
    try {
      long startTicks = ProcessStat.read(pid).map(ProcessStat::startTicks).orElse(0L);
      return new NativeProcess(
          pidfd, pid, startTicks, watcher, watcher.watch(pidfd, pid, startTicks, true));
    } catch (RuntimeFailure failure) {
      abandon(pid);
      pidfd.release();
      throw failure;
    }
  }

  @Override
  public Optional<ProcessRef> open(int pid) {
    return hold(pid).map(process -> process);
  }

  @Override
  public Optional<ProcessRef> open(int pid, long startTicks) {
    Optional<NativeProcess> process = hold(pid);
    if (process.isPresent() && process.get().startTicks() != startTicks) {
      process.get().close();
      return Optional.empty();
    }
    return process.map(found -> found);
  }

  @Override
  public void close() {
    watcher.close();
  }

  private Optional<NativeProcess> hold(int pid) {
    if (pid <= 0) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Not the id of a process: " + pid);
    }
    int descriptor = (int) LIBC.syscall(SYS_pidfd_open, pid, 0, 0, 0);
    if (descriptor < 0) {
      int errno = Native.errno();
      // EINVAL and ENOENT: the id of a thread.
      if (errno == ESRCH || errno == EINVAL || errno == ENOENT) {
        return Optional.empty();
      }
      throw Native.failure(errno, "hold the process " + pid);
    }
    PidDescriptor pidfd = new PidDescriptor(descriptor);
    Optional<ProcessStat> stat = Optional.empty();
    try {
      stat = ProcessStat.read(pid);
      // Alive after it was read: then it was this process's, and no later one's.
      if (stat.isPresent() && pidfd.hasEnded()) {
        stat = Optional.empty();
      }
    } finally {
      if (stat.isEmpty()) {
        pidfd.release();
      }
    }
    return stat.map(found -> new NativeProcess(pidfd, pid, found.startTicks(), watcher, null));
  }

  /** A child that cannot be watched must not stay. */
  private static void abandon(int pid) {
    try (Arguments arguments = new Arguments()) {
      LIBC.kill(pid, SIGKILL);
      LIBC.waitid(P_PID, pid, arguments.allocate(SIGINFO_SIZE).address, WEXITED);
    }
  }
}
