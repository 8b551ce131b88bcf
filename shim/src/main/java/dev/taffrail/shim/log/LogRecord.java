package dev.taffrail.shim.log;

import dev.taffrail.core.task.OutputFrame;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;

/**
 * Finds the parts of one record inside a buffer. Kept and moved from record to record, so that
 * millions of lines cost no garbage; the seconds of the time are parsed only when they change.
 */
final class LogRecord {
  /** {@code 2026-11-23T21:23:39.691579602+00:00}. */
  private static final int SECONDS_LENGTH = 19;

  private static final byte[] STDOUT = "stdout".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STDERR = "stderr".getBytes(StandardCharsets.US_ASCII);

  private byte[] cachedSeconds = new byte[0];
  private byte[] cachedZone = new byte[0];
  private long cachedEpochSecond;

  private OutputFrame.Stream stream = OutputFrame.Stream.STDOUT;
  private Instant at = Instant.EPOCH;
  private boolean full;
  private int dataStart;

  /**
   * Reads the record in {@code bytes} from {@code start} to its newline at {@code end}; false when
   * it is none.
   */
  boolean parse(byte[] bytes, int start, int end) {
    int timeEnd = indexOf(bytes, (byte) ' ', start, end);
    if (timeEnd < 0) {
      return false;
    }
    int streamEnd = indexOf(bytes, (byte) ' ', timeEnd + 1, end);
    if (streamEnd < 0 || !parseStream(bytes, timeEnd + 1, streamEnd)) {
      return false;
    }
    int tag = streamEnd + 1;
    if (tag + 1 >= end + 1 || (bytes[tag] != 'F' && bytes[tag] != 'P')) {
      return false;
    }
    full = bytes[tag] == 'F';
    // Tags are a list with colons; the bytes follow the space after it.
    int tagsEnd = indexOf(bytes, (byte) ' ', tag, end);
    dataStart = tagsEnd < 0 ? end : tagsEnd + 1;
    return parseTime(bytes, start, timeEnd);
  }

  private boolean parseStream(byte[] bytes, int start, int end) {
    if (Arrays.equals(bytes, start, end, STDOUT, 0, STDOUT.length)) {
      stream = OutputFrame.Stream.STDOUT;
      return true;
    }
    stream = OutputFrame.Stream.STDERR;
    return Arrays.equals(bytes, start, end, STDERR, 0, STDERR.length);
  }

  private boolean parseTime(byte[] bytes, int start, int end) {
    int secondsEnd = start + SECONDS_LENGTH;
    if (secondsEnd >= end) {
      return false;
    }
    int position = secondsEnd;
    int nanos = 0;
    if (bytes[position] == '.') {
      position++;
      int scale = 1_000_000_000;
      for (; position < end && bytes[position] >= '0' && bytes[position] <= '9'; position++) {
        if (scale > 1) {
          scale /= 10;
          nanos += (bytes[position] - '0') * scale;
        }
      }
    }
    boolean same =
        Arrays.equals(bytes, start, secondsEnd, cachedSeconds, 0, cachedSeconds.length)
            && Arrays.equals(bytes, position, end, cachedZone, 0, cachedZone.length);
    if (!same) {
      try {
        String text =
            new String(bytes, start, SECONDS_LENGTH, StandardCharsets.US_ASCII)
                + new String(bytes, position, end - position, StandardCharsets.US_ASCII);
        cachedEpochSecond = OffsetDateTime.parse(text).toEpochSecond();
      } catch (DateTimeParseException malformed) {
        return false;
      }
      cachedSeconds = Arrays.copyOfRange(bytes, start, secondsEnd);
      cachedZone = Arrays.copyOfRange(bytes, position, end);
    }
    at = Instant.ofEpochSecond(cachedEpochSecond, nanos);
    return true;
  }

  static int indexOf(byte[] bytes, byte wanted, int start, int end) {
    for (int index = start; index < end; index++) {
      if (bytes[index] == wanted) {
        return index;
      }
    }
    return -1;
  }

  OutputFrame.Stream stream() {
    return stream;
  }

  Instant at() {
    return at;
  }

  /** Whether it ends a line of the container's. */
  boolean isFull() {
    return full;
  }

  int dataStart() {
    return dataStart;
  }
}
