package dev.taffrail.e2e.crash;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The switch with which a log's writer, or a rebuild, holds still at an event. */
final class Hold {
  private final Path file;

  /** The file need not exist: then nobody holds. */
  Hold(Path file) {
    this.file = file;
  }

  /** For the Java machine that is to obey. */
  String option() {
    return "-Dtaffrail.test.hold=" + file;
  }

  /** Right after the event of this sequence is durable, or right before. */
  void order(boolean durable, long sequence) throws IOException {
    Path ready = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(
        ready, (durable ? "after " : "before ") + sequence, StandardCharsets.US_ASCII);
    Files.move(ready, file);
  }

  /** Whether it stands there, or was never told to. */
  boolean isReached() {
    return !Files.exists(file);
  }

  void withdraw() throws IOException {
    Files.deleteIfExists(file);
  }
}
