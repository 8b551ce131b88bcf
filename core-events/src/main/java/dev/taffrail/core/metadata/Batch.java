package dev.taffrail.core.metadata;

/** Changes that are written together or not at all. Close it after the write. */
public interface Batch extends AutoCloseable {
  void put(ColumnFamily family, byte[] key, byte[] value);

  void delete(ColumnFamily family, byte[] key);

  @Override
  void close();
}
