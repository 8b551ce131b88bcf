package dev.taffrail.core.log;

import java.util.HashMap;
import java.util.Map;

/**
 * Keeps the state hash up with the changes of rows. A row that changes often between two looks at
 * the hash costs two hashes, not two for each change.
 */
final class StateTracker {
  private final Map<RowKey, RowChange> changes = new HashMap<>();
  private StateHash hash;

  StateTracker(byte[] start) {
    this.hash = StateHash.of(start);
  }

  /** In the order of the events. */
  void track(RowChange change) {
    changes.merge(change.key(), change, RowChange::then);
  }

  /** The hash of the state after the last tracked change. */
  byte[] hash() {
    changes.forEach(
        (key, change) -> {
          change.before().ifPresent(row -> hash.subtract(row.hash(key)));
          change.after().ifPresent(row -> hash.add(row.hash(key)));
        });
    changes.clear();
    return hash.bytes();
  }

  /** Goes on from another hash: rows were changed otherwise. */
  void reset(byte[] start) {
    changes.clear();
    hash = StateHash.of(start);
  }
}
