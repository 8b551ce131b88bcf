package dev.taffrail.linux;

import static dev.taffrail.linux.Native.EAGAIN;
import static dev.taffrail.linux.Native.EINTR;
import static dev.taffrail.linux.Native.ENOENT;
import static dev.taffrail.linux.Native.ENOTDIR;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.OPEN_HOW_SIZE;
import static dev.taffrail.linux.Native.O_CLOEXEC;
import static dev.taffrail.linux.Native.O_DIRECTORY;
import static dev.taffrail.linux.Native.O_PATH;
import static dev.taffrail.linux.Native.PATH_MAX;
import static dev.taffrail.linux.Native.RESOLVE_IN_ROOT;
import static dev.taffrail.linux.Native.RESOLVE_NO_MAGICLINKS;
import static dev.taffrail.linux.Native.SYS_openat2;

/**
 * Splits a name into the descriptor of its directory, resolved inside a root, and its last
 * component. The directory of the name before is kept, since an archive names the files of one
 * directory together.
 */
final class NameResolver implements AutoCloseable {
  /** openat2(2) gives up, EAGAIN, when something was renamed while it passed a {@code ..}. */
  private static final int ATTEMPTS = 4096;

  private final int root;
  private final NativeBuffer path = new NativeBuffer(PATH_MAX);
  private final NativeBuffer leaf = new NativeBuffer(PATH_MAX);
  private final NativeBuffer how = new NativeBuffer(OPEN_HOW_SIZE);
  private String cachedName = "";
  private int cachedDirectory;
  private int errno;

  NameResolver(int root) {
    this.root = root;
    this.cachedDirectory = root;
  }

  /**
   * The directory that holds {@code name}, whose last component is at {@link #leaf()} until the
   * next call; -1 and {@link #errno()} on failure. The last component is never {@code ..} and never
   * empty: the root, and any name that ends in {@code ..}, is {@code .} in itself.
   */
  int find(String name) {
    int end = lengthWithoutTail(name);
    int slash = name.lastIndexOf('/', end - 1);
    int from = slash + 1;
    if (end == 0) {
      leaf.string(".");
      return root;
    }
    if (end - from == 2 && name.startsWith("..", from)) {
      leaf.string(".");
      return directory(name, end);
    }
    leaf.string(name, from, end);
    return directory(name, Math.max(slash, 0));
  }

  /** The address of the last component. */
  long leaf() {
    return leaf.address;
  }

  /** The last component. */
  String leafText() {
    return KernelText.decodeUntilNul(leaf.bytes, 0);
  }

  /** Whether the last component is the directory itself, and so no name that could be taken. */
  boolean leafIsDirectoryItself() {
    return leaf.bytes.get(0) == '.' && leaf.bytes.get(1) == 0;
  }

  /** Why {@link #find} or {@link #open} failed. */
  int errno() {
    return errno;
  }

  /** Whether they failed because there is no such name. */
  boolean absent() {
    return errno == ENOENT || errno == ENOTDIR;
  }

  /** Opens what the whole of {@code name} resolves to inside the root; -1 on failure. */
  int open(String name, int flags) {
    int end = lengthWithoutTail(name);
    return end == 0 ? open(".", 1, flags) : open(name, end, flags);
  }

  /** Forgets the directory of the name before, because it may have gone. */
  void forget() {
    if (cachedDirectory != root) {
      Native.closeQuietly(cachedDirectory);
    }
    cachedDirectory = root;
    cachedName = "";
  }

  @Override
  public void close() {
    forget();
  }

  private int directory(String name, int end) {
    int length = end;
    while (length > 0 && name.charAt(length - 1) == '/') {
      length--;
    }
    if (length == 0) {
      return root;
    }
    if (length == cachedName.length() && name.startsWith(cachedName)) {
      return cachedDirectory;
    }
    int opened = open(name, length, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (opened >= 0) {
      forget();
      cachedDirectory = opened;
      cachedName = name.substring(0, length);
    }
    return opened;
  }

  private int open(String name, int end, int flags) {
    path.string(name, 0, end);
    how.bytes.putLong(0, flags).putLong(8, 0).putLong(16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    for (int attempt = 1; ; attempt++) {
      long opened = LIBC.syscall(SYS_openat2, root, path.address, how.address, OPEN_HOW_SIZE);
      if (opened >= 0) {
        return (int) opened;
      }
      errno = Native.errno();
      if (errno != EINTR && (errno != EAGAIN || attempt == ATTEMPTS)) {
        return -1;
      }
    }
  }

  /** Drops any {@code /} and {@code /.} at the end, so that 0 is left of the root. */
  private static int lengthWithoutTail(String name) {
    int end = name.length();
    while (end > 0) {
      if (name.charAt(end - 1) == '/'
          || (name.charAt(end - 1) == '.' && (end == 1 || name.charAt(end - 2) == '/'))) {
        end--;
      } else {
        return end;
      }
    }
    return 0;
  }
}
