package dev.taffrail.core.host;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The file that tells others the daemon's pid. */
final class PidFile implements AutoCloseable {
  private final Path path;

  private PidFile(Path path) {
    this.path = path;
  }

  /** FAILED_PRECONDITION when it names a live process; one of a dead process is replaced. */
  static PidFile write(Path path) {
    long own = ProcessHandle.current().pid();
    long other = read(path);
    if (other != own && ProcessHandle.of(other).filter(ProcessHandle::isAlive).isPresent()) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "ensure taffraild is not running or delete "
              + path
              + ": process with PID "
              + other
              + " is still running");
    }
    try {
      if (path.getParent() != null) {
        Files.createDirectories(path.getParent());
      }
      Files.writeString(path, Long.toString(own));
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot write the pidfile " + path + ": " + e, e);
    }
    return new PidFile(path);
  }

  /** The pid in the file; 0 when there is none or no pid in it. */
  private static long read(Path path) {
    try {
      return Math.max(0, Long.parseLong(Files.readString(path).strip()));
    } catch (NoSuchFileException | NumberFormatException e) {
      return 0;
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot read the pidfile " + path + ": " + e, e);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot remove the pidfile " + path + ": " + e, e);
    }
  }
}
