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

  /** Brings every write so far to disk. */
  void sync();

  StoreSnapshot snapshot();

  /** Waits for readers that hold a lease, then closes. Idempotent. */
  @Override
  void close();
}
