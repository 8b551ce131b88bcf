package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A small file beside the database that says how far the log had come, so that a cut write-ahead
 * log is seen. Two slots of {@value #SLOT} bytes are written in turn; the newest whole one counts.
 * A slot: magic, version, counter (u64), log id (16 bytes), epoch (u32), sequence (u64), hash (32),
 * flags (1: closed in order, 2: relaxed mode), CRC-32C.
 */
final class HeadFile implements AutoCloseable {
  private static final int SLOT = 128;
  private static final long MAGIC = 0x7461666672616c31L;
  private static final int CLOSED = 1;
  private static final int RELAXED = 2;

  /** What a slot says. */
  record Mark(String logId, Cursor head, String hash, boolean closed, boolean relaxed) {}

  private final FileChannel channel;
  private long counter;

  private HeadFile(FileChannel channel, long counter) {
    this.channel = channel;
    this.counter = counter;
  }

  /** Empty when the file is missing, or neither slot is whole. */
  static Optional<Mark> read(Path file) {
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try {
      return newest(Files.readAllBytes(file)).map(HeadFile::markOf);
    } catch (IOException e) {
      throw failed("read", file, e);
    }
  }

  /** Opens the file for writing, and creates it. */
  static HeadFile open(Path file) {
    try {
      boolean fresh = Files.notExists(file);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      long counter = newest(Files.readAllBytes(file)).map(slot -> slot.getLong(12)).orElse(0L);
      if (fresh) {
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent())) {
          directory.force(true);
        }
      }
      return new HeadFile(channel, counter);
    } catch (IOException e) {
      throw failed("open", file, e);
    }
  }

  private static Optional<ByteBuffer> newest(byte[] bytes) {
    ByteBuffer newest = null;
    for (int start = 0; start + SLOT <= bytes.length; start += SLOT) {
      ByteBuffer slot = ByteBuffer.wrap(Arrays.copyOfRange(bytes, start, start + SLOT));
      boolean whole = slot.getLong(0) == MAGIC && slot.getInt(SLOT - 4) == crc(slot);
      if (whole && (newest == null || slot.getLong(12) > newest.getLong(12))) {
        newest = slot;
      }
    }
    return Optional.ofNullable(newest);
  }

  private static Mark markOf(ByteBuffer slot) {
    byte[] hash = new byte[Hashes.LENGTH];
    slot.get(48, hash);
    int flags = slot.getInt(80);
    return new Mark(
        new UUID(slot.getLong(20), slot.getLong(28)).toString(),
        new Cursor(slot.getInt(36), slot.getLong(40)),
        HexFormat.of().formatHex(hash),
        (flags & CLOSED) != 0,
        (flags & RELAXED) != 0);
  }

  private static int crc(ByteBuffer slot) {
    CRC32C crc = new CRC32C();
    crc.update(slot.duplicate().position(0).limit(SLOT - 4));
    return (int) crc.getValue();
  }

  /** Returns once the mark is on disk. */
  void write(Mark mark) {
    counter++;
    UUID id = UUID.fromString(mark.logId());
    ByteBuffer slot = ByteBuffer.allocate(SLOT);
    slot.putLong(MAGIC).putInt(1).putLong(counter);
    slot.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    slot.putInt(mark.head().epoch()).putLong(mark.head().sequence());
    slot.put(HexFormat.of().parseHex(mark.hash()));
    slot.putInt((mark.closed() ? CLOSED : 0) | (mark.relaxed() ? RELAXED : 0));
    slot.putInt(SLOT - 4, crc(slot));
    slot.rewind();
    try {
      long position = (counter % 2) * SLOT;
      while (slot.hasRemaining()) {
        position += channel.write(slot, position);
      }
      channel.force(false);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.INTERNAL, "Cannot write the head file of the log: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.INTERNAL, "Cannot close the head file of the log: " + e.getMessage(), e);
    }
  }

  private static RuntimeFailure failed(String attempt, Path file, IOException e) {
    return new RuntimeFailure(
        Kind.INTERNAL, "Cannot " + attempt + " the head file " + file + ": " + e.getMessage(), e);
  }
}
