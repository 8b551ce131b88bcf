package dev.taffrail.core.log;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what can be read of a damaged store into a fresh one. What was lost is left there as a
 * note, for the events that tell of it.
 */
final class Salvage {
  private static final Logger LOG = LoggerFactory.getLogger(Salvage.class);
  private static final TypeReference<List<LogEvent.Salvaged>> LOSSES = new TypeReference<>() {};
  private static final int ROWS_PER_BATCH = 1000;

  private final StoreReader source;
  private final MetadataStore target;
  private final List<LogEvent.Salvaged> losses = new ArrayList<>();
  private final String quarantine;
  private final String reason;

  private final EventCatalogue catalogue;

  /** The last of each subject that was copied. */
  private final Map<Subject, Long> counters = new HashMap<>();

  Salvage(
      StoreReader source,
      MetadataStore target,
      EventCatalogue catalogue,
      String quarantine,
      String reason) {
    this.source = source;
    this.target = target;
    this.catalogue = catalogue;
    this.quarantine = quarantine;
    this.reason = reason;
  }

  /** What a salvage that no event tells of yet has lost. */
  static List<LogEvent.Salvaged> pending(StoreReader store) {
    return store.get(ColumnFamily.META, Keys.SALVAGE).map(Salvage::parse).orElse(List.of());
  }

  private static List<LogEvent.Salvaged> parse(byte[] json) {
    try {
      return EventJson.mapper().readValue(json, LOSSES);
    } catch (IOException e) {
      throw new UncheckedIOException("The note of a salvage cannot be read", e);
    }
  }

  /**
   * Copies everything; {@code head} is what the damaged store says. When all events are there that
   * the state comes from, it is derived again, and nothing but time is lost.
   */
  void copy(String logId, HeadRow head) {
    findLosses(head);
    boolean derivable = losses.stream().allMatch(loss -> loss.to() <= head.base());
    if (!derivable || !derive(logId, head)) {
      copyAsItIs(logId, head);
    }
    try (Batch batch = target.newBatch()) {
      writeLosses(batch, losses);
      target.write(batch, true);
    }
  }

  private boolean derive(String logId, HeadRow head) {
    try {
      new Rebuild(source, target, catalogue, logId, head, sequence -> {}).run();
    } catch (RuntimeFailure | StoreException e) {
      LOG.warn("The state cannot be derived from the events again: it stays as it is", e);
      Rebuild.clear(target);
      return false;
    }
    try (Batch batch = target.newBatch()) {
      batch.put(
          ColumnFamily.META,
          Keys.REBUILT,
          EventJson.write(new LogEvent.Rebuilt(head.sequence(), reason, Optional.of(quarantine))));
      target.write(batch, true);
    }
    return true;
  }

  private void copyAsItIs(String logId, HeadRow head) {
    for (ColumnFamily family : ColumnFamily.values()) {
      if (family != ColumnFamily.EVENTS) {
        copyRows(family);
      }
    }
    reconcile();
    copyEvents(head);
    // A hole at the beginning is none: the log starts after it.
    long oldest =
        losses.stream()
            .filter(loss -> loss.from() <= head.oldest())
            .mapToLong(loss -> loss.to() + 1)
            .findFirst()
            .orElse(head.oldest());
    try (Batch batch = target.newBatch()) {
      HexFormat hex = HexFormat.of();
      byte[] stateHash = stateHash();
      // The state as it is becomes the base of replays, since what led to it is not all there.
      HeadRow base =
          new HeadRow(
              head.epoch(),
              head.sequence(),
              head.time(),
              head.hash(),
              hex.formatHex(stateHash),
              oldest,
              head.sequence());
      batch.put(ColumnFamily.META, Keys.FORMAT, Keys.utf8(EventLogs.FORMAT));
      batch.put(ColumnFamily.META, Keys.LOG_ID, Keys.utf8(logId));
      batch.put(ColumnFamily.META, Keys.HEAD, base.bytes());
      counters.forEach(
          (subject, count) ->
              batch.put(ColumnFamily.META, Keys.subjectCounter(subject), Bytes.u64(count)));
      target.write(batch, true);
    }
  }

  static void writeLosses(Batch batch, List<LogEvent.Salvaged> losses) {
    batch.put(ColumnFamily.META, Keys.SALVAGE, EventJson.write(losses));
  }

  private void findLosses(HeadRow head) {
    Epochs known = epochs();
    long lost = 0;
    for (long sequence = head.oldest(); sequence <= head.sequence() + 1; sequence++) {
      boolean isThere = sequence > head.sequence() || intact(sequence).isPresent();
      // Holes that an earlier salvage has told of stay as they are.
      if (!isThere && known.holeAt(sequence).isEmpty()) {
        lost = lost == 0 ? sequence : lost;
      } else if (lost > 0) {
        losses.add(
            new LogEvent.Salvaged(lost, sequence - 1, true, reason, Optional.of(quarantine)));
        lost = 0;
      }
    }
  }

  private Epochs epochs() {
    try {
      return Epochs.of(new RowsView(new StoreRows(source), 0));
    } catch (StoreException | RuntimeFailure e) {
      LOG.warn("The holes that earlier salvages have told of cannot be read", e);
      return Epochs.of(new RowsView(RowSource.EMPTY, 0));
    }
  }

  private void copyEvents(HeadRow head) {
    long copied = 0;
    Batch batch = target.newBatch();
    try {
      for (long sequence = head.oldest(); sequence <= head.sequence(); sequence++) {
        Optional<byte[]> frame = intact(sequence);
        if (frame.isPresent()) {
          EventHeader header = HeaderCodec.read(Frame.decode(frame.get()).header());
          counters.put(header.subject(), header.subjectSequence());
          EventWrites.event(batch, header, frame.get(), List.of());
          copied++;
          if (copied % ROWS_PER_BATCH == 0) {
            target.write(batch, false);
            batch.close();
            batch = target.newBatch();
          }
        }
      }
      target.write(batch, false);
    } finally {
      batch.close();
    }
  }

  private Optional<byte[]> intact(long sequence) {
    try {
      Optional<byte[]> bytes = source.get(ColumnFamily.EVENTS, Bytes.u64(sequence));
      return bytes.filter(
          found -> {
            Frame frame = Frame.decode(found);
            return frame.hashHolds() && HeaderCodec.read(frame.header()).sequence() == sequence;
          });
    } catch (StoreException | RuntimeFailure e) {
      return Optional.empty();
    }
  }

  /** Of the families that are derived from the events: up to the first damage. */
  private void copyRows(ColumnFamily family) {
    List<StoreReader.Entry> rows = new ArrayList<>();
    try (Scan scan = source.scan(family, new byte[0], null)) {
      while (scan.next()) {
        rows.add(new StoreReader.Entry(scan.key(), scan.value()));
        if (rows.size() == ROWS_PER_BATCH) {
          write(family, rows);
        }
      }
    } catch (StoreException e) {
      if (!e.damaged()) {
        throw e;
      }
      LOG.warn("The family {} is damaged; its last rows are lost", family.storedName(), e);
    }
    write(family, rows);
  }

  /**
   * State and history may have lost different rows: for each key the newer of both counts, so that
   * the state is what the history says of the last moment.
   */
  private void reconcile() {
    Map<RowKey, StoreReader.Entry> latest = new HashMap<>();
    try (Scan scan = target.scan(ColumnFamily.HISTORY, new byte[0], null)) {
      while (scan.next()) {
        latest.put(RowKey.parse(scan.key()), new StoreReader.Entry(scan.key(), scan.value()));
      }
    }
    try (Batch batch = target.newBatch()) {
      try (Scan scan = target.scan(ColumnFamily.STATE, new byte[0], null)) {
        while (scan.next()) {
          RowKey key = RowKey.parse(scan.key());
          long changed = StoredRow.parse(scan.value()).sequence();
          StoreReader.Entry last = latest.remove(key);
          if (last != null && sequenceOf(last) > changed) {
            putState(batch, key, last.value());
          } else if (last == null || !Arrays.equals(last.value(), scan.value())) {
            batch.put(ColumnFamily.HISTORY, key.history(changed), scan.value());
          }
        }
      }
      latest.forEach((key, last) -> putState(batch, key, last.value()));
      target.write(batch, false);
    }
  }

  private static long sequenceOf(StoreReader.Entry history) {
    return Bytes.u64(history.key(), history.key().length - Long.BYTES);
  }

  private static void putState(Batch batch, RowKey key, byte[] historyValue) {
    if (historyValue.length > 0) {
      batch.put(ColumnFamily.STATE, key.bytes(), historyValue);
    } else {
      batch.delete(ColumnFamily.STATE, key.bytes());
    }
  }

  private void write(ColumnFamily family, List<StoreReader.Entry> rows) {
    try (Batch batch = target.newBatch()) {
      rows.forEach(row -> batch.put(family, row.key(), row.value()));
      target.write(batch, false);
    }
    rows.clear();
  }

  private byte[] stateHash() {
    StateHash hash = new StateHash();
    try (Scan scan = target.scan(ColumnFamily.STATE, new byte[0], null)) {
      while (scan.next()) {
        hash.add(scan.key(), scan.value());
      }
    }
    return hash.bytes();
  }
}
