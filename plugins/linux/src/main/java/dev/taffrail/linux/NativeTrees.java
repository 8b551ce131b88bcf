package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AT_FDCWD;
import static dev.taffrail.linux.Native.ENOENT;
import static dev.taffrail.linux.Native.ENOTDIR;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.O_CLOEXEC;
import static dev.taffrail.linux.Native.O_DIRECTORY;
import static dev.taffrail.linux.Native.O_PATH;
import static dev.taffrail.linux.Native.O_RDONLY;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Tree;
import dev.taffrail.core.linux.Trees;
import java.nio.file.Path;

/** Trees held by the descriptor of their root. */
final class NativeTrees implements Trees {
  @Override
  public Tree open(Path root) {
    return new NativeTree(
        root.toString(),
        Native.check(
            openDirectory(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open the tree " + root));
  }

  @Override
  public void removeAll(Path root) {
    Path absolute = root.toAbsolutePath().normalize();
    if (absolute.getParent() == null) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Cannot remove " + root);
    }
    int parent = openDirectory(absolute.getParent(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) {
      int errno = Native.errno();
      if (errno == ENOENT || errno == ENOTDIR) {
        return;
      }
      throw Native.failure(errno, "remove " + root);
    }
    try {
      new TreeRemover().remove(parent, absolute.getFileName().toString(), root.toString());
    } finally {
      LIBC.close(parent);
    }
  }

  private static int openDirectory(Path path, int flags) {
    try (Arguments arguments = new Arguments()) {
      return LIBC.openat(AT_FDCWD, arguments.string(path.toString()), flags, 0);
    }
  }
}
