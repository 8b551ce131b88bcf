package dev.taffrail.core.metadata;

import java.util.Optional;

/** Reads. Keys are ordered as unsigned bytes. Every method throws {@link StoreException}. */
public interface StoreReader {
  Optional<byte[]> get(ColumnFamily family, byte[] key);

  /**
   * Close it.
   *
   * @param from first key, inclusive
   * @param to last key, exclusive; null for the end of the family
   */
  Scan scan(ColumnFamily family, byte[] from, byte[] to);

  /** All keys that start with {@code prefix}. */
  default Scan scanPrefix(ColumnFamily family, byte[] prefix) {
    return scan(family, prefix, Bytes.afterPrefix(prefix));
  }

  /** The entry with the greatest key at or below {@code key}; null means the last of all. */
  Optional<Entry> floor(ColumnFamily family, byte[] key);

  /** A key and its value. */
  final class Entry {
    private final byte[] key;
    private final byte[] value;

    public Entry(byte[] key, byte[] value) {
      this.key = key;
      this.value = value;
    }

    public byte[] key() {
      return key;
    }

    public byte[] value() {
      return value;
    }
  }
}
