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

  /** Mount points at or below {@code directory}, deepest first. */
  List<MountPoint> below(Path directory);
}
