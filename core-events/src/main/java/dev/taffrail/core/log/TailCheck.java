package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreReader;
import java.util.Arrays;
import java.util.Optional;

/** What every start checks: the head, the last events, and that the state can be read. */
final class TailCheck {
  private static final int EVENTS = 1000;

  private TailCheck() {}

  /** What is wrong; empty when all is well. */
  static Optional<String> findDamage(StoreReader store, HeadRow head) {
    return ofEvents(store, head).or(() -> ofState(store));
  }

  /** The plugins read all of it at once. */
  private static Optional<String> ofState(StoreReader store) {
    try (Scan scan = store.scan(ColumnFamily.STATE, Bytes.EMPTY, null)) {
      while (scan.next()) {
        RowKey.parse(scan.key());
      }
      return Optional.empty();
    } catch (StoreException e) {
      if (e.damaged()) {
        return Optional.of(e.getMessage());
      }
      throw e;
    }
  }

  private static Optional<String> ofEvents(StoreReader store, HeadRow head) {
    long sequence =
        Math.max(Math.max(head.oldest(), head.base() + 1), head.sequence() - EVENTS + 1);
    byte[] hash = null;
    try (Scan scan = store.scan(ColumnFamily.EVENTS, Bytes.u64(sequence), null)) {
      while (scan.next()) {
        long found = Bytes.u64(scan.key(), 0);
        if (found != sequence) {
          return Optional.of("event " + sequence + " is missing");
        }
        Frame frame = Frame.decode(scan.value());
        if (!frame.hashHolds()) {
          return Optional.of("the hash of event " + sequence + " does not match it");
        }
        if (hash != null && !Arrays.equals(hash, frame.previousHash())) {
          return Optional.of("event " + sequence + " does not follow the one before it");
        }
        hash = frame.hash();
        sequence++;
      }
    } catch (StoreException e) {
      if (e.damaged()) {
        return Optional.of(e.getMessage());
      }
      throw e;
    } catch (RuntimeFailure e) {
      if (e.kind() == Kind.DATA_LOSS) {
        return Optional.of("event " + sequence + ": " + e.getMessage());
      }
      throw e;
    }
    if (sequence != head.sequence() + 1) {
      return Optional.of(
          "the last event is " + (sequence - 1) + ", but the head is " + head.sequence());
    }
    if (hash != null && !Arrays.equals(hash, head.hashBytes())) {
      return Optional.of("the last event is not the one the head names");
    }
    return Optional.empty();
  }
}
