package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AT_REMOVEDIR;
import static dev.taffrail.linux.Native.EISDIR;
import static dev.taffrail.linux.Native.ELOOP;
import static dev.taffrail.linux.Native.ENOENT;
import static dev.taffrail.linux.Native.ENOTDIR;
import static dev.taffrail.linux.Native.ENOTEMPTY;
import static dev.taffrail.linux.Native.EXDEV;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.OPEN_HOW_SIZE;
import static dev.taffrail.linux.Native.O_CLOEXEC;
import static dev.taffrail.linux.Native.O_DIRECTORY;
import static dev.taffrail.linux.Native.O_NOFOLLOW;
import static dev.taffrail.linux.Native.O_RDONLY;
import static dev.taffrail.linux.Native.PATH_MAX;
import static dev.taffrail.linux.Native.RESOLVE_BENEATH;
import static dev.taffrail.linux.Native.RESOLVE_NO_SYMLINKS;
import static dev.taffrail.linux.Native.RESOLVE_NO_XDEV;
import static dev.taffrail.linux.Native.SYS_openat2;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;

/**
 * Removes whole trees by descriptors, so that a directory swapped for a link meanwhile leads
 * nowhere, and never enters a mount. Depth is bounded: directories further down are moved up into
 * the one that is being removed, so neither descriptors nor the stack run out on hostile trees.
 */
final class TreeRemover {
  private static final int MAX_DEPTH = 64;

  /** How often a directory is emptied again when others keep filling it. */
  private static final int ATTEMPTS = 16;

  private final DirectoryReader reader = new DirectoryReader();
  private final NativeBuffer name = new NativeBuffer(PATH_MAX);
  private final NativeBuffer newName = new NativeBuffer(PATH_MAX);
  private final NativeBuffer how = new NativeBuffer(OPEN_HOW_SIZE);

  /** The directory being removed, for messages. */
  private String subject = "";

  /** What was moved up; the counter makes the names. */
  private long moved;

  /** Removes {@code entry} of {@code directory} and all below it; absent is fine. */
  void remove(int directory, String entry, String shownAs) {
    subject = shownAs;
    removeAny(directory, new DirectoryReader.Entry(entry, false), 0, directory);
  }

  private void removeAny(int directory, DirectoryReader.Entry entry, int depth, int top) {
    if (!entry.directory()) {
      if (LIBC.unlinkat(directory, name.string(entry.name()), 0) == 0) {
        return;
      }
      int errno = Native.errno();
      if (errno == ENOENT) {
        return;
      }
      if (errno != EISDIR) {
        throw failure(errno);
      }
    }
    if (depth > MAX_DEPTH) {
      moveUp(directory, entry.name(), top);
    } else {
      removeDirectory(directory, entry.name(), depth, top);
    }
  }

  private void removeDirectory(int directory, String entry, int depth, int top) {
    for (int attempt = 1; ; attempt++) {
      long movedBefore = moved;
      if (!empty(directory, entry, depth, top)
          || LIBC.unlinkat(directory, name.string(entry), AT_REMOVEDIR) == 0) {
        return;
      }
      int errno = Native.errno();
      if (errno == ENOENT) {
        return;
      }
      if (moved > movedBefore && depth == 0) {
        attempt = 0;
      }
      if (errno != ENOTEMPTY || attempt == ATTEMPTS) {
        throw failure(errno);
      }
    }
  }

  /** False when nothing is left to be done: {@code entry} is gone, or was no directory any more. */
  private boolean empty(int parent, String entry, int depth, int top) {
    how.bytes
        .putLong(0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        .putLong(8, 0)
        .putLong(16, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
    int opened =
        (int) LIBC.syscall(SYS_openat2, parent, name.string(entry), how.address, OPEN_HOW_SIZE);
    if (opened < 0) {
      int errno = Native.errno();
      if (errno == ENOENT) {
        return false;
      }
      if (errno == ENOTDIR || errno == ELOOP) {
        Native.check(LIBC.unlinkat(parent, name.address, 0), "remove " + subject);
        return false;
      }
      if (errno == EXDEV) {
        throw new RuntimeFailure(
            Kind.FAILED_PRECONDITION,
            "Cannot remove " + subject + ": something is mounted on " + entry);
      }
      throw failure(errno);
    }
    try {
      for (DirectoryReader.Entry child : reader.read(opened, "list " + subject)) {
        removeAny(opened, child, depth + 1, depth == 0 ? opened : top);
      }
    } finally {
      LIBC.close(opened);
    }
    return true;
  }

  private void moveUp(int directory, String entry, int top) {
    while (true) {
      String free = ".removed-" + moved++;
      if (LIBC.renameat(directory, name.string(entry), top, newName.string(free)) == 0) {
        return;
      }
      int errno = Native.errno();
      if (errno == ENOENT) {
        return;
      }
      // A name of the tree itself; the next number is tried.
      if (errno != ENOTEMPTY && errno != ENOTDIR) {
        throw failure(errno);
      }
    }
  }

  private RuntimeFailure failure(int errno) {
    return Native.failure(errno, "remove " + subject);
  }
}
