package dev.taffrail.linux;

import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.SYS_pidfd_send_signal;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ProcessRef;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** A process by its pidfd. A child is reaped also when this handle is closed before. */
final class NativeProcess implements ProcessRef {
  private final PidDescriptor pidfd;
  private final int pid;
  private final long startTicks;
  private final ExitWatcher watcher;
  private CompletableFuture<OptionalInt> exit;
  private boolean closed;

  /**
   * Takes over one hold of {@code pidfd}.
   *
   * @param exit null for one that is not our child: it is watched when somebody asks
   */
  NativeProcess(
      PidDescriptor pidfd,
      int pid,
      long startTicks,
      ExitWatcher watcher,
      CompletableFuture<OptionalInt> exit) {
    this.pidfd = pidfd;
    this.pid = pid;
    this.startTicks = startTicks;
    this.watcher = watcher;
    this.exit = exit;
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public long startTicks() {
    return startTicks;
  }

  @Override
  public synchronized boolean isAlive() {
    checkOpen();
    return !pidfd.hasEnded();
  }

  @Override
  public synchronized void signal(int number) {
    String action = "send signal " + number + " to process " + pid;
    checkOpen();
    if (pidfd.hasEnded()) {
      // The kernel takes a signal for a process that its parent has not reaped.
      throw new RuntimeFailure(Kind.NOT_FOUND, "Cannot " + action + ": it has ended");
    }
    Native.check(LIBC.syscall(SYS_pidfd_send_signal, pidfd.value(), number, 0, 0), action);
  }

  @Override
  public synchronized CompletableFuture<OptionalInt> exit() {
    if (exit == null) {
      checkOpen();
      exit = watcher.watch(pidfd, pid, startTicks, false);
    }
    // A copy, so that no caller can complete or cancel the others'.
    return exit.copy();
  }

  /** Futures of {@link #exit} complete all the same. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      pidfd.release();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION, "The handle of process " + pid + " is closed");
    }
  }
}
