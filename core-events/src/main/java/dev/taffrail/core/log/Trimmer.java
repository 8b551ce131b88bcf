package dev.taffrail.core.log;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.util.Arrays;

/**
 * Removes what lies below the anchor of a truncation that an event tells of: events, their index
 * rows, beacons, and of the history all but the last value of each row that was live at the anchor.
 * Readers look at none of it any more. The events go last, so a crash in between is made good by
 * the same again.
 */
final class Trimmer implements AutoCloseable {
  private static final int ROWS_PER_BATCH = 4096;

  private final MetadataStore store;
  private final long oldest;
  private Batch batch;
  private int rows;

  private Trimmer(MetadataStore store, long oldest) {
    this.store = store;
    this.oldest = oldest;
    this.batch = store.newBatch();
  }

  /** Whether all is removed that {@code head} says is. */
  static boolean isDone(StoreReader store, HeadRow head) {
    return head.oldest() == 1
        || store
            .get(ColumnFamily.META, Keys.TRIMMED)
            .map(bytes -> Bytes.u64(bytes, 0) == head.oldest() - 1)
            .orElse(false);
  }

  /**
   * Removes everything below.
   *
   * @param oldest the first sequence to stay
   */
  static void trim(MetadataStore store, long oldest) {
    try (Trimmer trimmer = new Trimmer(store, oldest)) {
      trimmer.run();
    }
  }

  private void run() {
    if (!trimIndexOfEvents()) {
      trimWholeIndex();
    }
    trimHistory();
    // The beacon at the anchor stays: it vouches for the base.
    batch.deleteRange(ColumnFamily.BEACONS, Bytes.u64(0), Bytes.u64(oldest - 1));
    batch.deleteRange(ColumnFamily.EVENTS, Bytes.u64(0), Bytes.u64(oldest));
    batch.put(ColumnFamily.META, Keys.TRIMMED, Bytes.u64(oldest - 1));
    store.write(batch, true);
  }

  /** Returns false when an event cannot be read: its index rows are unknown then. */
  private boolean trimIndexOfEvents() {
    try (Scan scan = store.scan(ColumnFamily.EVENTS, Bytes.u64(0), Bytes.u64(oldest))) {
      while (scan.next()) {
        for (byte[] key : Keys.index(HeaderCodec.read(Frame.decode(scan.value()).header()))) {
          delete(ColumnFamily.INDEX, key);
        }
      }
      return true;
    } catch (RuntimeFailure e) {
      return false;
    }
  }

  private void trimWholeIndex() {
    try (Scan scan = store.scan(ColumnFamily.INDEX, Bytes.EMPTY, null)) {
      while (scan.next()) {
        if (sequenceOf(scan.key()) < oldest) {
          delete(ColumnFamily.INDEX, scan.key());
        }
      }
    }
  }

  private void trimHistory() {
    byte[] kept = null;
    boolean live = false;
    try (Scan scan = store.scan(ColumnFamily.HISTORY, Bytes.EMPTY, null)) {
      while (scan.next()) {
        byte[] key = scan.key();
        boolean below = sequenceOf(key) < oldest;
        if (kept != null && (!live || (below && isSameRow(kept, key)))) {
          // Removed at the anchor, or superseded there.
          delete(ColumnFamily.HISTORY, kept);
        }
        kept = null;
        if (below) {
          kept = key;
          live = scan.value().length > 0;
        }
      }
    }
    if (kept != null && !live) {
      delete(ColumnFamily.HISTORY, kept);
    }
  }

  private static long sequenceOf(byte[] key) {
    return Bytes.u64(key, key.length - Long.BYTES);
  }

  private static boolean isSameRow(byte[] one, byte[] other) {
    return one.length == other.length
        && Arrays.equals(one, 0, one.length - Long.BYTES, other, 0, other.length - Long.BYTES);
  }

  private void delete(ColumnFamily family, byte[] key) {
    batch.delete(family, key);
    rows++;
    if (rows % ROWS_PER_BATCH == 0) {
      store.write(batch, false);
      batch.close();
      batch = store.newBatch();
    }
  }

  @Override
  public void close() {
    batch.close();
  }
}
