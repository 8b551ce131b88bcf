package dev.taffrail.linux;

import static dev.taffrail.linux.Native.EFD_CLOEXEC;
import static dev.taffrail.linux.Native.EINTR;
import static dev.taffrail.linux.Native.IN_CLOEXEC;
import static dev.taffrail.linux.Native.IN_CREATE;
import static dev.taffrail.linux.Native.IN_DELETE;
import static dev.taffrail.linux.Native.IN_DELETE_SELF;
import static dev.taffrail.linux.Native.IN_IGNORED;
import static dev.taffrail.linux.Native.IN_MASK_ADD;
import static dev.taffrail.linux.Native.IN_MODIFY;
import static dev.taffrail.linux.Native.IN_MOVED_FROM;
import static dev.taffrail.linux.Native.IN_MOVED_TO;
import static dev.taffrail.linux.Native.IN_MOVE_SELF;
import static dev.taffrail.linux.Native.IN_Q_OVERFLOW;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.POLLIN;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.FileWatcher;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One inotify(7) instance and one thread for all watches. The kernel has one watch per object,
 * however often it is asked for, so listeners of one object share it and each sees the events it
 * asked for.
 */
final class InotifyWatcher implements FileWatcher, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(InotifyWatcher.class);
  private static final int BUFFER_SIZE = 1 << 16;

  /** {@code struct inotify_event}: watch 4, mask 4, cookie 4, length of the name 4, name. */
  private static final int HEADER_SIZE = 16;

  private final int inotify;
  private final int wake;
  private final Thread thread;

  /** Guarded by this, and so is adding a kernel watch: its first event finds its listener. */
  private final Map<Integer, List<Listener>> listeners = new HashMap<>();

  private boolean closed;

  InotifyWatcher() {
    inotify = Native.check(LIBC.inotify_init1(IN_CLOEXEC), "watch files");
    int created = LIBC.eventfd(0, EFD_CLOEXEC);
    if (created < 0) {
      RuntimeFailure failure = Native.failure(Native.errno(), "watch files");
      LIBC.close(inotify);
      throw failure;
    }
    wake = created;
    thread = new Thread(this::run, "linux-file-watcher");
    thread.setDaemon(true);
    thread.start();
  }

  private final class Listener implements Watch {
    final int watch;
    final int mask;
    final Consumer<String> consumer;
    volatile boolean ended;

    Listener(int watch, int mask, Consumer<String> consumer) {
      this.watch = watch;
      this.mask = mask;
      this.consumer = consumer;
    }

    void tell(String name) {
      if (ended) {
        return;
      }
      try {
        consumer.accept(name);
      } catch (RuntimeException failure) {
        LOG.error("A listener for file changes failed", failure);
      }
    }

    @Override
    public void close() {
      ended = true;
      forget(this);
    }
  }

  @Override
  public synchronized Watch watch(Path path, Set<Change> changes, Consumer<String> consumer) {
    String action = "watch " + path;
    if (closed) {
      throw new RuntimeFailure(Kind.UNAVAILABLE, "Cannot " + action + ": the watcher is stopped");
    }
    if (changes.isEmpty()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Cannot " + action + ": for which changes?");
    }
    int mask = changes.stream().mapToInt(InotifyWatcher::mask).reduce(0, (one, two) -> one | two);
    try (Arguments arguments = new Arguments()) {
      int watch =
          Native.check(
              LIBC.inotify_add_watch(
                  inotify, arguments.string(path.toString()), mask | IN_MASK_ADD),
              action);
      Listener listener = new Listener(watch, mask, consumer);
      listeners.computeIfAbsent(watch, none -> new ArrayList<>()).add(listener);
      return listener;
    }
  }

  private static int mask(Change change) {
    return switch (change) {
      case CREATED -> IN_CREATE;
      case MODIFIED -> IN_MODIFY;
      case MOVED_IN -> IN_MOVED_TO;
      case REMOVED -> IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF;
    };
  }

  private synchronized void forget(Listener listener) {
    List<Listener> sharing = listeners.get(listener.watch);
    if (sharing != null && sharing.remove(listener) && sharing.isEmpty()) {
      listeners.remove(listener.watch);
      if (!closed) {
        // Fails when the kernel has just removed it with its object; numbers are not used again.
        LIBC.inotify_rm_watch(inotify, listener.watch);
      }
    }
  }

  /** No listener is called any more when this returns, unless a listener calls it. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      listeners.clear();
    }
    try (Arguments arguments = new Arguments()) {
      NativeBuffer one = arguments.allocate(Long.BYTES);
      one.bytes.putLong(0, 1);
      Native.check(LIBC.write(wake, one.address, Long.BYTES), "stop watching files");
    }
    Threads.joinUninterruptibly(thread);
    LIBC.close(inotify);
    LIBC.close(wake);
  }

  private void run() {
    // struct pollfd: descriptor at 0, events at 4, what came at 6.
    NativeBuffer poll = new NativeBuffer(16);
    poll.bytes.putInt(0, inotify).putShort(4, POLLIN).putInt(8, wake).putShort(12, POLLIN);
    NativeBuffer events = new NativeBuffer(BUFFER_SIZE);
    while (true) {
      if (LIBC.poll(poll.address, 2, -1) < 0) {
        if (Native.errno() != EINTR) {
          fail();
          return;
        }
      } else if (poll.bytes.getShort(14) != 0) {
        return;
      } else if (poll.bytes.getShort(6) != 0) {
        long size = LIBC.read(inotify, events.address, BUFFER_SIZE);
        if (size < 0 && Native.errno() != EINTR) {
          fail();
          return;
        }
        for (int at = 0; at < size; at += HEADER_SIZE + events.bytes.getInt(at + 12)) {
          dispatch(events.bytes, at);
        }
      }
    }
  }

  private void fail() {
    LOG.error("Changes of files are not seen any more: errno {}", Native.errno());
    all().forEach(listener -> listener.tell(OVERFLOW));
  }

  private void dispatch(ByteBuffer events, int at) {
    int mask = events.getInt(at + 4);
    if ((mask & IN_Q_OVERFLOW) != 0) {
      all().forEach(listener -> listener.tell(OVERFLOW));
    } else if ((mask & IN_IGNORED) != 0) {
      // Nothing will come any more: the object was removed, or its file system unmounted.
      gone(events.getInt(at)).forEach(listener -> listener.tell(OVERFLOW));
    } else {
      String name =
          events.getInt(at + 12) == 0 ? "" : KernelText.decodeUntilNul(events, at + HEADER_SIZE);
      for (Listener listener : sharing(events.getInt(at))) {
        if ((listener.mask & mask) != 0) {
          listener.tell(name);
        }
      }
    }
  }

  private synchronized List<Listener> all() {
    return listeners.values().stream().flatMap(List::stream).toList();
  }

  private synchronized List<Listener> sharing(int watch) {
    return List.copyOf(listeners.getOrDefault(watch, List.of()));
  }

  private synchronized List<Listener> gone(int watch) {
    List<Listener> sharing = listeners.remove(watch);
    return sharing == null ? List.of() : List.copyOf(sharing);
  }
}
