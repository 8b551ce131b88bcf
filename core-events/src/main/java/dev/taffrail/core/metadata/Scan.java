package dev.taffrail.core.metadata;

/** A forward pass over a range of keys, before its first entry when opened. */
public interface Scan extends AutoCloseable {
  /** False at the end; {@link StoreException} for damaged data. */
  boolean next();

  /** Moves so that {@link #next} finds the first key at or above {@code key}. */
  void seek(byte[] key);

  /**
   * Moves to the entry with the greatest key at or below {@code key}, be it before the range, and
   * {@link #next} goes on after it. False when there is none: then {@link #seek} comes next.
   */
  boolean floor(byte[] key);

  byte[] key();

  byte[] value();

  @Override
  void close();
}
