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

  /**
   * Writes a range of keys anew, so that what was deleted or replaced is gone from the files unless
   * a snapshot still sees it. Takes long; ends early when the store is closed.
   *
   * @param from first key; null for the first of the family
   * @param to last key; null for the last of the family
   */
  void compact(ColumnFamily family, byte[] from, byte[] to);

  /** Whether a snapshot is open, so that what it sees is not removed. */
  boolean hasSnapshots();

  /** Bytes that the tables of a family take on disk; what is not flushed yet is not in them. */
  long tableBytes(ColumnFamily family);

  /** Bytes of all files of the store. */
  long diskBytes();

  /** Waits for readers that hold a lease, then closes. Idempotent. */
  @Override
  void close();
}
