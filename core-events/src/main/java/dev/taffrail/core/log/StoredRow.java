package dev.taffrail.core.log;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.metadata.Bytes;
import java.io.IOException;
import java.util.Arrays;

/**
 * A state row as stored: sequence of the last change (u64), version of the shape (u32), JSON. It
 * remembers its record once that was read, and its hash once that was asked for.
 */
final class StoredRow {
  private static final int HEADER = Long.BYTES + Integer.BYTES;

  private final byte[] bytes;
  private volatile Object value;
  private volatile byte[] hash;

  private StoredRow(byte[] bytes, Object value) {
    this.bytes = bytes;
    this.value = value;
  }

  static StoredRow of(Table<?> table, long sequence, Object value) {
    byte[] json = EventJson.write(value);
    return new StoredRow(
        Bytes.concat(Bytes.u64(sequence), Hashes.u32(table.version()), json), value);
  }

  static StoredRow parse(byte[] bytes) {
    if (bytes.length < HEADER) {
      throw new RuntimeFailure(Kind.DATA_LOSS, "A state row has only " + bytes.length + " bytes");
    }
    return new StoredRow(bytes, null);
  }

  long sequence() {
    return Bytes.u64(bytes, 0);
  }

  byte[] bytes() {
    return bytes;
  }

  /** Its share of the state hash, as the row of {@code key}: always the same key. */
  byte[] hash(RowKey key) {
    byte[] known = hash;
    if (known == null) {
      known = Hashes.row(key.bytes(), bytes);
      hash = known;
    }
    return known;
  }

  /** The value; DATA_LOSS when it cannot be read. */
  JsonNode json() {
    try {
      return EventJson.mapper().readTree(bytes, HEADER, bytes.length - HEADER);
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.DATA_LOSS, "A state row is not JSON", e);
    }
  }

  /** UNIMPLEMENTED when a later release wrote the row; DATA_LOSS when it cannot be read. */
  <T> T value(Table<T> table) {
    Object known = value;
    if (known == null) {
      int version = Hashes.u32(bytes, Long.BYTES);
      if (version != table.version()) {
        throw new RuntimeFailure(
            Kind.UNIMPLEMENTED,
            "A row of "
                + table.name()
                + " has version "
                + version
                + "; this build reads version "
                + table.version());
      }
      try {
        known = EventJson.read(Arrays.copyOfRange(bytes, HEADER, bytes.length), table.rowClass());
      } catch (IllegalArgumentException e) {
        throw new RuntimeFailure(
            Kind.DATA_LOSS, "A row of " + table.name() + " cannot be read: " + e.getMessage(), e);
      }
      value = known;
    }
    return table.rowClass().cast(known);
  }
}
