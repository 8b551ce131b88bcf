package dev.taffrail.snapshotter.overlay;

import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.snapshot.SnapshotKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** How a snapshot is mounted; the same choices as containerd's overlay snapshotter. */
final class OverlayMounts {
  private final SnapshotDirectories directories;

  OverlayMounts(SnapshotDirectories directories) {
    this.directories = directories;
  }

  /**
   * A bind mount where there is only one directory, else an overlay.
   *
   * @param parents directories, nearest first
   */
  List<Mount> of(long directory, SnapshotKind kind, List<Long> parents) {
    if (kind == SnapshotKind.VIEW) {
      if (parents.size() <= 1) {
        long only = parents.isEmpty() ? directory : parents.get(0);
        return List.of(bind(directories.fs(only), "ro"));
      }
      return List.of(new Mount("overlay", "overlay", List.of(lower(parents))));
    }
    if (parents.isEmpty()) {
      return List.of(bind(directories.fs(directory), "rw"));
    }
    List<String> options = new ArrayList<>();
    options.add("workdir=" + escape(directories.work(directory), ","));
    options.add("upperdir=" + escape(directories.fs(directory), ","));
    options.add(lower(parents));
    return List.of(new Mount("overlay", "overlay", options));
  }

  private static Mount bind(Path source, String access) {
    return new Mount("bind", source.toString(), List.of(access, "rbind"));
  }

  private String lower(List<Long> parents) {
    return "lowerdir="
        + parents.stream()
            .map(parent -> escape(directories.fs(parent), ",:"))
            .collect(Collectors.joining(":"));
  }

  /** Linux, Documentation/filesystems/overlayfs.rst: a backslash hides separators. */
  private static String escape(Path path, String separators) {
    StringBuilder escaped = new StringBuilder();
    for (char c : path.toString().toCharArray()) {
      if (c == '\\' || separators.indexOf(c) >= 0) {
        escaped.append('\\');
      }
      escaped.append(c);
    }
    return escaped.toString();
  }
}
