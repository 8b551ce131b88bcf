package dev.taffrail.snapshotter.overlay;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Tree;
import dev.taffrail.core.linux.Trees;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;

/**
 * The directories of snapshots, by number: {@code snapshots/<n>/fs}, and {@code work} beside it for
 * a writable one. What is to be removed is first moved to {@code removed/}. Every method blocks.
 */
final class SnapshotDirectories {
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  /** As containerd makes them: the root of a container without layers. */
  private static final Set<PosixFilePermission> ROOT = PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path snapshots;
  private final Path removed;
  private final Trees trees;

  SnapshotDirectories(Path root, Trees trees) {
    this.snapshots = root.resolve("snapshots");
    this.removed = root.resolve("removed");
    this.trees = trees;
  }

  void create() {
    try {
      Files.createDirectories(snapshots);
      Files.createDirectories(removed);
    } catch (IOException e) {
      throw failure("create " + snapshots, e);
    }
  }

  Path fs(long number) {
    return snapshots.resolve(Long.toString(number)).resolve("fs");
  }

  Path work(long number) {
    return snapshots.resolve(Long.toString(number)).resolve("work");
  }

  /** Makes what is missing of a snapshot's directory. */
  void make(long number, boolean writable) {
    try {
      makeDirectory(fs(number).getParent(), PRIVATE);
      makeDirectory(fs(number), ROOT);
      if (writable) {
        makeDirectory(work(number), PRIVATE);
      }
    } catch (IOException e) {
      throw failure("make the directory of snapshot " + number, e);
    }
  }

  // The mode is set apart from the creation, which the umask cuts.
  private static void makeDirectory(Path directory, Set<PosixFilePermission> mode)
      throws IOException {
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      return;
    }
    Files.setPosixFilePermissions(directory, mode);
  }

  boolean exists(long number) {
    return Files.isDirectory(fs(number));
  }

  /** Brings everything that was written to the snapshot to disk. */
  void sync(long number) {
    try (Tree tree = trees.open(fs(number))) {
      tree.sync();
    }
  }

  /** Takes the directory out of the way, at once and whatever its size; a missing one is fine. */
  void discard(long number) {
    Path directory = snapshots.resolve(Long.toString(number));
    try {
      if (Files.exists(directory)) {
        Files.move(
            directory, removed.resolve(directory.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw failure("discard " + directory, e);
    }
  }

  /** Removes a discarded directory for good. */
  void erase(long number) {
    trees.removeAll(removed.resolve(Long.toString(number)));
  }

  /** Discards directories whose number is not in use, and erases everything discarded. */
  void sweep(Set<Long> inUse) {
    Set<String> names = new HashSet<>();
    inUse.forEach(number -> names.add(Long.toString(number)));
    try (DirectoryStream<Path> found = Files.newDirectoryStream(snapshots)) {
      for (Path directory : found) {
        if (!names.contains(directory.getFileName().toString())) {
          trees.removeAll(directory);
        }
      }
    } catch (IOException e) {
      throw failure("sweep " + snapshots, e);
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(removed)) {
      for (Path directory : found) {
        trees.removeAll(directory);
      }
    } catch (IOException e) {
      throw failure("sweep " + removed, e);
    }
  }

  /** Bytes on disk of a snapshot's own files, each inode once, as containerd counts. */
  long usage(long number) {
    Set<Object> inodes = new HashSet<>();
    long[] bytes = {0};
    try {
      Files.walkFileTree(
          fs(number),
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isRegularFile() && inodes.add(attributes.fileKey())) {
                bytes[0] += attributes.size();
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw failure("measure snapshot " + number, e);
    }
    return bytes[0];
  }

  private static RuntimeFailure failure(String attempt, IOException e) {
    Kind kind =
        String.valueOf(e.getMessage()).contains("No space left on device")
            ? Kind.RESOURCE_EXHAUSTED
            : Kind.INTERNAL;
    return new RuntimeFailure(kind, "Cannot " + attempt + ": " + e.getMessage(), e);
  }
}
