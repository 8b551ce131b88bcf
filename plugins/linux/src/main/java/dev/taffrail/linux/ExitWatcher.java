package dev.taffrail.linux;

import static dev.taffrail.linux.Native.EFD_CLOEXEC;
import static dev.taffrail.linux.Native.EINTR;
import static dev.taffrail.linux.Native.EPOLLIN;
import static dev.taffrail.linux.Native.EPOLL_CLOEXEC;
import static dev.taffrail.linux.Native.EPOLL_CTL_ADD;
import static dev.taffrail.linux.Native.EPOLL_CTL_DEL;
import static dev.taffrail.linux.Native.EPOLL_EVENT_DATA;
import static dev.taffrail.linux.Native.EPOLL_EVENT_SIZE;
import static dev.taffrail.linux.Native.LIBC;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that waits for the end of many processes. It reaps only children that were announced
 * to it, each by its pidfd, so the JVM's own children are never touched.
 */
final class ExitWatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExitWatcher.class);
  private static final int BATCH = 64;

  /** The key of the eventfd(2) that ends the thread. */
  private static final long WAKE = 0;

  private final Map<Long, Watched> watched = new ConcurrentHashMap<>();
  private final AtomicLong keys = new AtomicLong(WAKE);
  private final int epoll;
  private final int wake;
  private final Thread thread;
  private boolean closed;

  private record Watched(
      PidDescriptor pidfd,
      int pid,
      long startTicks,
      boolean child,
      CompletableFuture<OptionalInt> exit) {}

  ExitWatcher() {
    epoll = Native.check(LIBC.epoll_create1(EPOLL_CLOEXEC), "watch processes");
    int created = LIBC.eventfd(0, EFD_CLOEXEC);
    if (created < 0) {
      RuntimeFailure failure = Native.failure(Native.errno(), "watch processes");
      LIBC.close(epoll);
      throw failure;
    }
    wake = created;
    control(EPOLL_CTL_ADD, wake, WAKE);
    thread = new Thread(this::run, "linux-exit-watcher");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Completes on this watcher's thread when the process ends. Holds {@code pidfd} until then.
   *
   * @param child whether it is ours to reap
   */
  synchronized CompletableFuture<OptionalInt> watch(
      PidDescriptor pidfd, int pid, long startTicks, boolean child) {
    CompletableFuture<OptionalInt> exit = new CompletableFuture<>();
    if (closed) {
      exit.completeExceptionally(stopped());
      return exit;
    }
    long key = keys.incrementAndGet();
    watched.put(key, new Watched(pidfd.hold(), pid, startTicks, child, exit));
    try {
      control(EPOLL_CTL_ADD, pidfd.value(), key);
    } catch (RuntimeFailure failure) {
      watched.remove(key);
      pidfd.release();
      throw failure;
    }
    return exit;
  }

  /** Futures that are still open fail with UNAVAILABLE. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    try (Arguments arguments = new Arguments()) {
      NativeBuffer one = arguments.allocate(Long.BYTES);
      one.bytes.putLong(0, 1);
      Native.check(LIBC.write(wake, one.address, Long.BYTES), "stop watching processes");
    }
    Threads.joinUninterruptibly(thread);
    LIBC.close(epoll);
    LIBC.close(wake);
    watched
        .values()
        .forEach(
            each -> {
              each.pidfd().release();
              each.exit().completeExceptionally(stopped());
            });
    watched.clear();
  }

  private static RuntimeFailure stopped() {
    return new RuntimeFailure(Kind.UNAVAILABLE, "The daemon stopped watching processes");
  }

  private void run() {
    NativeBuffer events = new NativeBuffer(BATCH * EPOLL_EVENT_SIZE);
    while (true) {
      int count = LIBC.epoll_wait(epoll, events.address, BATCH, -1);
      if (count < 0 && Native.errno() != EINTR) {
        LOG.error("The exit of processes is not seen any more: errno {}", Native.errno());
        return;
      }
      for (int i = 0; i < count; i++) {
        long key = events.bytes.getLong(i * EPOLL_EVENT_SIZE + EPOLL_EVENT_DATA);
        if (key == WAKE) {
          return;
        }
        Watched ended = watched.remove(key);
        if (ended != null) {
          finish(ended);
        }
      }
    }
  }

  private void finish(Watched ended) {
    try {
      int pidfd = ended.pidfd().value();
      control(EPOLL_CTL_DEL, pidfd, 0);
      OptionalInt status = ended.child() ? ExitStatus.reap(pidfd) : OptionalInt.empty();
      if (status.isEmpty()) {
        status = ExitStatus.ask(pidfd, ended.pid(), ended.startTicks());
      }
      ended.pidfd().release();
      ended.exit().complete(status);
    } catch (RuntimeException failure) {
      ended.exit().completeExceptionally(failure);
    }
  }

  private void control(int operation, int descriptor, long key) {
    try (Arguments arguments = new Arguments()) {
      NativeBuffer event = arguments.allocate(EPOLL_EVENT_SIZE);
      event.bytes.putInt(0, EPOLLIN).putLong(EPOLL_EVENT_DATA, key);
      Native.check(LIBC.epoll_ctl(epoll, operation, descriptor, event.address), "watch a process");
    }
  }
}
