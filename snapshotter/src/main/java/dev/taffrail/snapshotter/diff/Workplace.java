package dev.taffrail.snapshotter.diff;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.linux.MountPoint;
import dev.taffrail.core.linux.Mounts;
import dev.taffrail.core.linux.Tree;
import dev.taffrail.core.linux.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Opens the tree that mounts describe, mounting them for the time only where that is needed. */
final class Workplace {
  private final Path directory;
  private final Mounts mounts;
  private final Trees trees;

  Workplace(Path directory, Mounts mounts, Trees trees) {
    this.directory = directory;
    this.mounts = mounts;
    this.trees = trees;
  }

  /** Unmounts and removes what a crash has left. */
  void clear() {
    for (MountPoint left : mounts.below(directory)) {
      mounts.unmount(left.target(), true);
    }
    trees.removeAll(directory);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot create " + directory, e);
    }
  }

  <T> T in(List<Mount> snapshot, Function<Tree, T> work) {
    if (snapshot.size() == 1 && snapshot.get(0).type().equals("bind")) {
      try (Tree tree = trees.open(Path.of(snapshot.get(0).source()))) {
        return work.apply(tree);
      }
    }
    Path target;
    try {
      target = Files.createTempDirectory(directory, "mount");
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot create a mount point in " + directory, e);
    }
    try {
      snapshot.forEach(mount -> mounts.mount(mount, target));
      try (Tree tree = trees.open(target)) {
        return work.apply(tree);
      }
    } finally {
      for (MountPoint made : mounts.below(target)) {
        mounts.unmount(made.target(), true);
      }
      trees.removeAll(target);
    }
  }
}
