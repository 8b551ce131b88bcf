package dev.taffrail.core.log;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the state hash up with the changes of rows. A row that changes often between two looks at
 * the hash costs two hashes, not two for each change.
 */
final class StateTracker {
  private final Map<RowKey, Optional<StoredRow>> first = new HashMap<>();
  private final Map<RowKey, Optional<StoredRow>> last = new HashMap<>();
  private StateHash hash;

  StateTracker(byte[] start) {
    this.hash = StateHash.of(start);
  }

  /** In the order of the events. */
  void track(RowChange change) {
    first.putIfAbsent(change.key(), change.before());
    last.put(change.key(), change.after());
  }

  /** The hash of the state after the last tracked change. */
  byte[] hash() {
    first.forEach(
        (key, before) -> {
          byte[] bytes = key.bytes();
          before.ifPresent(row -> hash.subtract(bytes, row.bytes()));
          last.get(key).ifPresent(row -> hash.add(bytes, row.bytes()));
        });
    first.clear();
    last.clear();
    return hash.bytes();
  }

  /** Starts again from a stored hash, when what was tracked was not committed. */
  void reset(byte[] start) {
    first.clear();
    last.clear();
    hash = StateHash.of(start);
  }
}
