package dev.taffrail.content;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Turns failures of file operations into ours. */
final class Disk {
  private Disk() {}

  /** NOT_FOUND for a missing file, RESOURCE_EXHAUSTED for a full disk. */
  static RuntimeFailure failure(String attempt, IOException e) {
    Kind kind = Kind.INTERNAL;
    if (e instanceof NoSuchFileException) {
      kind = Kind.NOT_FOUND;
    } else if (String.valueOf(e.getMessage()).contains("No space left on device")) {
      kind = Kind.RESOURCE_EXHAUSTED;
    }
    return new RuntimeFailure(kind, "Cannot " + attempt + ": " + e.getMessage(), e);
  }

  /** Makes the names in a directory durable. */
  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory)) {
      channel.force(true);
    }
  }
}
