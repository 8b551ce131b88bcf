package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.StoreReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Truncates the log as its retention says, on a thread of its own. A truncation ends at a beacon,
 * so that the state it leaves as the base can be checked. It is an event first; what it removes is
 * removed afterwards, and after a crash at the next start.
 */
final class LogKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogKeeper.class);
  private static final int STEP = Beacons.INTERVAL;

  /** A truncation reads the whole history, so it removes at least one part in so many. */
  private static final int LEAST_PART = 16;

  private static final long ROUND_MILLIS = TimeUnit.MINUTES.toMillis(1);

  /** What a command costs on disk besides its payload and header: index, history, log. */
  private static final int OVERHEAD = 512;

  private final LogRetention retention;
  private final LogSettings settings;
  private final Log log;
  private final Optional<LogArchive> archive;
  private final Thread thread = new Thread(this::run, "taffrail-log-keeper");
  private final AtomicLong estimate = new AtomicLong();
  private final AtomicLong eventsSince = new AtomicLong();

  /** More bytes than this are a reason for a round; what cannot be removed is none again. */
  private volatile long wakeAbove;

  private volatile boolean overfull;
  private List<CompletableFuture<Void>> requests = new ArrayList<>();
  private boolean due = true;
  private boolean closed;

  /** What it keeps. */
  interface Log {
    MetadataStore store();

    HeadRow head();

    String id();

    /** Stored data was found damaged. */
    void damaged(RuntimeException finding);

    /** The files are clean of what {@code scrub} names. */
    void scrubbed(Scrub scrub);

    /** Returns once it is durable. */
    void commit(Command<Void> command);
  }

  LogKeeper(LogSettings settings, Optional<LogArchive> archive, Log log) {
    this.retention = settings.retention();
    this.settings = settings;
    this.log = log;
    this.archive = archive;
    this.wakeAbove = retention.maxBytes().orElse(Long.MAX_VALUE);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** The writer has committed these. */
  void appended(List<Appended> events) {
    long bytes = 0;
    for (Appended event : events) {
      // The write-ahead log and the tables hold it side by side for a while.
      bytes += 2L * (event.frame().size() + OVERHEAD);
    }
    long size = estimate.addAndGet(bytes);
    long count = eventsSince.addAndGet(events.size());
    boolean large = retention.maxBytes().isPresent() && size > wakeAbove;
    boolean many = retention.maxEvents().isPresent() && count >= STEP;
    if (large || many) {
      eventsSince.set(0);
      wake();
    }
  }

  /** UNAVAILABLE while {@link #refusal} has a reason. */
  void checkRoom() {
    refusal()
        .ifPresent(
            reason -> {
              throw new RuntimeFailure(Kind.UNAVAILABLE, reason);
            });
  }

  /**
   * Why requests are refused: the log is much larger than it may be, and a truncation is under way,
   * or not possible since what it would remove cannot be archived.
   */
  Optional<String> refusal() {
    Optional<String> unarchived = archive.flatMap(LogArchive::failure);
    if ((overfull || unarchived.isPresent()) && estimate.get() / 2 > wakeAbove) {
      return Optional.of(
          "The event log takes more than twice its limit of "
              + retention.maxBytes().orElse(wakeAbove)
              + " bytes and "
              + unarchived
                  .map(
                      reason ->
                          "cannot be truncated: its oldest events cannot be archived: " + reason)
                  .orElse("is being truncated"));
    }
    return Optional.empty();
  }

  private synchronized void wake() {
    overfull = true;
    due = true;
    notifyAll();
  }

  /** Completes after a round that begins later than this call. */
  synchronized CompletableFuture<Void> request() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (closed) {
      done.completeExceptionally(new RuntimeFailure(Kind.UNAVAILABLE, "The event log is closed"));
    } else {
      requests.add(done);
      due = true;
      notifyAll();
    }
    return done;
  }

  private void run() {
    Optional<List<CompletableFuture<Void>>> round = nextRound();
    while (round.isPresent()) {
      List<CompletableFuture<Void>> asked = round.get();
      try {
        keep();
        asked.forEach(request -> request.complete(null));
      } catch (RuntimeException e) {
        // The log opens again, or a file could not be written: the next round will do.
        if (!isClosed()) {
          LOG.warn("The event log could not be truncated: {}", e.getMessage());
        }
        asked.forEach(request -> request.completeExceptionally(e));
      }
      overfull = false;
      round = nextRound();
    }
  }

  /** Waits for the next round and returns who asked for it; empty at the end. */
  private synchronized Optional<List<CompletableFuture<Void>>> nextRound() {
    try {
      long left = ROUND_MILLIS;
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ROUND_MILLIS);
      while (!due && !closed && left > 0) {
        wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      }
    } catch (InterruptedException e) {
      closed = true;
    }
    if (closed) {
      requests.forEach(
          request ->
              request.completeExceptionally(
                  new RuntimeFailure(Kind.UNAVAILABLE, "The event log is closed")));
      return Optional.empty();
    }
    due = false;
    List<CompletableFuture<Void>> asked = requests;
    requests = new ArrayList<>();
    return Optional.of(asked);
  }

  private void keep() {
    MetadataStore store = log.store();
    archive.ifPresent(
        kept -> {
          kept.clean(log.id());
          kept.redact(store, log.id(), settings.directory());
        });
    if (!Trimmer.isDone(store, log.head())) {
      trim(store);
    }
    Optional<Scrub> scrub = Scrub.pending(store);
    if (scrub.isPresent() && scrub.get().run(store)) {
      log.scrubbed(scrub.get());
    }
    if (retention.keepsAll()) {
      return;
    }
    long size = measure(store);
    boolean more = true;
    while (more && !isClosed()) {
      more = truncate(store, size);
      if (more) {
        trim(store);
        size = measure(store);
        more = isTooLarge(size);
      }
    }
    retention.maxBytes().ifPresent(most -> wakeAbove = Math.max(most, estimate.get() / 8 * 9));
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Bytes on disk; when they seem too many, what need not be there is removed before. */
  private long measure(MetadataStore store) {
    long size = store.diskBytes();
    if (isTooLarge(size)) {
      // Write-ahead logs go once what they hold is in tables.
      store.flush();
      size = store.diskBytes();
    }
    estimate.set(size);
    return size;
  }

  private boolean isTooLarge(long size) {
    return retention.maxBytes().isPresent() && size > retention.maxBytes().getAsLong();
  }

  private void trim(MetadataStore store) {
    long oldest = log.head().oldest();
    Trimmer.trim(store, oldest);
    store.flush();
    store.compact(ColumnFamily.EVENTS, null, Bytes.u64(oldest));
    store.compact(ColumnFamily.BEACONS, null, Bytes.u64(oldest - 1));
    if (isTooLarge(store.diskBytes())) {
      store.compact(ColumnFamily.INDEX, null, null);
      store.compact(ColumnFamily.HISTORY, null, null);
    }
  }

  /** Returns false when there is nothing to remove. */
  private boolean truncate(MetadataStore store, long size) {
    HeadRow head = log.head();
    long least = Math.max(STEP, (head.sequence() - head.oldest() + 1) / LEAST_PART);
    long wanted = Math.max(tooOld(store), tooMany(head));
    if (wanted - head.oldest() + 1 < least) {
      wanted = 0;
    }
    wanted = aligned(Math.max(wanted, tooLarge(head, size)), head);
    StateView view = new RowsView(new StoreRows(store), head.sequence());
    List<LogEvent.ConsumerLost> lost = new ArrayList<>();
    long upTo = wanted;
    for (LogEvent.ConsumerLost consumer : Consumers.behind(store, view, wanted)) {
      if (isLost(consumer, head, size)) {
        lost.add(consumer);
      } else {
        upTo = Math.min(upTo, aligned(consumer.sequence(), head));
      }
    }
    if (upTo < head.oldest()) {
      return false;
    }
    Optional<byte[]> anchor = new LogReader(store, Epochs.of(view)).anchor(upTo);
    if (anchor.isEmpty()) {
      LOG.warn("The event log cannot be truncated at {}: that event cannot be read", upTo);
      return false;
    }
    archive(store, upTo);
    LogEvent.Truncated event = new LogEvent.Truncated(upTo, HexFormat.of().formatHex(anchor.get()));
    log.commit(truncation(log.id(), event, lost));
    LOG.info("The event log was truncated: {} events up to {}", upTo - head.oldest() + 1, upTo);
    return true;
  }

  /** Before the event of the truncation, so that nothing is removed that is not archived. */
  private void archive(MetadataStore store, long upTo) {
    if (archive.isEmpty()) {
      return;
    }
    try {
      archive.get().keep(store, log.id(), upTo);
    } catch (RuntimeFailure e) {
      if (e.kind() == Kind.DATA_LOSS) {
        log.damaged(e);
      }
      throw e;
    }
  }

  /** The last beacon at or below {@code sequence}. */
  private static long aligned(long sequence, HeadRow head) {
    return Math.min(sequence, head.sequence()) / STEP * STEP;
  }

  private long tooOld(MetadataStore store) {
    if (retention.maxAge().isEmpty()) {
      return 0;
    }
    Instant cut = Keys.instant(settings.clock().getAsLong()).minus(retention.maxAge().get());
    if (cut.isBefore(Instant.EPOCH)) {
      return 0;
    }
    byte[] key = Keys.byTime(cut, 0);
    return store
        .floor(ColumnFamily.INDEX, key)
        .map(StoreReader.Entry::key)
        .filter(found -> found[0] == key[0])
        .map(found -> Bytes.u64(found, found.length - Long.BYTES))
        .orElse(0L);
  }

  private long tooMany(HeadRow head) {
    OptionalLong most = retention.maxEvents();
    return most.isPresent() ? head.sequence() - most.getAsLong() : 0;
  }

  /** Down to three quarters of what is allowed, if events are all alike. */
  private long tooLarge(HeadRow head, long size) {
    if (!isTooLarge(size)) {
      return 0;
    }
    double part = 1 - 0.75 * retention.maxBytes().getAsLong() / size;
    long events = (long) ((head.sequence() - head.oldest() + 1) * part);
    return head.oldest() - 1 + events + STEP;
  }

  private boolean isLost(LogEvent.ConsumerLost consumer, HeadRow head, long size) {
    boolean pressing =
        retention.maxBytes().isPresent() && size / 3 * 2 > retention.maxBytes().getAsLong();
    return pressing || head.sequence() - consumer.sequence() > retention.maxConsumerLag();
  }

  private static Command<Void> truncation(
      String logId, LogEvent.Truncated event, List<LogEvent.ConsumerLost> lost) {
    List<Event> events = new ArrayList<>(lost);
    events.add(event);
    // In the lane of outcomes: a full queue needs it all the more.
    return new Command<>(
        Origin.component("log"),
        view -> decide(view, logId, event, events),
        OptionalLong.empty(),
        Optional.empty(),
        Command.Lane.OUTCOME,
        0);
  }

  private static Decision<Void> decide(
      StateView view, String logId, LogEvent.Truncated event, List<Event> events) {
    view.find(LogEvent.TRUNCATIONS, Subject.SYSTEM_NAMESPACE, logId)
        .filter(last -> last.upTo() >= event.upTo())
        .ifPresent(
            last -> {
              throw new RuntimeFailure(
                  Kind.FAILED_PRECONDITION,
                  "The log is truncated up to " + last.upTo() + " already");
            });
    return Decision.of(LogEvent.subject(logId), events.toArray(new Event[0]));
  }

  /** Begins no other round; one that is under way ends with the store. */
  synchronized void stop() {
    closed = true;
    notifyAll();
  }

  /** After {@link #stop} and the closing of the store; waits for the thread. */
  @Override
  public void close() {
    stop();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
