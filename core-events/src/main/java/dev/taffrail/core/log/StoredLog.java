package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.StoreReader;
import dev.taffrail.core.metadata.StoreSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** Reads a log and its state from a store, whether something writes to it meanwhile or not. */
abstract class StoredLog implements ReadableLog {
  private static final int LOOKED_AT = 4096;

  private final EventCatalogue catalogue;

  StoredLog(EventCatalogue catalogue) {
    this.catalogue = catalogue;
  }

  /** UNAVAILABLE once the log is closed. */
  abstract LogSource source();

  /**
   * What of {@code eventsAfter} is in memory, up to {@code head}; empty when storage must be asked.
   */
  Optional<List<LoggedEvent>> recent(long sequence, long head, int max) {
    return Optional.empty();
  }

  /** Stored data was found damaged: the next start is to salvage it. */
  void damaged(RuntimeException finding) {}

  @Override
  public EventCatalogue catalogue() {
    return catalogue;
  }

  private RowSource watched(RowSource rows) {
    return new WatchedRows(rows, this::damaged);
  }

  @Override
  public Snapshot snapshot() {
    StoreSnapshot store = source().snapshot();
    try {
      Cursor cursor = HeadRow.read(store).orElseThrow().cursor();
      return new StoredSnapshot(store, watched(new StoreRows(store)), cursor);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  @Override
  public Snapshot asOf(Cursor cursor) {
    LogSource log = source();
    StoreSnapshot store = log.snapshot();
    try {
      // What is oldest may change meanwhile, but not in the snapshot.
      HeadRow then = HeadRow.read(store).orElseThrow();
      log.epochs().checkMoment(cursor, then.cursor(), then.oldest());
      return new StoredSnapshot(store, watched(new AsOfRows(store, cursor.sequence())), cursor);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  @Override
  public Page read(Cursor after, EventFilter filter, int limit) {
    Cursor end = head();
    List<LoggedEvent> matching = new ArrayList<>();
    Cursor next = after;
    int looked = 0;
    while (matching.size() < limit && looked < LOOKED_AT) {
      if (looked > 0 && source().epochs().holeAt(next.sequence() + 1).isPresent()) {
        // What was lost is for the next read to tell.
        return new Page(matching, next, false);
      }
      List<LoggedEvent> chunk = eventsAfter(next, Math.min(LOOKED_AT, Math.max(limit, 16)), end);
      if (chunk.isEmpty()) {
        return new Page(matching, next, next.sequence() >= end.sequence());
      }
      for (LoggedEvent event : chunk) {
        next = event.header().cursor();
        looked++;
        if (filter.matches(event.header().type(), event.header().subject())) {
          matching.add(event);
          if (matching.size() == limit) {
            break;
          }
        }
      }
    }
    return new Page(matching, next, next.sequence() >= end.sequence());
  }

  /** A snapshot may be a group ahead of the head that is announced, and so may its cursor. */
  private static Cursor headFor(Cursor cursor, Cursor announced, LogSource log) {
    return cursor.compareTo(announced) <= 0
        ? announced
        : HeadRow.read(log.store()).orElseThrow().cursor();
  }

  /** The events after {@code cursor} and up to {@code end}; see {@link LogReader#after}. */
  final List<LoggedEvent> eventsAfter(Cursor cursor, int max, Cursor announced) {
    LogSource log = source();
    Cursor end = headFor(cursor, announced, log);
    long oldest = log.oldest();
    log.epochs().checkReadable(cursor, end, oldest);
    long sequence = Math.max(cursor.sequence(), oldest - 1);
    try {
      return recent(sequence, end.sequence(), max)
          .orElseGet(() -> log.reader().after(sequence, end.sequence(), max));
    } catch (RuntimeFailure e) {
      if (log.oldest() > sequence + 1) {
        // Removed while it was being read.
        return eventsAfter(cursor, max, end);
      }
      if (e.kind() == Kind.DATA_LOSS) {
        damaged(e);
      }
      throw e;
    }
  }

  @Override
  public Cursor resume(Cursor after) {
    LogSource log = source();
    Cursor next = after;
    if (after.sequence() < log.oldest() - 1) {
      next = oldest();
    }
    Optional<LogEvent.Salvaged> hole = log.epochs().holeAt(next.sequence() + 1);
    while (hole.isPresent()) {
      next = new Cursor(head().epoch(), hole.get().to());
      hole = log.epochs().holeAt(next.sequence() + 1);
    }
    return next;
  }

  @Override
  public Optional<LoggedEvent> find(long sequence) {
    LogSource log = source();
    return sequence > head().sequence() || sequence < log.oldest()
        ? Optional.empty()
        : log.reader().find(sequence);
  }

  @Override
  public Optional<String> substitute(long sequence) {
    return Redactions.stored(source().store(), sequence);
  }

  @Override
  public Optional<String> beyond() {
    LogSource log = source();
    long oldest = log.oldest();
    return oldest == 1 ? Optional.empty() : Optional.of(log.epochs().beyond(oldest));
  }

  @Override
  public Cursor oldest() {
    return before(source().oldest());
  }

  private Cursor before(long sequence) {
    return sequence == 1 ? Cursor.START : new Cursor(head().epoch(), sequence - 1);
  }

  @Override
  public Cursor at(long sequence) {
    LogSource log = source();
    Cursor head = head();
    if (sequence == 0 && log.oldest() == 1) {
      return Cursor.START;
    }
    Cursor cursor = new Cursor(head.epoch(), sequence);
    log.epochs().checkMoment(cursor, head, log.oldest());
    if (sequence == log.oldest() - 1) {
      return before(log.oldest());
    }
    return log.reader()
        .find(sequence)
        .map(event -> event.header().cursor())
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Kind.DATA_LOSS, "Event " + sequence + " is missing from the log"));
  }

  @Override
  public Cursor at(Instant time) {
    LogSource log = source();
    Optional<Long> last = lastUpTo(log.store(), time);
    if (last.isPresent() && last.get() >= log.oldest() - 1) {
      return at(last.get());
    }
    if (log.oldest() == 1) {
      return Cursor.START;
    }
    throw new RuntimeFailure(
        Kind.GONE,
        "The moment "
            + time
            + " is gone: "
            + log.epochs().below()
            + " (oldest event "
            + log.oldest()
            + ", head "
            + head()
            + ")");
  }

  private Optional<Long> lastUpTo(StoreReader store, Instant time) {
    long head = head().sequence();
    // Times below 1970 or beyond what fits lie before and after all events.
    if (time.isBefore(Instant.EPOCH)) {
      return Optional.empty();
    }
    if (!time.isBefore(Keys.instant(Long.MAX_VALUE))) {
      return Optional.of(head);
    }
    byte[] key = Keys.byTime(time, head);
    return store
        .floor(ColumnFamily.INDEX, key)
        .map(StoreReader.Entry::key)
        .filter(found -> found[0] == key[0])
        // One that is stored and not told of yet does not count.
        .map(found -> Math.min(head, Bytes.u64(found, found.length - Long.BYTES)));
  }

  @Override
  public LogIndex index() {
    return new LogIndex(source(), catalogue, head().sequence());
  }

  @Override
  public CompletableFuture<VerifyReport> verify() {
    return verify(LogVerifier::verify);
  }

  @Override
  public CompletableFuture<VerifyReport> verifyRecent() {
    return verify(LogVerifier::verifyRecent);
  }

  private CompletableFuture<VerifyReport> verify(
      BiFunction<StoreReader, EventCatalogue, VerifyReport> verifier) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (StoreSnapshot store = source().snapshot()) {
            VerifyReport report = verifier.apply(store, catalogue);
            report.problems().stream()
                .filter(problem -> !problem.contains(LogVerifier.NO_APPLIER))
                .findFirst()
                .ifPresent(
                    problem -> damaged(new RuntimeFailure(Kind.DATA_LOSS, "verify: " + problem)));
            return report;
          }
        },
        task -> daemonThread(task, "taffrail-log-verify").start());
  }

  static Thread daemonThread(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
