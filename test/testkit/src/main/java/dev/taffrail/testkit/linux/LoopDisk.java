package dev.taffrail.testkit.linux;

import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A small ext4 file system of its own, mounted through a loop device. Closing unmounts it. */
public final class LoopDisk implements AutoCloseable {
  private static final int[] STEPS = {16 << 10, 1 << 10};

  private final Path image;
  private final Path root;
  private int fillers;

  private LoopDisk(Path image, Path root) {
    this.image = image;
    this.root = root;
  }

  /**
   * Mounts one below {@code directory}; says why when this host cannot.
   *
   * @param bytes of the whole disk
   */
  public static Optional<LoopDisk> mount(Path directory, long bytes) {
    return mount(directory, "disk", bytes);
  }

  /** The same with a name of its own: {@code directory/name} is the mounted directory. */
  public static Optional<LoopDisk> mount(Path directory, String name, long bytes) {
    Path image = directory.resolve(name + ".img");
    Path root = directory.resolve(name);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // Without a journal there is more of it, and no reserved blocks for root.
    CommandResult made = run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image.toString());
    CommandResult mounted =
        made.code() == 0 ? run("mount", "-o", "loop", image.toString(), root.toString()) : made;
    return mounted.code() == 0 ? Optional.of(new LoopDisk(image, root)) : Optional.empty();
  }

  private static CommandResult run(String... command) {
    return Commands.run(Map.of(), new byte[0], List.of(command));
  }

  public Path root() {
    return root;
  }

  /** Takes all free space but about {@code left} bytes; a block or two may stay at least. */
  public void fill(long left) {
    for (int step : STEPS) {
      fillers++;
      Path filler = root.resolve("filler" + fillers);
      for (long size = root.toFile().getUsableSpace() - left; size > 0; size -= step) {
        if (run("fallocate", "-l", Long.toString(size), filler.toString()).code() == 0) {
          break;
        }
        deleteIfExists(filler);
      }
    }
  }

  /** Gives back what {@link #fill} took. */
  public void empty() {
    for (; fillers > 0; fillers--) {
      deleteIfExists(root.resolve("filler" + fillers));
    }
  }

  private static void deleteIfExists(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    CommandResult unmounted = run("umount", root.toString());
    if (unmounted.code() != 0) {
      run("umount", "-l", root.toString());
      throw new AssertionError("Cannot unmount " + root + ": " + unmounted);
    }
    deleteIfExists(image);
  }
}
