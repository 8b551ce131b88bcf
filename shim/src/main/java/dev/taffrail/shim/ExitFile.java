package dev.taffrail.shim;

import dev.taffrail.core.task.TaskExit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** The exit code as the monitor leaves it: decimal, renamed into place. */
final class ExitFile {
  private ExitFile() {}

  /** Empty while the monitor has not written it. */
  static Optional<TaskExit> read(Bundle bundle) {
    try {
      String text = Files.readString(bundle.exitFile(), StandardCharsets.US_ASCII).strip();
      return Optional.of(
          new TaskExit(
              Integer.parseInt(text) & 0xff,
              Files.getLastModifiedTime(bundle.exitFile()).toInstant(),
              bundle.outOfMemory() ? TaskExit.Reason.OUT_OF_MEMORY : TaskExit.Reason.EXITED));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + bundle.exitFile(), failure);
    }
  }
}
