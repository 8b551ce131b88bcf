package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Derives everything again from the events of a stopped log, checking each on the way: in memory,
 * or into a fresh store that a daemon could open. For logs without a hole.
 */
public final class LogReplay {
  private static final int EVENTS_PER_BATCH = 4096;

  private final StoreReader source;
  private final EventCatalogue catalogue;
  private final Replay replay;

  private LogReplay(StoreReader source, EventCatalogue catalogue) {
    this.source = source;
    this.catalogue = catalogue;
    this.replay = new Replay(catalogue, RowSource.EMPTY, new StateHash().bytes());
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
        RocksStore fresh = RocksStore.openForLoading(directory.database())) {
      return new LogReplay(store, catalogue).into(fresh);
    }
  }

  private Result into(MetadataStore target) {
    try (StoreWriter writer = new StoreWriter(target)) {
      Result result = run(writer);
      writer.finish(result);
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
    Redactions redactions = new Redactions(source, catalogue);
    long sequence = 0;
    try (ReadAhead events = new ReadAhead(source, catalogue, 1, head.sequence())) {
      while (events.next()) {
        sequence++;
        ReadEvent event = events.event();
        EventHeader header = chain.check(sequence, event);
        sink.accept(header, event.stored(), replay.apply(header, redactions.event(event)));
      }
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(e.kind(), "Event " + sequence + ": " + e.getMessage(), e);
    }
    return new Result(sequence, HexFormat.of().formatHex(replay.stateHash()));
  }

  /**
   * Writes what a live log would hold, but for what is not derived from events alone. A thread of
   * its own writes one batch while the next is filled. Without a write-ahead log: what a crash
   * leaves is thrown away and made again.
   */
  private final class StoreWriter implements Sink, AutoCloseable {
    private final MetadataStore target;
    private final Map<RowKey, Optional<StoredRow>> state = new HashMap<>();
    private final Map<Subject, Long> counters = new HashMap<>();
    private final ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> StoredLog.daemonThread(task, "taffrail-log-replay-write"));
    private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);
    private Batch batch;
    private int events;

    StoreWriter(MetadataStore target) {
      this.target = target;
      this.batch = target.newBatch();
    }

    @Override
    public void accept(EventHeader header, byte[] frame, List<RowChange> changes) {
      EventWrites.event(batch, header, frame, changes);
      changes.forEach(change -> state.put(change.key(), change.after()));
      counters.put(header.subject(), header.subjectSequence());
      if (Beacons.isDue(header.sequence())) {
        Beacons.write(batch, header.sequence(), replay.stateHash(), catalogue.fingerprint());
      }
      events++;
      if (events % EVENTS_PER_BATCH == 0) {
        flush();
      }
    }

    private void flush() {
      EventWrites.state(batch, state);
      state.clear();
      SubjectCounters.write(batch, counters);
      counters.clear();
      awaitWritten();
      Batch full = batch;
      batch = target.newBatch();
      written =
          CompletableFuture.runAsync(
              () -> {
                try (full) {
                  target.writeUnlogged(full);
                }
              },
              thread);
    }

    private void awaitWritten() {
      try {
        written.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof StoreException cause ? cause : e;
      }
    }

    void finish(Result result) {
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
      awaitWritten();
      target.flush();
    }

    /** Waits for the batch that is being written, so that the store can be closed. */
    @Override
    public void close() {
      thread.shutdown();
      written.exceptionally(e -> null).join();
      batch.close();
    }
  }
}
