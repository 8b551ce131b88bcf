package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.log.CommandQueue.Pending;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreSnapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log in a {@link dev.taffrail.core.metadata.MetadataStore}. One thread writes; a few others
 * bring events to subscribers.
 */
final class StoredEventLog extends StoredLog implements EventLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoredEventLog.class);
  private static final int RECENT = 8192;
  private static final long MARK_MILLIS = 1000;
  private static final long RELAXED_SYNC_MILLIS = 100;
  private static final long RETRY_MILLIS = 1000;

  private final LogSettings settings;
  private final Supplier<OpenedLog> opener;
  private final CommandQueue queue;
  private final RecentEvents recent;
  private final Set<LogSubscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final ExecutorService readers =
      Executors.newFixedThreadPool(2, task -> daemonThread(task, "taffrail-log-reader"));
  private final Chores chores = new Chores();
  private final ExecutorService redactions =
      Executors.newSingleThreadExecutor(task -> daemonThread(task, "taffrail-log-redactor"));
  private final Thread writerThread;
  private final LogKeeper keeper;
  private final Optional<LogArchive> archive;
  private final DiskRoom room;
  private volatile OpenedLog opened;
  private volatile HeadRow head;
  private volatile boolean ended;

  /** From a failed write until one succeeds, what it said: only outcomes are accepted. */
  private volatile Optional<String> failing = Optional.empty();

  // Below: the writer's thread.
  private Cursor marked;
  private long markedAt = System.nanoTime();
  private boolean unsynced;
  private long syncedAt = System.nanoTime();

  /**
   * Starts writing.
   *
   * @param opener opens the store again after a failed write
   */
  StoredEventLog(
      LogSettings settings,
      EventCatalogue catalogue,
      OpenedLog opened,
      Supplier<OpenedLog> opener) {
    super(catalogue);
    this.settings = settings;
    this.opener = opener;
    this.opened = opened;
    this.head = opened.writer().head();
    this.marked = head.cursor();
    this.queue = new CommandQueue(settings.queueCapacity());
    this.recent = new RecentEvents(RECENT, head.sequence());
    this.writerThread = daemonThread(this::write, "taffrail-log-writer");
    this.room = DiskRoom.of(new LogDirectory(settings.directory()), settings.diskReserve());
    this.archive =
        settings.retention().archive().map(directory -> new LogArchive(directory, catalogue));
    this.keeper = new LogKeeper(settings, archive, new KeptLog());
    writerThread.start();
    keeper.start();
  }

  @Override
  public <R> CompletableFuture<Committed<R>> submit(Command<R> command) {
    CompletableFuture<Committed<R>> reply = new CompletableFuture<>();
    try {
      if (command.lane() == Command.Lane.REQUEST) {
        room.check();
        keeper.checkRoom();
      }
      Optional<String> why = failing;
      if (why.isPresent() && command.lane() != Command.Lane.OUTCOME) {
        throw new RuntimeFailure(
            Kind.UNAVAILABLE,
            "The event log cannot be written to; it is tried again: " + why.get());
      }
      queue.add(new Pending<>(command, reply));
    } catch (RuntimeFailure e) {
      reply.completeExceptionally(e);
    }
    return reply;
  }

  private void write() {
    try {
      boolean more = true;
      while (more) {
        Pending<?> first = queue.take(millisUntilUpkeep());
        room.look();
        if (first == null) {
          more = !queue.isClosed();
        } else {
          commit(first);
        }
        chores.run();
        upkeep();
      }
    } catch (Throwable e) {
      LOG.error("The event log has failed and takes no more commands", e);
      RuntimeFailure failure =
          new RuntimeFailure(Kind.UNAVAILABLE, "The event log has failed: " + e.getMessage(), e);
      queue.abandon().forEach(pending -> pending.fail(failure));
    } finally {
      ended = true;
      chores.close();
      wakeAll();
    }
  }

  private void commit(Pending<?> first) throws InterruptedException {
    Queue<LogWriter.Group> open = new ConcurrentLinkedQueue<>();
    // However many commands come, upkeep has its turn.
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RELAXED_SYNC_MILLIS);
    try {
      opened
          .writer()
          .commit(
              first, () -> System.nanoTime() < end ? queue.poll() : null, this::committed, open);
    } catch (Throwable e) {
      recover(open, e);
    }
  }

  /** Groups come in order, from the writer's thread or from the one that writes for it. */
  private void committed(LogWriter.Group group) {
    if (group.appended().isEmpty()) {
      group.answer(queue);
      return;
    }
    failing = Optional.empty();
    recent.add(group.appended());
    head = group.head();
    keeper.appended(group.appended());
    unsynced = settings.mode() == LogMode.RELAXED;
    group.answer(queue);
    wakeAll();
  }

  /**
   * Opens the log again after a failed write, however long that takes. Requests are told that their
   * outcome is unknown; outcomes are kept, and written again unless they are stored.
   */
  private void recover(Queue<LogWriter.Group> open, Throwable cause) throws InterruptedException {
    LOG.error("A write to the event log failed; it is opened again", cause);
    RuntimeFailure failure =
        new RuntimeFailure(
            Kind.OUTCOME_UNKNOWN,
            "The write to the event log failed: it may or may not have happened: "
                + cause.getMessage(),
            cause);
    if (cause instanceof StoreException e && e.damaged()) {
      damaged(e);
    }
    Optional<String> why = Optional.of(String.valueOf(cause.getMessage()));
    failing = why;
    List<Pending<?>> refused = new ArrayList<>(queue.takeRequests());
    room.writeFailed();
    Runnable tell =
        () -> {
          open.forEach(group -> group.failRequests(failure));
          refused.forEach(request -> request.fail(cannotWrite("it was not done", cause)));
        };
    List<Pending<?>> outcomes = new ArrayList<>();
    try {
      reopen(
          () -> {
            // One that was being submitted came to the queue only now.
            refused.addAll(queue.takeRequests());
            tell.run();
          });
      List<LogWriter.Group> stored = open.stream().filter(this::isStored).toList();
      open.stream()
          .filter(group -> !stored.contains(group))
          .forEach(group -> outcomes.addAll(group.dropRequests(queue)));
      failing = outcomes.isEmpty() ? Optional.empty() : why;
      tell.run();
      stored.forEach(group -> group.answer(queue));
    } catch (RuntimeException | Error e) {
      tell.run();
      open.forEach(group -> outcomes.addAll(group.dropRequests(queue)));
      outcomes.forEach(outcome -> outcome.fail(failure));
      throw e;
    }
    if (queue.isClosed()) {
      outcomes.forEach(outcome -> outcome.fail(failure));
    } else if (!outcomes.isEmpty()) {
      queue.putBack(outcomes);
      queue.awaitClosed(RETRY_MILLIS);
    }
    wakeAll();
  }

  private static RuntimeFailure cannotWrite(String whatFollows, Throwable cause) {
    return new RuntimeFailure(
        Kind.UNAVAILABLE,
        "The event log cannot be written to, so " + whatFollows + ": " + cause.getMessage(),
        cause);
  }

  /**
   * Opens the log again.
   *
   * @param delayed is called when that does not succeed at once
   */
  private void reopen(Runnable delayed) throws InterruptedException {
    OpenedLog broken = opened;
    opened = null;
    broken.close();
    while (opened == null) {
      try {
        opened = opener.get();
      } catch (RuntimeFailure e) {
        if (queue.isClosed()) {
          throw e;
        }
        LOG.error("The event log cannot be opened again yet", e);
        delayed.run();
        queue.awaitClosed(RETRY_MILLIS);
        room.look();
      }
    }
    head = opened.writer().head();
    unsynced = false;
    // What the failed write did store is read from storage.
    recent.reset(head.sequence());
  }

  /** A group is one batch: its last event is stored if any is. */
  private boolean isStored(LogWriter.Group group) {
    if (group.appended().isEmpty()) {
      return false;
    }
    Appended last = group.appended().get(group.appended().size() - 1);
    return opened
        .reader()
        .anchor(last.header().sequence())
        .map(hash -> Arrays.equals(hash, last.frame().hash()))
        .orElse(false);
  }

  /** The head file at least every second, and in relaxed mode a sync more often. */
  private void upkeep() throws InterruptedException {
    try {
      syncAndMark();
    } catch (RuntimeException e) {
      recover(new ArrayDeque<>(), e);
    }
  }

  private void syncAndMark() {
    long now = System.nanoTime();
    if (unsynced && now - syncedAt >= TimeUnit.MILLISECONDS.toNanos(RELAXED_SYNC_MILLIS)) {
      opened.store().sync();
      unsynced = false;
      syncedAt = now;
    }
    // Only what is on disk may be marked, or a relaxed log would look cut.
    if (!unsynced
        && !head.cursor().equals(marked)
        && now - markedAt >= TimeUnit.MILLISECONDS.toNanos(MARK_MILLIS)) {
      opened.mark(settings.mode(), false);
      marked = head.cursor();
      markedAt = now;
    }
  }

  /** Until {@link #upkeep} has something to do if nothing else comes. */
  private long millisUntilUpkeep() {
    if (unsynced) {
      return left(syncedAt, RELAXED_SYNC_MILLIS);
    }
    return head.cursor().equals(marked) ? MARK_MILLIS : left(markedAt, MARK_MILLIS);
  }

  private static long left(long since, long millis) {
    return Math.max(1, millis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
  }

  @Override
  OpenedLog source() {
    OpenedLog log = opened;
    if (log == null) {
      throw new RuntimeFailure(
          Kind.UNAVAILABLE,
          queue.isClosed()
              ? "The event log is closed"
              : "The event log is being opened again after a failed write"
                  + failing.map(why -> ": " + why).orElse(""));
    }
    return log;
  }

  private void wakeAll() {
    subscriptions.forEach(LogSubscription::wake);
  }

  @Override
  public Cursor head() {
    return head.cursor();
  }

  @Override
  public LogInfo info() {
    OpenedLog log = source();
    HeadRow now = head;
    return new LogInfo(
        log.writer().logId(),
        settings.mode(),
        now.cursor(),
        now.oldest(),
        now.hash(),
        log.epochs().lastSalvage());
  }

  @Override
  Optional<List<LoggedEvent>> recent(long sequence, long head, int max) {
    return recent
        .after(sequence, head, max)
        .map(found -> found.stream().map(Appended::toLogged).toList());
  }

  @Override
  public Flow.Publisher<Delivery> subscribe(Cursor after, EventFilter filter) {
    return subscriber -> {
      LogSubscription subscription =
          new LogSubscription(source, after, filter, subscriber, readers, settings);
      subscriptions.add(subscription);
      subscriber.onSubscribe(subscription);
      subscription.wake();
    };
  }

  private final LogSubscription.Source source =
      new LogSubscription.Source() {
        @Override
        public Cursor head() {
          return StoredEventLog.this.head();
        }

        @Override
        public List<LoggedEvent> after(Cursor cursor, int max) {
          return eventsAfter(cursor, max, head());
        }

        @Override
        public boolean isClosed() {
          return ended;
        }

        @Override
        public void ended(LogSubscription subscription) {
          subscriptions.remove(subscription);
        }
      };

  @Override
  public Optional<Cursor> consumer(String name) {
    return Consumers.find(source().store(), name);
  }

  @Override
  public CompletableFuture<Void> storeConsumer(String name, Cursor cursor) {
    try {
      return CompletableFuture.runAsync(() -> store(name, cursor), readers);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          new RuntimeFailure(Kind.UNAVAILABLE, "The event log is closed", e));
    }
  }

  private void store(String name, Cursor cursor) {
    OpenedLog log = source();
    try (Batch batch = log.store().newBatch()) {
      Consumers.put(batch, name, cursor);
      log.store().write(batch, settings.mode() == LogMode.DURABLE);
    } catch (StoreException e) {
      throw new RuntimeFailure(
          Kind.OUTCOME_UNKNOWN, "Cannot store the cursor of " + name + ": " + e.getMessage(), e);
    }
  }

  @Override
  void damaged(RuntimeException finding) {
    new LogDirectory(settings.directory()).noteDamage(finding.getMessage());
  }

  @Override
  public LogStorage storage() {
    MetadataStore store = source().store();
    Map<String, Long> tables = new HashMap<>();
    for (ColumnFamily family : ColumnFamily.values()) {
      tables.put(family.storedName(), store.tableBytes(family));
    }
    return new LogStorage(
        settings.retention(),
        store.diskBytes(),
        tables,
        Consumers.all(store),
        room.refusal().or(keeper::refusal),
        archive.map(kept -> kept.status(info().logId())));
  }

  /** One after another: each replays on what the one before it has stored. */
  @Override
  public CompletableFuture<Committed<LogEvent.Redacted>> redact(RedactionRequest request) {
    return CompletableFuture.supplyAsync(() -> redactNow(request), redactions);
  }

  private Committed<LogEvent.Redacted> redactNow(RedactionRequest request) {
    checkMeaning(request.event());
    if (archive.isPresent() && request.sequence() > 0 && request.sequence() < head.oldest()) {
      // What was redacted before must be so in the archive too, or its replay would undo that.
      keeper.request().join();
      try (SegmentStore unpacked =
              archive.get().unpack(request.sequence(), info().logId(), settings.directory());
          StoreSnapshot log = source().store().snapshot();
          StoreSnapshot then =
              new JoinedStore(unpacked.store().snapshot(), source().store().snapshot())) {
        return redactNow(request, then, HeadRow.read(log).orElseThrow().base());
      }
    }
    try (StoreSnapshot then = source().store().snapshot()) {
      return redactNow(request, then, HeadRow.read(then).orElseThrow().base());
    }
  }

  /** Whether the epoch that goes on has such an event is for the redactor to say. */
  private void checkMeaning(Cursor event) {
    HeadRow now = head;
    if (event.epoch() != now.epoch()) {
      source().epochs().checkMeaning(event, now.cursor(), now.oldest());
    }
  }

  /**
   * Redacts what lies in the log and perhaps an archive.
   *
   * @param logBase the base of the log alone
   */
  private Committed<LogEvent.Redacted> redactNow(
      RedactionRequest request, StoreSnapshot then, long logBase) {
    HeadRow base = HeadRow.read(then).orElseThrow();
    Redactor redactor = new Redactor(then, catalogue(), base, request);
    // All but the last few events while others write.
    redactor.replay(then, base.sequence());
    CompletableFuture<Committed<LogEvent.Redacted>> reply = new CompletableFuture<>();
    chores.add(() -> redact(redactor, request, logBase, reply), reply::completeExceptionally);
    queue.nudge();
    return reply.join();
  }

  private void redact(
      Redactor redactor,
      RedactionRequest request,
      long base,
      CompletableFuture<Committed<LogEvent.Redacted>> reply)
      throws InterruptedException {
    try {
      if (head.base() != base) {
        throw new RuntimeFailure(Kind.ABORTED, "The log was truncated meanwhile; try again");
      }
      redactor.replay(opened.store(), head.sequence());
    } catch (RuntimeException e) {
      reply.completeExceptionally(e);
      return;
    }
    Command<LogEvent.Redacted> command =
        Command.request(
            request.origin(),
            view ->
                Decision.of(LogEvent.subject(opened.writer().logId()), redactor.event())
                    .reply(redactor.event()));
    Queue<LogWriter.Group> open = new ConcurrentLinkedQueue<>();
    try {
      opened
          .writer()
          .commit(new Pending<>(command, reply), redactor, this::committedRedaction, open);
    } catch (Throwable e) {
      recover(open, e);
    }
  }

  private void committedRedaction(LogWriter.Group group) {
    // Payloads in memory are those from before.
    recent.reset(group.head().sequence() - group.appended().size());
    committed(group);
  }

  @Override
  public CompletableFuture<Void> applyRetention() {
    return keeper.request();
  }

  /** The log as its keeper sees it. */
  private final class KeptLog implements LogKeeper.Log {
    @Override
    public MetadataStore store() {
      return source().store();
    }

    @Override
    public HeadRow head() {
      return head;
    }

    @Override
    public String id() {
      return source().writer().logId();
    }

    @Override
    public void damaged(RuntimeException finding) {
      StoredEventLog.this.damaged(finding);
    }

    @Override
    public void scrubbed(Scrub scrub) {
      chores.add(() -> scrub.done(opened.store()), closed -> LOG.debug("Scrubbed once more later"));
      queue.nudge();
    }

    @Override
    public void commit(Command<Void> command) {
      try {
        submit(command).get();
      } catch (ExecutionException e) {
        throw new RuntimeFailure(
            RuntimeFailure.kindOf(e.getCause()),
            "The truncation was refused: " + e.getCause().getMessage(),
            e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RuntimeFailure(Kind.CANCELLED, "The event log is being closed", e);
      }
    }
  }

  /** Commits what waits, tells subscribers, closes the store. Idempotent. */
  @Override
  public void close() {
    keeper.stop();
    queue.close();
    redactions.shutdown();
    boolean interrupted = false;
    while (writerThread.isAlive()) {
      try {
        writerThread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    wakeAll();
    readers.shutdown();
    try {
      if (!readers.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("A subscriber of the event log still runs");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    try {
      closeStore();
    } finally {
      keeper.close();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void closeStore() {
    OpenedLog log = opened;
    if (log == null) {
      return;
    }
    opened = null;
    try {
      log.store().sync();
      log.mark(settings.mode(), true);
    } finally {
      log.close();
    }
  }
}
