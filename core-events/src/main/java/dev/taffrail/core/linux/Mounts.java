package dev.taffrail.core.linux;

import java.nio.file.Path;
import java.util.List;

/** Mounting; see mount(2) and umount2(2). */
public interface Mounts {
  /**
   * Mounts on an existing target. A bind mount with {@code ro} is remounted read-only. Overlay
   * mounts with more lower directories than an option page holds are mounted all the same.
   */
  void mount(Mount mount, Path target);

  /**
   * Does nothing when nothing is mounted there.
   *
   * @param detach lazily (MNT_DETACH), when it is busy
   */
  void unmount(Path target, boolean detach);

  /**
   * Takes what is mounted at {@code target} out of sight, at once and also when it is busy. The
   * file system itself ends when the result is closed, which may take long: it writes out its data
   * first. Does nothing when nothing is mounted there.
   */
  Detached detach(Path target);

  /** A file system that nobody sees any more. */
  interface Detached extends AutoCloseable {
    /** Blocks while the file system ends, unless others still use it. */
    @Override
    void close();
  }

  /** Mount points at or below {@code directory}, deepest first. */
  List<MountPoint> below(Path directory);
}
