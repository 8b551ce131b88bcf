package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Bytes;

/**
 * The sum modulo 2^256 of the hashes of all rows of the state, so that it does not depend on their
 * order and a change costs two hashes.
 */
final class StateHash {
  private static final int WORDS = 4;

  /** Little-endian words. */
  private final long[] sum = new long[WORDS];

  StateHash() {}

  /** Continues from a stored sum. */
  static StateHash of(byte[] bytes) {
    StateHash hash = new StateHash();
    for (int i = 0; i < WORDS; i++) {
      hash.sum[i] = word(bytes, i);
    }
    return hash;
  }

  void add(byte[] key, byte[] value) {
    add(Hashes.row(key, value));
  }

  void subtract(byte[] key, byte[] value) {
    subtract(Hashes.row(key, value));
  }

  /** Adds a row by its {@link Hashes#row}. */
  void add(byte[] row) {
    long carry = 0;
    for (int i = 0; i < WORDS; i++) {
      long term = word(row, i);
      long partial = sum[i] + term;
      long next = Long.compareUnsigned(partial, term) < 0 ? 1 : 0;
      sum[i] = partial + carry;
      if (Long.compareUnsigned(sum[i], partial) < 0) {
        next = 1;
      }
      carry = next;
    }
  }

  /** Subtracts a row by its {@link Hashes#row}. */
  void subtract(byte[] row) {
    long borrow = 0;
    for (int i = 0; i < WORDS; i++) {
      long term = word(row, i);
      long partial = sum[i] - term;
      long next = Long.compareUnsigned(sum[i], term) < 0 ? 1 : 0;
      sum[i] = partial - borrow;
      if (Long.compareUnsigned(partial, borrow) < 0) {
        next = 1;
      }
      borrow = next;
    }
  }

  /** 32 bytes, big-endian. */
  byte[] bytes() {
    byte[] bytes = new byte[Hashes.LENGTH];
    for (int i = 0; i < WORDS; i++) {
      Bytes.putU64(bytes, Hashes.LENGTH - Long.BYTES * (i + 1), sum[i]);
    }
    return bytes;
  }

  private static long word(byte[] bytes, int index) {
    return Bytes.u64(bytes, Hashes.LENGTH - Long.BYTES * (index + 1));
  }
}
