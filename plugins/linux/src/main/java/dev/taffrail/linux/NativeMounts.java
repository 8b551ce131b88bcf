package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AT_EMPTY_PATH;
import static dev.taffrail.linux.Native.AT_FDCWD;
import static dev.taffrail.linux.Native.AT_RECURSIVE;
import static dev.taffrail.linux.Native.EINVAL;
import static dev.taffrail.linux.Native.ENOENT;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.MNT_DETACH;
import static dev.taffrail.linux.Native.MOUNT_ATTR_SIZE_VER0;
import static dev.taffrail.linux.Native.MOUNT_ATTR__ATIME;
import static dev.taffrail.linux.Native.MOVE_MOUNT_F_EMPTY_PATH;
import static dev.taffrail.linux.Native.MOVE_MOUNT_T_SYMLINKS;
import static dev.taffrail.linux.Native.MS_NOATIME;
import static dev.taffrail.linux.Native.MS_RELATIME;
import static dev.taffrail.linux.Native.MS_STRICTATIME;
import static dev.taffrail.linux.Native.OPEN_TREE_CLONE;
import static dev.taffrail.linux.Native.O_CLOEXEC;
import static dev.taffrail.linux.Native.O_NOFOLLOW;
import static dev.taffrail.linux.Native.O_PATH;
import static dev.taffrail.linux.Native.SYS_mount_setattr;
import static dev.taffrail.linux.Native.SYS_move_mount;
import static dev.taffrail.linux.Native.SYS_open_tree;
import static dev.taffrail.linux.Native.UMOUNT_NOFOLLOW;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.linux.MountPoint;
import dev.taffrail.core.linux.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Mounts so that nothing half done is ever seen. File systems go through mount(2), or through
 * {@link LayeredOverlay} when their options are longer than a page; bind mounts are cloned, get
 * their attributes while detached, and only then appear.
 */
final class NativeMounts implements Mounts {
  /** mount(2) copies one page of options and makes its last byte a NUL. */
  static final int OPTION_PAGE = 4096;

  @Override
  public void mount(Mount mount, Path target) {
    MountOptions options = MountOptions.parse(mount.options());
    String action = "mount " + mount.source() + " (" + mount.type() + ") on " + target;
    if (options.isRemount()) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, "Cannot " + action + ": the option remount is not supported");
    }
    if (options.isBind() || mount.type().equals("bind")) {
      bind(mount, options, target, action);
      return;
    }
    String data = String.join(",", options.data());
    int size = data.getBytes(StandardCharsets.UTF_8).length;
    if (size < OPTION_PAGE) {
      mountAt(mount, options, data, target, action);
    } else if (mount.type().equals("overlay")) {
      LayeredOverlay.mount(mount, options, target, action);
    } else {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "Cannot " + action + ": its options take " + size + " bytes, a page is the limit");
    }
    setPropagation(options, target, action);
  }

  @Override
  public Detached detach(Path target) {
    int held;
    try (Arguments arguments = new Arguments()) {
      held = LIBC.open(arguments.string(target.toString()), O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
      int errno = held < 0 ? Native.errno() : 0;
      if (errno == ENOENT) {
        return () -> {};
      }
      if (held < 0) {
        throw Native.failure(errno, "detach " + target);
      }
    }
    try {
      unmount(target, true);
    } catch (RuntimeFailure failure) {
      LIBC.close(held);
      throw failure;
    }
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      if (open.getAndSet(false)) {
        LIBC.close(held);
      }
    };
  }

  @Override
  public void unmount(Path target, boolean detach) {
    try (Arguments arguments = new Arguments()) {
      int flags = UMOUNT_NOFOLLOW | (detach ? MNT_DETACH : 0);
      if (LIBC.umount2(arguments.string(target.toString()), flags) < 0) {
        int errno = Native.errno();
        // EINVAL: there, and no mount point.
        if (errno != EINVAL && errno != ENOENT) {
          throw Native.failure(errno, "unmount " + target);
        }
      }
    }
  }

  @Override
  public List<MountPoint> below(Path directory) {
    return MountTable.below(MountTable.read(), withoutLinks(directory));
  }

  /** The kernel's table has no links in it. */
  private static String withoutLinks(Path directory) {
    try {
      return directory.toRealPath().toString();
    } catch (IOException e) {
      // Gone, or a mount that answers no more: then only its name is left to look for.
      return directory.toAbsolutePath().normalize().toString();
    }
  }

  private static void mountAt(
      Mount mount, MountOptions options, String data, Path target, String action) {
    try (Arguments arguments = new Arguments()) {
      Native.check(
          LIBC.mount(
              arguments.string(mount.source()),
              arguments.string(target.toString()),
              arguments.string(mount.type()),
              options.flags(),
              data.isEmpty() ? 0 : arguments.string(data)),
          action);
    }
  }

  private void bind(Mount mount, MountOptions options, Path target, String action) {
    if (!options.data().isEmpty()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "Cannot " + action + ": a bind mount takes no option " + options.data().get(0));
    }
    try (Arguments arguments = new Arguments()) {
      long flags = OPEN_TREE_CLONE | O_CLOEXEC | (options.isRecursive() ? AT_RECURSIVE : 0);
      int tree =
          Native.check(
              LIBC.syscall(SYS_open_tree, AT_FDCWD, arguments.string(mount.source()), flags, 0),
              action);
      try {
        setAttributes(arguments, tree, options, action);
        appear(arguments, tree, target, action);
      } finally {
        LIBC.close(tree);
      }
    }
    setPropagation(options, target, action);
  }

  /** The top of the clone only, as mount(8) does for {@code rbind,ro}. */
  private static void setAttributes(
      Arguments arguments, int tree, MountOptions options, String action) {
    boolean timesGiven =
        (options.flags() & (MS_NOATIME | MS_STRICTATIME | MS_RELATIME)) != 0
            || (options.clearedAttributes() & MOUNT_ATTR__ATIME) != 0;
    long set = Integer.toUnsignedLong(options.attributes());
    long clear = Integer.toUnsignedLong(options.clearedAttributes() & ~MOUNT_ATTR__ATIME);
    if (timesGiven) {
      // One field of several bits: it has to be cleared as a whole.
      clear |= MOUNT_ATTR__ATIME;
    }
    if (set == 0 && clear == 0) {
      return;
    }
    NativeBuffer attributes = arguments.allocate(MOUNT_ATTR_SIZE_VER0);
    attributes.bytes.putLong(0, set).putLong(8, clear);
    Native.check(
        LIBC.syscall(
            SYS_mount_setattr,
            tree,
            arguments.string(""),
            AT_EMPTY_PATH,
            attributes.address,
            MOUNT_ATTR_SIZE_VER0,
            0),
        action);
  }

  /** Attaches a detached mount. */
  static void appear(Arguments arguments, int detached, Path target, String action) {
    Native.check(
        LIBC.syscall(
            SYS_move_mount,
            detached,
            arguments.string(""),
            AT_FDCWD,
            arguments.string(target.toString()),
            MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS,
            0),
        action);
  }

  private void unmountAfterFailure(Path target, RuntimeFailure failure) {
    try {
      unmount(target, true);
    } catch (RuntimeFailure second) {
      failure.addSuppressed(second);
    }
  }

  /** Another call: mount(2) takes no other flag together with these. */
  private void setPropagation(MountOptions options, Path target, String action) {
    if (options.propagation() == 0) {
      return;
    }
    try (Arguments arguments = new Arguments()) {
      int result = LIBC.mount(0, arguments.string(target.toString()), 0, options.propagation(), 0);
      if (result < 0) {
        RuntimeFailure failure = Native.failure(Native.errno(), action + " (its propagation)");
        unmountAfterFailure(target, failure);
        throw failure;
      }
    }
  }
}
