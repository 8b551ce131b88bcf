package dev.taffrail.shim.oci;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.task.DeviceMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A device node of the host, as it shall appear in the container.
 *
 * @param type {@code c} or {@code b}
 * @param mode permission bits
 */
record HostDevice(String path, String type, long major, long minor, int mode, long uid, long gid) {
  private static final int S_IFMT = 0170000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFBLK = 0060000;
  private static final Path DEV = Path.of("/dev");

  /** Directories and nodes of {@code /dev} that belong to the host's own life. */
  private static final Set<String> SKIPPED =
      Set.of("pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console");

  /** The device, or all devices below the directory, that {@code mapping} names. */
  static List<HostDevice> of(DeviceMapping mapping) {
    Path source = Path.of(mapping.hostPath());
    try {
      if (!Files.isDirectory(source)) {
        return List.of(read(source.toRealPath(), mapping.containerPath()));
      }
      List<HostDevice> found = new ArrayList<>();
      Files.walkFileTree(
          source,
          new NodeVisitor(
              path ->
                  found.add(
                      read(
                          path,
                          Path.of(mapping.containerPath())
                              .resolve(source.relativize(path).toString())
                              .toString()))));
      return found;
    } catch (NoSuchFileException absent) {
      throw failure(mapping, "no such file or directory");
    } catch (NotADeviceException other) {
      throw failure(mapping, "not a device node");
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read the device " + source, failure);
    }
  }

  private static RuntimeFailure failure(DeviceMapping mapping, String reason) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "error gathering device information while adding custom device \""
            + mapping.hostPath()
            + "\": "
            + reason);
  }

  /** All devices of the host, for privileged containers. */
  static List<HostDevice> all() {
    List<HostDevice> found = new ArrayList<>();
    try {
      Files.walkFileTree(DEV, new NodeVisitor(path -> found.add(read(path, path.toString()))));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot list " + DEV, failure);
    }
    found.sort(java.util.Comparator.comparing(HostDevice::path));
    return found;
  }

  private static HostDevice read(Path path, String target) throws IOException {
    Map<String, Object> node = Files.readAttributes(path, "unix:mode,rdev,uid,gid");
    int mode = (Integer) node.get("mode");
    int type = mode & S_IFMT;
    if (type != S_IFCHR && type != S_IFBLK) {
      throw new NotADeviceException(path);
    }
    long device = (Long) node.get("rdev");
    return new HostDevice(
        target,
        type == S_IFCHR ? "c" : "b",
        major(device),
        minor(device),
        mode & 0777,
        ((Integer) node.get("uid")).longValue(),
        ((Integer) node.get("gid")).longValue());
  }

  /** See makedev(3), glibc's gnu_dev_major. */
  static long major(long device) {
    return (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL);
  }

  static long minor(long device) {
    return (device & 0xff) | (device >>> 12 & ~0xffL & 0xffffffffL);
  }

  private static final class NotADeviceException extends IOException {
    NotADeviceException(Path path) {
      super(path + " is not a device node");
    }
  }

  /** What to do with a device node. */
  private interface NodeAction {
    void accept(Path path) throws IOException;
  }

  private static final class NodeVisitor extends SimpleFileVisitor<Path> {
    private final NodeAction action;

    NodeVisitor(NodeAction action) {
      this.action = action;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return SKIPPED.contains(directory.getFileName().toString())
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      // Neither a regular file, a link nor a directory: a device, a fifo or a socket.
      if (attributes.isOther() && !SKIPPED.contains(file.getFileName().toString())) {
        try {
          action.accept(file);
        } catch (NotADeviceException | NoSuchFileException skipped) {
          return FileVisitResult.CONTINUE;
        }
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException gone) {
      return FileVisitResult.CONTINUE;
    }
  }
}
