package dev.taffrail.shim.log;

import dev.taffrail.core.task.LogQuery;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/**
 * Finds where the last lines of a log begin by reading it backwards. A line is a run of partial
 * records and the full one that ends it; one without an end counts too.
 */
final class LogTail {
  private static final int CHUNK_BYTES = 64 * 1024;

  private final FileChannel file;
  private final LogQuery query;
  private final LogRecord record = new LogRecord();
  private long lines;
  private boolean unfinished = true;

  LogTail(FileChannel file, LogQuery query) {
    this.file = file;
    this.query = query;
  }

  /** The position, not below {@code lowest}, from which {@code count} lines are left. */
  long start(long lowest, long count) throws IOException {
    long end = file.size();
    // The bytes from `end` on are done; `rest` begins at `end` and has no newline but its last.
    byte[] rest = new byte[0];
    boolean complete = false;
    long recordsEnd = end;
    while (end > lowest) {
      long begin = Math.max(lowest, end - CHUNK_BYTES);
      byte[] bytes = new byte[(int) (end - begin) + rest.length];
      read(bytes, (int) (end - begin), begin);
      System.arraycopy(rest, 0, bytes, (int) (end - begin), rest.length);
      int right = bytes.length;
      for (int index = bytes.length - 1; index >= 0; index--) {
        if (bytes[index] != '\n') {
          continue;
        }
        if (!complete) {
          // What follows the last newline is half a record.
          complete = true;
          recordsEnd = begin + index + 1;
          right = index + 1;
          if (count == 0) {
            return recordsEnd;
          }
          continue;
        }
        if (isBeyond(bytes, index + 1, right - 1, count)) {
          return begin + right;
        }
        right = index + 1;
      }
      rest = Arrays.copyOf(bytes, right);
      end = begin;
    }
    if (complete && isBeyond(rest, 0, rest.length - 1, count)) {
      return lowest + rest.length;
    }
    return lowest;
  }

  /** Counts the record; whether it belongs to a line before the wanted ones. */
  private boolean isBeyond(byte[] bytes, int start, int end, long count) {
    if (!record.parse(bytes, start, end) || !LogReader.wanted(query, record.stream())) {
      return false;
    }
    if (record.isFull() || unfinished) {
      lines++;
      unfinished = false;
    }
    return lines > count;
  }

  private void read(byte[] bytes, int length, long position) throws IOException {
    ByteBuffer target = ByteBuffer.wrap(bytes, 0, length);
    while (target.hasRemaining()) {
      if (file.read(target, position + target.position()) < 0) {
        throw new IOException("The log became shorter while it was read: " + query.log());
      }
    }
  }
}
