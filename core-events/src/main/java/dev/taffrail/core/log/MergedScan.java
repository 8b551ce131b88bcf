package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Scan;
import java.util.Arrays;

/** Two passes as one; of a key that both have, the newer one's value is taken. */
final class MergedScan implements Scan {
  private final Scan older;
  private final Scan newer;
  private byte[] olderKey;
  private byte[] newerKey;
  private Scan current;

  /** Before the next entry of either. */
  private boolean fresh = true;

  /** Takes two passes over the same range, before their first entries, and closes them. */
  MergedScan(Scan older, Scan newer) {
    this.older = older;
    this.newer = newer;
  }

  @Override
  public boolean next() {
    boolean both = fresh || compare() == 0;
    if (both || current == older) {
      olderKey = older.next() ? older.key() : null;
    }
    if (both || current == newer) {
      newerKey = newer.next() ? newer.key() : null;
    }
    fresh = false;
    current = compare() < 0 ? older : newer;
    return olderKey != null || newerKey != null;
  }

  /** Of two passes the one that is at its end comes last. */
  private int compare() {
    if (olderKey == null) {
      return newerKey == null ? 0 : 1;
    }
    if (newerKey == null) {
      return -1;
    }
    return Arrays.compareUnsigned(olderKey, newerKey);
  }

  @Override
  public void seek(byte[] key) {
    older.seek(key);
    newer.seek(key);
    fresh = true;
  }

  @Override
  public boolean floor(byte[] key) {
    olderKey = floor(older, key);
    newerKey = floor(newer, key);
    // What comes next in either is above the key, and so above what was found.
    fresh = true;
    boolean olderIsLast =
        newerKey == null || (olderKey != null && Arrays.compareUnsigned(olderKey, newerKey) > 0);
    current = olderIsLast ? older : newer;
    return olderKey != null || newerKey != null;
  }

  private static byte[] floor(Scan scan, byte[] key) {
    if (scan.floor(key)) {
      return scan.key();
    }
    scan.seek(key);
    return null;
  }

  @Override
  public byte[] key() {
    return current == older ? olderKey : newerKey;
  }

  @Override
  public byte[] value() {
    return current.value();
  }

  @Override
  public void close() {
    older.close();
    newer.close();
  }
}
