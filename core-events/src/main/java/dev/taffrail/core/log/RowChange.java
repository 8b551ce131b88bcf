package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Bytes;
import java.util.Optional;

/** What one event did to one row; empty means that there is no such row. */
record RowChange(RowKey key, Optional<StoredRow> before, Optional<StoredRow> after) {
  /** This change and a later one of the same row as one. */
  RowChange then(RowChange later) {
    return new RowChange(key, before, later.after);
  }

  /** The value of the history row: empty for a removal. */
  byte[] historyValue() {
    return after.map(StoredRow::bytes).orElse(Bytes.EMPTY);
  }
}
