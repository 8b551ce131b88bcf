package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads events from the store in order. */
final class LogReader {
  private final StoreReader store;
  private final Epochs epochs;

  LogReader(StoreReader store, Epochs epochs) {
    this.store = store;
    this.epochs = epochs;
  }

  /**
   * The events after {@code sequence} and up to {@code head}, at most {@code max}; stops before a
   * hole. DATA_LOSS for a damaged or missing event.
   */
  List<LoggedEvent> after(long sequence, long head, int max) {
    List<LoggedEvent> events = new ArrayList<>();
    long end = epochs.holeFrom(sequence + 1).map(hole -> hole.from() - 1).orElse(head);
    long last = Math.min(Math.min(end, head), sequence + max);
    if (last <= sequence) {
      return events;
    }
    long expected = sequence + 1;
    try (Scan scan = store.scan(ColumnFamily.EVENTS, Bytes.u64(expected), Bytes.u64(last + 1))) {
      while (scan.next()) {
        if (Bytes.u64(scan.key(), 0) != expected) {
          break;
        }
        events.add(decode(expected, scan.value()));
        expected++;
      }
    } catch (StoreException e) {
      throw unreadable(expected, e);
    }
    if (expected <= last) {
      throw new RuntimeFailure(Kind.DATA_LOSS, "Event " + expected + " is missing from the log");
    }
    return events;
  }

  /** The hash of the event, or what the next one says it is; empty when neither can be read. */
  Optional<byte[]> anchor(long sequence) {
    try {
      Optional<Frame> own = frame(sequence);
      return own.isPresent() ? own.map(Frame::hash) : frame(sequence + 1).map(Frame::previousHash);
    } catch (StoreException | RuntimeFailure e) {
      return Optional.empty();
    }
  }

  private Optional<Frame> frame(long sequence) {
    return store.get(ColumnFamily.EVENTS, Bytes.u64(sequence)).map(Frame::decode);
  }

  Optional<LoggedEvent> find(long sequence) {
    try {
      return store
          .get(ColumnFamily.EVENTS, Bytes.u64(sequence))
          .map(frame -> decode(sequence, frame));
    } catch (StoreException e) {
      throw unreadable(sequence, e);
    }
  }

  private static LoggedEvent decode(long sequence, byte[] frame) {
    LoggedEvent event;
    try {
      event = Frame.decode(frame).toLogged();
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(
          e.kind(), "Event " + sequence + " cannot be read: " + e.getMessage(), e);
    }
    if (event.header().sequence() != sequence) {
      throw new RuntimeFailure(
          Kind.DATA_LOSS,
          "Event " + event.header().sequence() + " is stored in the place of " + sequence);
    }
    return event;
  }

  private static RuntimeFailure unreadable(long sequence, StoreException e) {
    return new RuntimeFailure(
        e.damaged() ? Kind.DATA_LOSS : Kind.UNAVAILABLE,
        "Event " + sequence + " cannot be read: " + e.getMessage(),
        e);
  }
}
