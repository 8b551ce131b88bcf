package dev.taffrail.shim.log;

import dev.taffrail.core.task.LogQuery;
import dev.taffrail.core.task.OutputFrame;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads a log file forward, blocking. Only whole records are seen: what follows the last newline is
 * still being written, and stays for the next read. Lines that are no records, as a crash of the
 * host may leave, are passed over. Not for concurrent use.
 */
final class LogReader implements AutoCloseable {
  private static final int CHUNK_BYTES = 256 * 1024;

  private final LogQuery query;
  private final LogRecord record = new LogRecord();
  private Optional<FileChannel> file = Optional.empty();
  private byte[] buffer = new byte[CHUNK_BYTES];

  /** Bytes of an unfinished record at the start of {@link #buffer}. */
  private int carried;

  /** Where in the file to read next. */
  private long position;

  private boolean pastUntil;

  LogReader(LogQuery query) {
    this.query = query;
  }

  /**
   * What one read found.
   *
   * @param atEnd nothing more is in the file now
   * @param over nothing more can be asked for
   */
  record Batch(List<OutputFrame> frames, boolean atEnd, boolean over) {}

  /** Up to 256 KiB of the file; a file that does not exist is empty. */
  Batch read() throws IOException {
    if (file.isEmpty() && !open()) {
      return new Batch(List.of(), true, false);
    }
    int got = fill();
    if (got < 0) {
      return new Batch(List.of(), true, pastUntil);
    }
    List<OutputFrame> frames = new ArrayList<>();
    consume(frames);
    return new Batch(frames, false, pastUntil);
  }

  private boolean open() throws IOException {
    try {
      FileChannel opened = FileChannel.open(query.log(), StandardOpenOption.READ);
      file = Optional.of(opened);
      long start = Math.min(query.skip().orElse(0), opened.size());
      position =
          query.tail().isPresent()
              ? new LogTail(opened, query).start(start, query.tail().getAsLong())
              : start;
      return true;
    } catch (NoSuchFileException absent) {
      return false;
    }
  }

  private int fill() throws IOException {
    if (carried == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    ByteBuffer target = ByteBuffer.wrap(buffer, carried, buffer.length - carried);
    int got = file.orElseThrow().read(target, position);
    if (got > 0) {
      position += got;
      carried += got;
    }
    return got;
  }

  private void consume(List<OutputFrame> frames) {
    int start = 0;
    while (!pastUntil) {
      int end = LogRecord.indexOf(buffer, (byte) '\n', start, carried);
      if (end < 0) {
        break;
      }
      if (record.parse(buffer, start, end)) {
        accept(end, frames);
      }
      start = end + 1;
    }
    System.arraycopy(buffer, start, buffer, 0, carried - start);
    carried -= start;
  }

  private void accept(int end, List<OutputFrame> frames) {
    Instant at = record.at();
    if (query.until().isPresent() && at.isAfter(query.until().get())) {
      pastUntil = true;
      return;
    }
    boolean early = query.since().isPresent() && at.isBefore(query.since().get());
    if (!early && wanted(query, record.stream())) {
      // The newline that ends the record is also the one that ended the container's line.
      int dataEnd = record.isFull() ? end + 1 : end;
      byte[] data = Arrays.copyOfRange(buffer, record.dataStart(), dataEnd);
      frames.add(new OutputFrame(record.stream(), at, Buffer.buffer(data)));
    }
  }

  static boolean wanted(LogQuery query, OutputFrame.Stream stream) {
    return stream == OutputFrame.Stream.STDOUT ? query.stdout() : query.stderr();
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      file.get().close();
    }
  }
}
