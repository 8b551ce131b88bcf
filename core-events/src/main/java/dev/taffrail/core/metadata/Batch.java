package dev.taffrail.core.metadata;

/** Changes that are written together or not at all. Close it after the write. */
public interface Batch extends AutoCloseable {
  void put(ColumnFamily family, byte[] key, byte[] value);

  void delete(ColumnFamily family, byte[] key);

  /** Deletes all keys from {@code from}, inclusive, to {@code to}, exclusive. */
  void deleteRange(ColumnFamily family, byte[] from, byte[] to);

  @Override
  void close();
}
