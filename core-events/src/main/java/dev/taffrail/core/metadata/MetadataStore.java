package dev.taffrail.core.metadata;

/** An ordered key-value store with column families. Thread-safe. */
public interface MetadataStore extends StoreReader, AutoCloseable {
  Batch newBatch();

  /**
   * Writes all of {@code batch}, or, when it throws {@link StoreException}, leaves open whether it
   * was written.
   *
   * @param sync true to return only once it is on disk
   */
  void write(Batch batch, boolean sync);

  /** Writes without the write-ahead log: lost in a crash, until {@link #flush}. */
  void writeUnlogged(Batch batch);

  /** Brings every logged write so far to disk. */
  void sync();

  /** Brings every write so far to disk, the unlogged ones too. */
  void flush();

  StoreSnapshot snapshot();

  /** Waits for readers that hold a lease, then closes. Idempotent. */
  @Override
  void close();
}
