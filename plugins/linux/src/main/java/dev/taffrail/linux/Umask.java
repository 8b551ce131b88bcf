package dev.taffrail.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The mask the kernel takes from the mode of a new file; see umask(2). It is read, and never set:
 * it belongs to the whole process, and files that are made elsewhere rely on it.
 */
final class Umask {
  static final int VALUE = read();

  private Umask() {}

  private static int read() {
    try {
      String status =
          Files.readString(Path.of("/proc/thread-self/status"), StandardCharsets.ISO_8859_1);
      for (String line : status.lines().toList()) {
        if (line.startsWith("Umask:")) {
          return Integer.parseInt(line.substring("Umask:".length()).trim(), 8);
        }
      }
    } catch (IOException | NumberFormatException e) {
      // Every mode is then set once more after the file was made.
      return 0777;
    }
    return 0777;
  }
}
