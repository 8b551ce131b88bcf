package dev.taffrail.core.host;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Directories with a mode of their own. */
final class Directories {
  /** Others may pass through, not list: containers with user namespaces reach their files. */
  static final String PASSABLE = "rwx--x--x";

  static final String PRIVATE = "rwx------";

  private Directories() {}

  /** Makes {@code directory} and its parents; one that is there keeps its mode. */
  static void create(Path directory, String mode) {
    try {
      if (directory.getParent() != null) {
        Files.createDirectories(directory.getParent());
      }
      if (make(directory)) {
        // Not as an attribute of its creation: that would be cut by the umask.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
      }
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.INTERNAL, "Cannot create the directory " + directory + ": " + e, e);
    }
  }

  private static boolean make(Path directory) throws IOException {
    try {
      Files.createDirectory(directory);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(directory)) {
        return false;
      }
      throw e;
    }
  }
}
