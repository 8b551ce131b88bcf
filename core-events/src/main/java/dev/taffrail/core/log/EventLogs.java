package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.log.CommandQueue.Pending;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.core.metadata.StoreException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens event logs. Damage never keeps a log from opening: what does not verify goes to quarantine,
 * a new epoch begins, and the log tells what was lost.
 */
public final class EventLogs {
  static final String FORMAT = "taffrail/1";
  private static final Logger LOG = LoggerFactory.getLogger(EventLogs.class);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSSSSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final LogSettings settings;
  private final EventCatalogue catalogue;
  private final LogDirectory directory;
  private final String stamp;
  private final List<LogEvent.Salvaged> losses = new ArrayList<>();
  private MetadataStore store;

  private EventLogs(LogSettings settings, EventCatalogue catalogue) {
    this.settings = settings;
    this.catalogue = catalogue;
    this.directory = new LogDirectory(settings.directory());
    this.stamp = STAMP.format(Keys.instant(settings.clock().getAsLong()));
  }

  /** An open log; closing it commits what waits. */
  public record Open(EventLog log, AutoCloseable closer) {}

  /**
   * Opens the log in a directory, which is created when it is missing. UNIMPLEMENTED when a later
   * release wrote it; INTERNAL when the directory cannot be used.
   */
  public static Open open(LogSettings settings, EventCatalogue families) {
    EventCatalogue catalogue = withOwn(families);
    StoredEventLog log =
        new StoredEventLog(
            settings,
            catalogue,
            new EventLogs(settings, catalogue).open(),
            () -> new EventLogs(settings, catalogue).open());
    return new Open(log, log);
  }

  /** Adds the events of the log itself. */
  static EventCatalogue withOwn(EventCatalogue families) {
    if (families.families().contains(LogEvent.FAMILY)) {
      return families;
    }
    List<EventFamily<?>> all = new ArrayList<>(families.families());
    all.add(LogEvent.FAMILY);
    return EventCatalogue.of(all);
  }

  private OpenedLog open() {
    directory.recover(stamp);
    Optional<HeadFile.Mark> mark = HeadFile.read(directory.head());
    boolean clean = mark.map(HeadFile.Mark::closed).orElse(false);
    if (!clean) {
      directory.keepWriteAheadLogs();
    }
    HeadFile headFile = null;
    try {
      String logId = openStore(mark);
      HeadRow head = HeadRow.read(store).orElseThrow();
      losses.addAll(untold(Salvage.pending(store), head));
      mark.flatMap(last -> cutTail(last, head)).ifPresent(losses::add);
      boolean relaxed = mark.map(HeadFile.Mark::relaxed).orElse(false);
      Optional<String> newEpoch = reasonForEpoch(head, relaxed && !clean);
      LogWriter writer =
          new LogWriter(
              store,
              catalogue,
              settings,
              logId,
              head,
              newEpoch.isPresent() ? nextEpoch(head, mark) : head.epoch());
      newEpoch.ifPresent(reason -> tell(writer, nextEpoch(head, mark), head.sequence(), reason));
      headFile = HeadFile.open(directory.head());
      OpenedLog opened =
          new OpenedLog(
              store,
              writer,
              headFile,
              Epochs.of(new RowsView(new StoreRows(store), writer.head().sequence())),
              head.oldest());
      opened.mark(settings.mode(), false);
      directory.dropWriteAheadLogs();
      return opened;
    } catch (RuntimeException e) {
      if (headFile != null) {
        headFile.close();
      }
      if (store != null) {
        store.close();
      }
      throw e instanceof StoreException
          ? new RuntimeFailure(Kind.INTERNAL, "Cannot open the event log: " + e.getMessage(), e)
          : e;
    }
  }

  /** Also above what the head file knows, so that no cursor is given two meanings. */
  private static int nextEpoch(HeadRow head, Optional<HeadFile.Mark> mark) {
    return Math.max(head.epoch(), mark.map(last -> last.head().epoch()).orElse(0)) + 1;
  }

  private Optional<String> reasonForEpoch(HeadRow head, boolean uncleanRelaxed) {
    if (!losses.isEmpty()) {
      return Optional.of("salvage");
    }
    if (head.epoch() == 0) {
      return Optional.of("new log");
    }
    return uncleanRelaxed ? Optional.of("unclean stop in relaxed mode") : Optional.empty();
  }

  /** Leaves a store with a verified tail in {@link #store}; returns the log's id. */
  private String openStore(Optional<HeadFile.Mark> mark) {
    if (directory.restoreCurrent()) {
      LOG.warn("The event log's database had lost sight of its only manifest, and has it again");
    }
    try {
      store = RocksStore.open(directory.database());
    } catch (StoreException e) {
      if (!e.damaged()) {
        throw e;
      }
      return startOver(mark, e);
    }
    Optional<byte[]> format = store.get(ColumnFamily.META, Keys.FORMAT);
    if (format.isEmpty()) {
      return create(mark);
    }
    checkFormat(directory, new String(format.get(), StandardCharsets.UTF_8));
    String logId =
        new String(store.get(ColumnFamily.META, Keys.LOG_ID).orElseThrow(), StandardCharsets.UTF_8);
    HeadRow head = HeadRow.read(store).orElseThrow();
    TailCheck.findDamage(store, head).ifPresent(finding -> rebuild(logId, head, finding));
    return logId;
  }

  /** UNIMPLEMENTED for a format of a later release. */
  static void checkFormat(LogDirectory directory, String format) {
    if (!format.equals(FORMAT)) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED,
          "The event log in "
              + directory.root()
              + " has the format "
              + format
              + ", which this release does not know");
    }
  }

  private void rebuild(String logId, HeadRow head, String finding) {
    LOG.error("The event log is damaged: {}; what verifies is salvaged", finding);
    try (MetadataStore fresh = RocksStore.open(directory.building())) {
      new Salvage(store, fresh, "quarantine/" + stamp + "/db", finding).copy(logId, head);
    }
    store.close();
    directory.replace(stamp);
    store = RocksStore.open(directory.database());
  }

  /** The database cannot be opened at all. */
  private String startOver(Optional<HeadFile.Mark> mark, StoreException cause) {
    LOG.error("The event log cannot be opened and is moved to quarantine", cause);
    directory.moveAside(stamp);
    store = RocksStore.open(directory.database());
    losses.clear();
    String logId = create(mark);
    if (mark.isPresent() && mark.get().head().sequence() > 0) {
      HeadFile.Mark last = mark.get();
      HeadRow base =
          new HeadRow(
              last.head().epoch(),
              last.head().sequence(),
              0,
              last.hash(),
              HexFormat.of().formatHex(new StateHash().bytes()),
              last.head().sequence() + 1,
              last.head().sequence());
      try (Batch batch = store.newBatch()) {
        batch.put(ColumnFamily.META, Keys.HEAD, base.bytes());
        Salvage.writeLosses(
            batch,
            List.of(
                new LogEvent.Salvaged(
                    1,
                    last.head().sequence(),
                    true,
                    "the database could not be opened: " + cause.getMessage(),
                    Optional.of("quarantine/" + stamp + "/db"))));
        store.write(batch, true);
      }
    }
    return logId;
  }

  private String create(Optional<HeadFile.Mark> mark) {
    String logId = mark.map(HeadFile.Mark::logId).orElseGet(() -> UUID.randomUUID().toString());
    try (Batch batch = store.newBatch()) {
      batch.put(ColumnFamily.META, Keys.FORMAT, Keys.utf8(FORMAT));
      batch.put(ColumnFamily.META, Keys.LOG_ID, Keys.utf8(logId));
      batch.put(ColumnFamily.META, Keys.HEAD, HeadRow.genesis(logId).bytes());
      store.write(batch, true);
    }
    return logId;
  }

  /** What the head file knows of and the database does not have: its write-ahead log was cut. */
  private Optional<LogEvent.Salvaged> cutTail(HeadFile.Mark mark, HeadRow head) {
    if (mark.head().epoch() > head.epoch() || mark.head().sequence() > head.sequence()) {
      return Optional.of(
          new LogEvent.Salvaged(
              head.sequence() + 1,
              Math.max(mark.head().sequence(), head.sequence() + 1),
              false,
              "the head file knows of event "
                  + mark.head().sequence()
                  + ", but the database ends with "
                  + head.sequence(),
              Optional.of(directory.quarantineWriteAheadLogs(stamp))));
    }
    return Optional.empty();
  }

  /** Without what an event tells of already: a crash came before the note was removed. */
  private List<LogEvent.Salvaged> untold(List<LogEvent.Salvaged> noted, HeadRow head) {
    Epochs epochs = Epochs.of(new RowsView(new StoreRows(store), head.sequence()));
    return noted.stream().filter(loss -> epochs.holeAt(loss.from()).isEmpty()).toList();
  }

  /** Begins an epoch and tells of what was lost. */
  private void tell(LogWriter writer, int epoch, long after, String reason) {
    List<Event> events = new ArrayList<>();
    events.add(new LogEvent.EpochStarted(epoch, after, reason));
    events.addAll(losses);
    Command<Void> command =
        Command.request(
            Origin.component("log"),
            view -> Decision.of(LogEvent.subject(writer.logId()), events.toArray(new Event[0])));
    CompletableFuture<Committed<Void>> reply = new CompletableFuture<>();
    writer.commit(
        new Pending<>(command, reply),
        () -> null,
        group -> group.answer(new CommandQueue(1)),
        new ArrayDeque<>());
    reply.join();
    store.sync();
    try (Batch batch = store.newBatch()) {
      batch.delete(ColumnFamily.META, Keys.SALVAGE);
      store.write(batch, true);
    }
    losses.forEach(
        loss -> LOG.warn("Events {} to {} were lost: {}", loss.from(), loss.to(), loss.reason()));
  }
}
