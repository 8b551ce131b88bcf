package dev.taffrail.shim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The two ends of a text that may be huge: what a program printed when it failed. */
final class Excerpt {
  /** Bytes, and characters, of either end. */
  static final int END = 4096;

  private Excerpt() {}

  /** A file's text; both ends of one that is longer than they are. */
  static String of(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      return size <= 2 * END
          ? text(channel, 0, 2 * END)
          : join(text(channel, 0, END), text(channel, size - END, END));
    }
  }

  private static String text(FileChannel channel, long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    int read = 0;
    while (buffer.hasRemaining() && read >= 0) {
      read = channel.read(buffer, position + buffer.position());
    }
    return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
  }

  /** The same for a text in memory. */
  static String of(String text) {
    return text.length() <= 2 * END
        ? text
        : join(text.substring(0, END), text.substring(text.length() - END));
  }

  private static String join(String head, String tail) {
    return head + "\n[…]\n" + tail;
  }
}
