package dev.taffrail.core.linux;

import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/** File notifications; see inotify(7). */
public interface FileWatcher {
  /**
   * Calls {@code listener} on the watcher thread with the name of the file inside {@code
   * directory}, or with an empty string when {@code directory} is itself a file. It must not block.
   * After an overflow of the kernel's queue the listener is called with {@link #OVERFLOW}, and a
   * last time when {@code directory} itself is gone.
   */
  Watch watch(Path directory, Set<Change> changes, Consumer<String> listener);

  /** Tells a listener that notifications were lost and that it must look for itself. */
  String OVERFLOW = "\0";

  /** What to watch for. */
  enum Change {
    CREATED,
    MODIFIED,
    MOVED_IN,
    REMOVED
  }

  /** Ends on close. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
