package dev.taffrail.linux;

import java.nio.charset.StandardCharsets;

/**
 * The mask the kernel takes from the mode of a new file; see umask(2). It is read, and never set:
 * it belongs to the whole process, and files that are made elsewhere rely on it.
 */
final class Umask {
  static final int VALUE = read();

  private Umask() {}

  private static int read() {
    byte[] status = ProcFile.read("/proc/thread-self/status", "read the umask");
    for (String line : new String(status, StandardCharsets.ISO_8859_1).lines().toList()) {
      if (line.startsWith("Umask:")) {
        return Integer.parseInt(line.substring("Umask:".length()).trim(), 8);
      }
    }
    // Before Linux 4.7: every mode is set once more after the file was made.
    return 0777;
  }
}
