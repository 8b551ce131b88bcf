package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import dev.taffrail.core.metadata.StoreSnapshot;
import java.util.Arrays;
import java.util.Optional;

/**
 * A truncated log together with what was archived of it, as if it had never been truncated: events,
 * history, index and beacons of both, and the state, and all else, of the log itself.
 */
final class JoinedStore implements StoreSnapshot {
  private final StoreSnapshot archived;
  private final StoreSnapshot log;
  private final HeadRow head;

  /** Closes both when it is closed. */
  JoinedStore(StoreSnapshot archived, StoreSnapshot log) {
    this.archived = archived;
    this.log = log;
    this.head = head(archived, log);
  }

  /** The end of the log, looked at from the first archived event on. */
  static HeadRow head(StoreReader archived, StoreReader log) {
    HeadRow before = HeadRow.read(archived).orElseThrow();
    HeadRow now = HeadRow.read(log).orElseThrow();
    return new HeadRow(
        now.epoch(),
        now.sequence(),
        now.time(),
        now.hash(),
        now.stateHash(),
        before.oldest(),
        // A base that a salvage has left, if there is one, and otherwise the beginning.
        now.base() > now.oldest() - 1 ? now.base() : before.base());
  }

  private static boolean isJoined(ColumnFamily family) {
    return switch (family) {
      case EVENTS, HISTORY, INDEX, BEACONS -> true;
      case STATE, DEDUP, CONSUMERS, META -> false;
    };
  }

  @Override
  public Optional<byte[]> get(ColumnFamily family, byte[] key) {
    if (family == ColumnFamily.META) {
      return meta(key);
    }
    Optional<byte[]> found = log.get(family, key);
    return found.isEmpty() && isJoined(family) ? archived.get(family, key) : found;
  }

  private Optional<byte[]> meta(byte[] key) {
    if (Arrays.equals(key, Keys.HEAD)) {
      return Optional.of(head.bytes());
    }
    boolean older = Arrays.equals(key, Keys.TRIMMED) || Bytes.startsWith(key, Keys.SUBSTITUTES);
    return (older ? archived : log).get(ColumnFamily.META, key);
  }

  @Override
  public Scan scan(ColumnFamily family, byte[] from, byte[] to) {
    Scan newer = log.scan(family, from, to);
    return isJoined(family) ? new MergedScan(archived.scan(family, from, to), newer) : newer;
  }

  @Override
  public Optional<Entry> floor(ColumnFamily family, byte[] key) {
    Optional<Entry> newer = log.floor(family, key);
    if (!isJoined(family)) {
      return newer;
    }
    Optional<Entry> older = archived.floor(family, key);
    if (older.isEmpty() || newer.isEmpty()) {
      return older.or(() -> newer);
    }
    return Arrays.compareUnsigned(older.get().key(), newer.get().key()) > 0 ? older : newer;
  }

  @Override
  public void close() {
    archived.close();
    log.close();
  }
}
