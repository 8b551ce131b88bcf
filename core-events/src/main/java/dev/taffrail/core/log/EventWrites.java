package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rows that an event leaves in the store; the writer and a replay write them alike. */
final class EventWrites {
  private EventWrites() {}

  static void event(Batch batch, EventHeader header, byte[] frame, List<RowChange> changes) {
    batch.put(ColumnFamily.EVENTS, Bytes.u64(header.sequence()), frame);
    for (byte[] key : Keys.index(header)) {
      batch.put(ColumnFamily.INDEX, key, Bytes.EMPTY);
    }
    for (RowChange change : changes) {
      batch.put(
          ColumnFamily.HISTORY, change.key().history(header.sequence()), change.historyValue());
    }
  }

  static void state(Batch batch, Map<RowKey, Optional<StoredRow>> rows) {
    rows.forEach(
        (key, row) ->
            row.ifPresentOrElse(
                value -> batch.put(ColumnFamily.STATE, key.bytes(), value.bytes()),
                () -> batch.delete(ColumnFamily.STATE, key.bytes())));
  }
}
