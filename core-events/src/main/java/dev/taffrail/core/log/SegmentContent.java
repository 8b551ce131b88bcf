package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What goes from a store into a segment: the events of a range as they are, the versions of rows
 * that they left and the last one before of every row that was live then, beacons, and what stands
 * in for redacted payloads. Indexes and the state follow from these.
 */
final class SegmentContent implements SegmentFile.Content {
  private final StoreReader store;
  private final Epochs epochs;
  private final long first;
  private final long last;
  private final Redactions redactions;

  /** The rows of the events {@code first} to {@code last}; {@code store} must not change. */
  SegmentContent(StoreReader store, EventCatalogue catalogue, long first, long last) {
    this.store = store;
    this.epochs =
        Epochs.of(new RowsView(new StoreRows(store), HeadRow.read(store).orElseThrow().sequence()));
    this.first = first;
    this.last = last;
    this.redactions = new Redactions(store, catalogue);
  }

  /** What the segment is to say of itself. DATA_LOSS when the last event cannot be read. */
  Segment.Header header(String logId, HeadRow head) {
    byte[] hash =
        new LogReader(store, epochs)
            .anchor(last)
            .orElseThrow(
                () -> new RuntimeFailure(Kind.DATA_LOSS, "Event " + last + " cannot be read"));
    Optional<EventHeader> end =
        store
            .floor(ColumnFamily.EVENTS, Bytes.u64(last))
            .map(entry -> HeaderCodec.read(Frame.decode(entry.value()).header()));
    return new Segment.Header(
        Segment.Header.VERSION,
        logId,
        first,
        last,
        store
            .get(ColumnFamily.EVENTS, Bytes.u64(first))
            .map(frame -> HexFormat.of().formatHex(Frame.decode(frame).previousHash())),
        HexFormat.of().formatHex(hash),
        end.map(EventHeader::epoch).orElse(head.epoch()),
        end.map(header -> Keys.nanos(header.time())).orElse(0L),
        Math.max(first - 1, Math.min(head.base(), last)));
  }

  @Override
  public void to(SegmentFile.Rows rows) throws IOException {
    events(rows);
    history(rows);
    try (Scan scan = store.scan(ColumnFamily.BEACONS, Bytes.u64(first - 1), Bytes.u64(last + 1))) {
      while (scan.next()) {
        rows.row(ColumnFamily.BEACONS, scan.key(), scan.value());
      }
    }
  }

  private void events(SegmentFile.Rows rows) throws IOException {
    long expected = first;
    try (Scan scan = store.scan(ColumnFamily.EVENTS, Bytes.u64(first), Bytes.u64(last + 1))) {
      while (scan.next()) {
        long sequence = Bytes.u64(scan.key(), 0);
        checkNoneMissing(expected, sequence);
        byte[] bytes = scan.value();
        Frame frame = Frame.decode(bytes);
        rows.row(ColumnFamily.EVENTS, scan.key(), bytes);
        if (frame.payload().isEmpty()) {
          // The event that has it may lie in a later segment.
          Optional<byte[]> substitute = redactions.find(sequence);
          if (substitute.isPresent()) {
            rows.row(ColumnFamily.META, Keys.substitute(sequence), substitute.get());
          }
        }
        expected = sequence + 1;
      }
    }
    checkNoneMissing(expected, last + 1);
  }

  private void checkNoneMissing(long from, long found) {
    for (long sequence = from; sequence < found; sequence++) {
      Optional<LogEvent.Salvaged> hole = epochs.holeAt(sequence);
      if (hole.isEmpty()) {
        throw new RuntimeFailure(Kind.DATA_LOSS, "Event " + sequence + " is missing from the log");
      }
      sequence = hole.get().to();
    }
  }

  private void history(SegmentFile.Rows rows) throws IOException {
    byte[] before = null;
    byte[] value = null;
    try (Scan scan = store.scan(ColumnFamily.HISTORY, Bytes.EMPTY, null)) {
      while (scan.next()) {
        byte[] key = scan.key();
        long sequence = Bytes.u64(key, key.length - Long.BYTES);
        if (before != null && !(sequence < first && isSameRow(before, key))) {
          live(rows, before, value);
          before = null;
        }
        if (sequence < first) {
          before = key;
          value = scan.value();
        } else if (sequence <= last) {
          rows.row(ColumnFamily.HISTORY, key, scan.value());
        }
      }
    }
    if (before != null) {
      live(rows, before, value);
    }
  }

  private static void live(SegmentFile.Rows rows, byte[] key, byte[] value) throws IOException {
    if (value.length > 0) {
      rows.row(ColumnFamily.HISTORY, key, value);
    }
  }

  private static boolean isSameRow(byte[] one, byte[] other) {
    return one.length == other.length
        && Arrays.equals(one, 0, one.length - Long.BYTES, other, 0, other.length - Long.BYTES);
  }
}
