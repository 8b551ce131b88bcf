package dev.taffrail.http.docker;

import dev.taffrail.core.task.OutputFrame;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/**
 * How output is written to a client: as it is for a terminal, else multiplexed as moby's stdcopy
 * does, {@code {stream, 0, 0, 0, length as u32 big-endian}} before each piece.
 */
final class Framing {
  private static final byte SYSTEM_ERROR = 3;
  private static final int HEADER_BYTES = 8;

  private final boolean raw;
  private final boolean timestamps;
  private final boolean details;
  private final Set<OutputFrame.Stream> insideLine = EnumSet.noneOf(OutputFrame.Stream.class);

  /**
   * @param details what the log driver noted before each line: nothing so far, but the blank after
   *     it
   */
  Framing(boolean raw, boolean timestamps, boolean details) {
    this.raw = raw;
    this.timestamps = timestamps;
    this.details = details;
  }

  void append(Buffer to, OutputFrame frame) {
    Buffer stamp = stamp(frame);
    int length = stamp.length() + frame.data().length();
    if (!raw) {
      header(to, (byte) (frame.stream() == OutputFrame.Stream.STDOUT ? 1 : 2), length);
    }
    to.appendBuffer(stamp).appendBuffer(frame.data());
  }

  /** Empty unless a line begins here and something is wanted before it. */
  private Buffer stamp(OutputFrame frame) {
    boolean begins = !insideLine.contains(frame.stream());
    int length = frame.data().length();
    if (length > 0 && frame.data().getByte(length - 1) == '\n') {
      insideLine.remove(frame.stream());
    } else if (length > 0) {
      insideLine.add(frame.stream());
    }
    if (!begins) {
      return Buffer.buffer();
    }
    return Buffer.buffer((timestamps ? Times.fixed(frame.at()) + " " : "") + (details ? " " : ""));
  }

  /** What ends a stream that failed; a terminal gets nothing, it could not tell. */
  Buffer error(String message) {
    if (raw) {
      return Buffer.buffer();
    }
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    Buffer to = Buffer.buffer(HEADER_BYTES + text.length);
    header(to, SYSTEM_ERROR, text.length);
    return to.appendBytes(text);
  }

  private static void header(Buffer to, byte stream, int length) {
    to.appendByte(stream).appendBytes(new byte[3]).appendInt(length);
  }

  /** Docker names the multiplexed form since 1.42. */
  static String contentType(boolean terminal, ApiVersion version) {
    return !terminal && version.atLeast(42)
        ? "application/vnd.docker.multiplexed-stream"
        : "application/vnd.docker.raw-stream";
  }
}
