package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AT_FDCWD;
import static dev.taffrail.linux.Native.CLONE_NEWNET;
import static dev.taffrail.linux.Native.EEXIST;
import static dev.taffrail.linux.Native.EINVAL;
import static dev.taffrail.linux.Native.ENOENT;
import static dev.taffrail.linux.Native.ENOTDIR;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.MNT_DETACH;
import static dev.taffrail.linux.Native.MS_BIND;
import static dev.taffrail.linux.Native.NSFS_MAGIC;
import static dev.taffrail.linux.Native.NS_GET_NSTYPE;
import static dev.taffrail.linux.Native.O_CLOEXEC;
import static dev.taffrail.linux.Native.O_CREAT;
import static dev.taffrail.linux.Native.O_EXCL;
import static dev.taffrail.linux.Native.O_NONBLOCK;
import static dev.taffrail.linux.Native.O_RDONLY;
import static dev.taffrail.linux.Native.STATFS_SIZE;
import static dev.taffrail.linux.Native.UMOUNT_NOFOLLOW;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.NetworkNamespaces;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/**
 * Namespaces by bind mounts of nsfs, as ip-netns(8) makes them.
 *
 * <p>Other mount namespaces may hold copies of such a mount: those that were cloned while it was
 * there, and those it spread to. Where the parent is shared, umount2(2) takes them along; the rest
 * goes with the file, since Linux 3.18: unlink(2) detaches whatever is mounted on the file
 * elsewhere. So the parent needs no propagation of its own, as that of ip-netns(8) has.
 */
final class NativeNetworkNamespaces implements NetworkNamespaces {
  /** The first thread's, which never leaves the namespace of the process. */
  static final Path OWN = Path.of("/proc/self/ns/net");

  @Override
  public void create(Path path) {
    String action = "make a network namespace at " + path;
    requireAbsent(path, action);
    NamespaceThread.call(
        () -> {
          Native.check(LIBC.unshare(CLONE_NEWNET), action);
          try (NetlinkStack stack = new NetlinkStack(NetlinkSocket.open(), this)) {
            stack.setUp("lo");
          }
          mount(path, action);
          return null;
        });
  }

  @Override
  public synchronized void remove(Path path) {
    String action = "remove the network namespace at " + path;
    try (Arguments arguments = new Arguments()) {
      long name = arguments.string(path.toString());
      // Several on one file: a daemon of another kind was at work.
      while (LIBC.umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {}
      int errno = Native.errno();
      if (errno != EINVAL && errno != ENOENT && errno != ENOTDIR) {
        throw Native.failure(errno, action);
      }
      if (LIBC.unlinkat(AT_FDCWD, name, 0) < 0) {
        errno = Native.errno();
        if (errno != ENOENT && errno != ENOTDIR) {
          throw Native.failure(errno, action);
        }
      }
    }
  }

  @Override
  public boolean exists(Path path) {
    int file = openFile(path);
    if (file < 0) {
      int errno = Native.errno();
      if (errno == ENOENT || errno == ENOTDIR) {
        return false;
      }
      throw Native.failure(errno, "look for a network namespace at " + path);
    }
    try {
      return isNetworkNamespace(file);
    } finally {
      LIBC.close(file);
    }
  }

  @Override
  public <T> T within(Path path, Callable<T> work) {
    int namespace = open(path);
    try {
      return NamespaceThread.call(
          () -> {
            Native.check(
                LIBC.setns(namespace, CLONE_NEWNET), "enter the network namespace at " + path);
            return work.call();
          });
    } finally {
      LIBC.close(namespace);
    }
  }

  /** A descriptor that the caller closes. NOT_FOUND when there is none. */
  int open(Path path) {
    int file = Native.check(openFile(path), "open the network namespace at " + path);
    if (!isNetworkNamespace(file)) {
      LIBC.close(file);
      throw new RuntimeFailure(Kind.NOT_FOUND, "There is no network namespace at " + path);
    }
    return file;
  }

  /** A pipe must not block it. */
  private static int openFile(Path path) {
    try (Arguments arguments = new Arguments()) {
      return LIBC.open(arguments.string(path.toString()), O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
    }
  }

  private static boolean isNetworkNamespace(int file) {
    try (Arguments arguments = new Arguments()) {
      // struct statfs: the type comes first, as a long.
      NativeBuffer statfs = arguments.allocate(STATFS_SIZE);
      return LIBC.fstatfs(file, statfs.address) == 0
          && statfs.bytes.getLong(0) == NSFS_MAGIC
          && LIBC.ioctl(file, NS_GET_NSTYPE, 0) == CLONE_NEWNET;
    }
  }

  private void requireAbsent(Path path, String action) {
    if (exists(path)) {
      throw new RuntimeFailure(Kind.ALREADY_EXISTS, "Cannot " + action + ": there is one already");
    }
  }

  /** Of two that make one at the same place the second is told; see {@link #remove} as well. */
  private synchronized void mount(Path path, String action) {
    requireAbsent(path, action);
    try (Arguments arguments = new Arguments()) {
      long name = arguments.string(path.toString());
      int file = LIBC.open(name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
      if (file < 0 && Native.errno() != EEXIST) {
        throw Native.failure(Native.errno(), action);
      }
      Native.closeQuietly(file);
      long own = arguments.string("/proc/thread-self/ns/net");
      if (LIBC.mount(own, name, 0, MS_BIND, 0) < 0) {
        RuntimeFailure failure = Native.failure(Native.errno(), action);
        if (file >= 0) {
          LIBC.unlinkat(AT_FDCWD, name, 0);
        }
        throw failure;
      }
    }
  }
}
