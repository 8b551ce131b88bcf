package dev.taffrail.core.metadata;

/** A store as it was when the snapshot was taken. Close it soon: it pins storage. */
public interface StoreSnapshot extends StoreReader, AutoCloseable {
  @Override
  void close();
}
