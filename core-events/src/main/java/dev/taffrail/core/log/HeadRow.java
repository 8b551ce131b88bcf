package dev.taffrail.core.log;

import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.StoreReader;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The row {@code head} of the family {@code meta}, written with every group.
 *
 * @param time of the last event, nanoseconds since the epoch
 * @param hash of the last event, lower-case hex; that of the genesis before the first
 * @param stateHash over all rows of the state, lower-case hex
 * @param oldest the first sequence that is stored
 * @param base replays start after this sequence, from the state as of then; 0 but for logs with a
 *     hole
 */
record HeadRow(
    int epoch, long sequence, long time, String hash, String stateHash, long oldest, long base) {
  static HeadRow genesis(String logId) {
    HexFormat hex = HexFormat.of();
    return new HeadRow(
        0,
        0,
        0,
        hex.formatHex(Hashes.genesis(logId)),
        hex.formatHex(new StateHash().bytes()),
        1,
        0);
  }

  static Optional<HeadRow> read(StoreReader store) {
    return store.get(ColumnFamily.META, Keys.HEAD).map(json -> EventJson.read(json, HeadRow.class));
  }

  /** The same end, looked at from the event {@code first} on and the state after it. */
  HeadRow startingAt(long first) {
    return new HeadRow(epoch, sequence, time, hash, stateHash, first, first);
  }

  byte[] bytes() {
    return EventJson.write(this);
  }

  byte[] hashBytes() {
    return HexFormat.of().parseHex(hash);
  }

  byte[] stateHashBytes() {
    return HexFormat.of().parseHex(stateHash);
  }

  Cursor cursor() {
    return new Cursor(epoch, sequence);
  }
}
