package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the free space of the log's disk. Below a reserve, requests are refused, so that what has
 * happened can still be recorded; a ballast file takes half as much, and is given up when the disk
 * is nearly full or a write has failed. All of it is undone when there is room again.
 */
final class DiskRoom {
  private static final Logger LOG = LoggerFactory.getLogger(DiskRoom.class);

  /** Of a small disk the reserve is one part in so many. */
  private static final int SMALL_DISK_PART = 8;

  private static final int CHUNK = 1 << 20;

  private final Path ballast;
  private final LongSupplier free;
  private final long reserve;
  private boolean ballastInPlace;
  private volatile String refusal;

  /**
   * Looks at nothing yet.
   *
   * @param free usable bytes; asked before each group
   * @param reserve bytes; 0 for no reserve and no ballast
   */
  DiskRoom(Path ballast, LongSupplier free, long reserve) {
    this.ballast = ballast;
    this.free = free;
    this.reserve = reserve;
    this.ballastInPlace = Files.exists(ballast);
  }

  /** For the disk that holds {@code directory}. */
  static DiskRoom of(LogDirectory directory, long wanted) {
    try {
      FileStore store = Files.getFileStore(directory.root());
      long reserve = Math.min(wanted, store.getTotalSpace() / SMALL_DISK_PART);
      return new DiskRoom(directory.ballast(), () -> usable(store), reserve);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.INTERNAL, "Cannot tell the free space of " + directory.root() + ": " + e, e);
    }
  }

  private static long usable(FileStore store) {
    try {
      return store.getUsableSpace();
    } catch (IOException e) {
      // Not known to be too little.
      return Long.MAX_VALUE;
    }
  }

  /** Called by the writer before each group and every second: one statvfs. */
  void look() {
    if (reserve == 0) {
      return;
    }
    long bytes = free.getAsLong();
    if (bytes < reserve / 4) {
      giveUpBallast();
    } else if (!ballastInPlace && bytes >= reserve + ballastBytes()) {
      makeBallast();
      bytes = free.getAsLong();
    }
    boolean full = bytes < reserve || !ballastInPlace;
    if (full && refusal == null) {
      LOG.warn("Only {} bytes are free for the event log: requests are refused", bytes);
    } else if (!full && refusal != null) {
      LOG.info("There is room for the event log again: {} bytes", bytes);
    }
    refusal =
        full
            ? "write "
                + ballast.getParent()
                + ": no space left on device: "
                + bytes
                + " bytes are free, "
                + reserve
                + " are kept for what must be recorded"
            : null;
  }

  /** A write has failed, so what is free does not suffice, whatever it says. */
  void writeFailed() {
    if (reserve > 0) {
      giveUpBallast();
      look();
    }
  }

  /** Why requests are refused; empty when they are not. */
  Optional<String> refusal() {
    return Optional.ofNullable(refusal);
  }

  /** RESOURCE_EXHAUSTED while requests are refused. */
  void check() {
    String reason = refusal;
    if (reason != null) {
      throw new RuntimeFailure(Kind.RESOURCE_EXHAUSTED, reason);
    }
  }

  private long ballastBytes() {
    return reserve / 2;
  }

  private void giveUpBallast() {
    try {
      if (Files.deleteIfExists(ballast)) {
        LOG.warn("The ballast of the event log is given up: its disk is full");
      }
      ballastInPlace = false;
    } catch (IOException e) {
      LOG.warn("Cannot give up the ballast {}: {}", ballast, e.toString());
    }
  }

  private void makeBallast() {
    // Written, since a file with holes keeps no room.
    ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK);
    try (FileChannel file =
        FileChannel.open(
            ballast,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (long left = ballastBytes(); left > 0; left -= zeros.limit()) {
        zeros.clear().limit((int) Math.min(left, CHUNK));
        while (zeros.hasRemaining()) {
          file.write(zeros);
        }
      }
      file.force(true);
      ballastInPlace = true;
    } catch (IOException e) {
      LOG.warn("Cannot write the ballast {}: {}", ballast, e.toString());
      giveUpBallast();
    }
  }
}
