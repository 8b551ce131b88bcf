package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.log.CommandQueue.Pending;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.StoreException;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
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

  private final LogSettings settings;
  private final Supplier<OpenedLog> opener;
  private final CommandQueue queue;
  private final RecentEvents recent;
  private final Set<LogSubscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final ExecutorService readers =
      Executors.newFixedThreadPool(2, task -> daemonThread(task, "taffrail-log-reader"));
  private final Thread writerThread;
  private volatile OpenedLog opened;
  private volatile HeadRow head;
  private volatile boolean ended;

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
    writerThread.start();
  }

  @Override
  public <R> CompletableFuture<Committed<R>> submit(Command<R> command) {
    CompletableFuture<Committed<R>> reply = new CompletableFuture<>();
    try {
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
        if (first == null) {
          more = !queue.isClosed();
        } else {
          commit(first);
        }
        upkeep();
      }
    } catch (Throwable e) {
      LOG.error("The event log has failed and takes no more commands", e);
      RuntimeFailure failure =
          new RuntimeFailure(Kind.UNAVAILABLE, "The event log has failed: " + e.getMessage(), e);
      queue.abandon().forEach(pending -> pending.fail(failure));
    } finally {
      ended = true;
      wakeAll();
    }
  }

  private void commit(Pending<?> first) {
    Queue<LogWriter.Group> open = new ConcurrentLinkedQueue<>();
    // However many commands come, upkeep has its turn.
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RELAXED_SYNC_MILLIS);
    try {
      opened
          .writer()
          .commit(
              first, () -> System.nanoTime() < end ? queue.poll() : null, this::committed, open);
    } catch (Throwable e) {
      LOG.error("A write to the event log failed; it is opened again", e);
      try {
        reopen();
      } finally {
        RuntimeFailure failure =
            new RuntimeFailure(
                Kind.OUTCOME_UNKNOWN,
                "The write to the event log failed: it may or may not have happened: "
                    + e.getMessage(),
                e);
        open.forEach(group -> group.fail(queue, failure));
      }
      wakeAll();
    }
  }

  /** Groups come in order, from the writer's thread or from the one that writes for it. */
  private void committed(LogWriter.Group group) {
    if (group.appended().isEmpty()) {
      group.answer(queue);
      return;
    }
    recent.add(group.appended());
    head = group.head();
    unsynced = settings.mode() == LogMode.RELAXED;
    group.answer(queue);
    wakeAll();
  }

  private void reopen() {
    OpenedLog failed = opened;
    opened = null;
    failed.close();
    opened = opener.get();
    head = opened.writer().head();
    // What the failed write did store is read from storage.
    recent.reset(head.sequence());
  }

  /** The head file at least every second, and in relaxed mode a sync more often. */
  private void upkeep() {
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
      throw new RuntimeFailure(Kind.UNAVAILABLE, "The event log is not open");
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
        log.oldest(),
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
    return source()
        .store()
        .get(ColumnFamily.CONSUMERS, Keys.utf8(name))
        .map(json -> EventJson.read(json, String.class))
        .map(Cursor::parse);
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
      batch.put(ColumnFamily.CONSUMERS, Keys.utf8(name), EventJson.write(cursor.toString()));
      log.store().write(batch, settings.mode() == LogMode.DURABLE);
    } catch (StoreException e) {
      throw new RuntimeFailure(
          Kind.OUTCOME_UNKNOWN, "Cannot store the cursor of " + name + ": " + e.getMessage(), e);
    }
  }

  /** Commits what waits, tells subscribers, closes the store. Idempotent. */
  @Override
  public void close() {
    queue.close();
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
    closeStore();
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
