package dev.taffrail.linux;

import static dev.taffrail.linux.Native.EINTR;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.O_CLOEXEC;
import static dev.taffrail.linux.Native.O_RDONLY;

import java.io.ByteArrayOutputStream;

/** Files of proc(5), which have no size until they are read. */
final class ProcFile {
  private static final int CHUNK = 4096;

  private ProcFile() {}

  /** Everything in it; fails as open(2) and read(2), ESRCH when the process has gone. */
  static byte[] read(String path, String action) {
    try (Arguments arguments = new Arguments()) {
      int file = Native.check(LIBC.open(arguments.string(path), O_RDONLY | O_CLOEXEC, 0), action);
      try {
        NativeBuffer chunk = arguments.allocate(CHUNK);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        while (true) {
          long size = LIBC.read(file, chunk.address, CHUNK);
          if (size == 0) {
            return content.toByteArray();
          }
          if (size > 0) {
            byte[] part = new byte[(int) size];
            chunk.bytes.get(0, part);
            content.writeBytes(part);
          } else if (Native.errno() != EINTR) {
            throw Native.failure(Native.errno(), action);
          }
        }
      } finally {
        LIBC.close(file);
      }
    }
  }
}
