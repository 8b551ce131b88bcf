package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Derives everything again from the events of a stopped log, checking each on the way: in memory,
 * or into a fresh store that a daemon could open. For logs without a hole.
 */
public final class LogReplay {
  private static final int EVENTS_PER_BATCH = 1000;

  private final StoreReader source;
  private final EventCatalogue catalogue;

  private LogReplay(StoreReader source, EventCatalogue catalogue) {
    this.source = source;
    this.catalogue = catalogue;
  }

  /**
   * What a replay came to.
   *
   * @param stateHash lower-case hex; that of the log's head when all is well
   */
  public record Result(long events, String stateHash) {}

  /** DATA_LOSS that names the first event that does not verify. */
  public static Result inMemory(Path logDirectory, EventCatalogue families) {
    try (RocksStore store = RocksStore.openReadOnly(new LogDirectory(logDirectory).database())) {
      return new LogReplay(store, EventLogs.withOwn(families)).run((header, frame, changes) -> {});
    }
  }

  /**
   * As {@link #inMemory}, and leaves a log in {@code target}, which must be empty.
   *
   * @param target a directory for a log
   */
  public static Result intoStore(Path logDirectory, EventCatalogue families, Path target) {
    EventCatalogue catalogue = EventLogs.withOwn(families);
    LogDirectory directory = new LogDirectory(target);
    directory.recover("replay");
    try (RocksStore store = RocksStore.openReadOnly(new LogDirectory(logDirectory).database());
        RocksStore fresh = RocksStore.open(directory.database());
        StoreWriter writer = new StoreWriter(fresh, catalogue)) {
      Result result = new LogReplay(store, catalogue).run(writer);
      writer.finish(store, result);
      return result;
    }
  }

  /** Gets each event and what it changes. */
  private interface Sink {
    void accept(EventHeader header, byte[] frame, List<RowChange> changes);
  }

  private Result run(Sink sink) {
    HeadRow head = HeadRow.read(source).orElseThrow();
    if (head.base() > 0 || head.oldest() > 1) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "The log does not have all of its events: it starts from the state after "
              + Math.max(head.base(), head.oldest() - 1));
    }
    String logId =
        new String(
            source.get(ColumnFamily.META, Keys.LOG_ID).orElseThrow(), StandardCharsets.UTF_8);
    Chain chain = new Chain(Hashes.genesis(logId));
    Replay replay = new Replay(catalogue, RowSource.EMPTY, new StateHash().bytes());
    long sequence = 0;
    try (Scan scan =
        source.scan(ColumnFamily.EVENTS, Bytes.u64(1), Bytes.u64(head.sequence() + 1))) {
      while (scan.next()) {
        sequence++;
        byte[] bytes = scan.value();
        Frame frame = Frame.decode(bytes);
        EventHeader header = chain.check(sequence, frame);
        sink.accept(header, bytes, replay.apply(header, frame.payload().orElseThrow()));
      }
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(e.kind(), "Event " + sequence + ": " + e.getMessage(), e);
    }
    return new Result(sequence, HexFormat.of().formatHex(replay.stateHash()));
  }

  /** Writes what a live log would hold, but for what is not derived from events alone. */
  private static final class StoreWriter implements Sink, AutoCloseable {
    private final MetadataStore target;
    private final EventCatalogue catalogue;
    private final StateTracker tracker = new StateTracker(new StateHash().bytes());
    private final SubjectCounters counters;
    private final Map<RowKey, Optional<StoredRow>> state = new HashMap<>();
    private Batch batch;
    private int events;

    StoreWriter(MetadataStore target, EventCatalogue catalogue) {
      this.target = target;
      this.catalogue = catalogue;
      this.counters = new SubjectCounters(target);
      this.batch = target.newBatch();
    }

    @Override
    public void accept(EventHeader header, byte[] frame, List<RowChange> changes) {
      EventWrites.event(batch, header, frame, changes);
      for (RowChange change : changes) {
        state.put(change.key(), change.after());
        tracker.track(change);
      }
      counters.next(header.subject());
      if (Beacons.isDue(header.sequence())) {
        Beacons.write(batch, header.sequence(), tracker.hash(), catalogue.fingerprint());
      }
      events++;
      if (events % EVENTS_PER_BATCH == 0) {
        flush();
      }
    }

    // Without a write-ahead log: what a crash leaves is thrown away and made again.
    private void flush() {
      EventWrites.state(batch, state);
      state.clear();
      counters.write(batch);
      target.writeUnlogged(batch);
      batch.close();
      batch = target.newBatch();
    }

    void finish(StoreReader source, Result result) {
      HeadRow head = HeadRow.read(source).orElseThrow();
      batch.put(ColumnFamily.META, Keys.FORMAT, Keys.utf8(EventLogs.FORMAT));
      batch.put(
          ColumnFamily.META, Keys.LOG_ID, source.get(ColumnFamily.META, Keys.LOG_ID).orElseThrow());
      HeadRow replayed =
          new HeadRow(
              head.epoch(),
              result.events(),
              head.time(),
              head.hash(),
              result.stateHash(),
              head.oldest(),
              head.base());
      batch.put(ColumnFamily.META, Keys.HEAD, replayed.bytes());
      flush();
      target.flush();
    }

    @Override
    public void close() {
      batch.close();
    }
  }
}
