package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.log.CommandQueue.Pending;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
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

  /** Why everything derived is to be made again, whether that is needed or not. */
  private Optional<String> asked = Optional.empty();

  private LongConsumer progress = sequence -> {};
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
            openWithRoom(settings, catalogue),
            () -> new EventLogs(settings, catalogue).open());
    return new Open(log, log);
  }

  /**
   * Makes state, history, index and beacons of a stopped log anew from its events. Goes on where an
   * earlier attempt of the same build was interrupted.
   *
   * @param progress gets the last sequence done, from time to time
   * @return the last event; the log says in the one after it what was done
   */
  public static Cursor rebuild(
      LogSettings settings, EventCatalogue families, LongConsumer progress) {
    EventLogs logs = new EventLogs(settings, withOwn(families));
    if (Files.notExists(logs.directory.database())) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "There is no event log in " + logs.directory.root());
    }
    logs.asked = Optional.of("it was asked for");
    logs.progress = progress;
    try (OpenedLog opened = logs.open()) {
      opened.store().sync();
      opened.mark(settings.mode(), true);
      return opened.writer().head().cursor();
    }
  }

  /** Opening writes; on a full disk it takes the room that was kept for it. */
  private static OpenedLog openWithRoom(LogSettings settings, EventCatalogue catalogue) {
    try {
      return new EventLogs(settings, catalogue).open();
    } catch (RuntimeException e) {
      if (!new LogDirectory(settings.directory()).giveUpBallast()) {
        throw e;
      }
      LOG.warn("The event log cannot be opened; its ballast is given up for another try", e);
      return new EventLogs(settings, catalogue).open();
    }
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
      Optional<String> newEpoch = reasonForEpoch(head, mark, clean);
      LogWriter writer =
          new LogWriter(
              store,
              catalogue,
              settings,
              logId,
              head,
              newEpoch.isPresent() ? nextEpoch(head, mark) : head.epoch());
      tell(
          writer,
          newEpoch.map(
              reason -> new LogEvent.EpochStarted(nextEpoch(head, mark), head.sequence(), reason)));
      headFile = HeadFile.open(directory.head());
      OpenedLog opened =
          new OpenedLog(
              store,
              writer,
              headFile,
              Epochs.of(new RowsView(new StoreRows(store), writer.head().sequence()))
                  .with(settings.retention().archive()));
      opened.mark(settings.mode(), false);
      directory.dropWriteAheadLogs();
      directory.forgetDamage();
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

  private Optional<String> reasonForEpoch(
      HeadRow head, Optional<HeadFile.Mark> mark, boolean clean) {
    if (!losses.isEmpty()) {
      return Optional.of("salvage");
    }
    if (head.epoch() == 0) {
      return Optional.of("new log");
    }
    if (mark.isEmpty()) {
      // Whether the end was lost cannot be told without it.
      return Optional.of("the head file was lost");
    }
    return mark.get().relaxed() && !clean
        ? Optional.of("unclean stop in relaxed mode")
        : Optional.empty();
  }

  /** Leaves a store with a verified tail in {@link #store}; returns the log's id. */
  private String openStore(Optional<HeadFile.Mark> mark) {
    if (directory.restoreCurrent()) {
      LOG.warn("The event log's database had lost sight of its manifest, and has it again");
    }
    if (directory.lacksManifest()) {
      return startOver(mark, "its MANIFEST is missing");
    }
    try {
      store = RocksStore.open(directory.database());
      Optional<byte[]> format = store.get(ColumnFamily.META, Keys.FORMAT);
      if (format.isEmpty()) {
        return create(mark);
      }
      checkFormat(directory, new String(format.get(), StandardCharsets.UTF_8));
      return check();
    } catch (StoreException e) {
      if (!e.damaged()) {
        throw e;
      }
      if (store != null) {
        store.close();
        store = null;
      }
      return startOver(mark, e.getMessage());
    }
  }

  private String check() {
    String logId =
        new String(store.get(ColumnFamily.META, Keys.LOG_ID).orElseThrow(), StandardCharsets.UTF_8);
    HeadRow head = HeadRow.read(store).orElseThrow();
    Optional<String> finding = directory.damage().or(() -> TailCheck.findDamage(store, head));
    if (finding.isPresent()) {
      salvage(store, logId, head, finding.get());
      takeOver();
    } else if (asked.isPresent() || Rebuild.isDue(store, catalogue)) {
      rebuild(logId, head, asked.orElse("an applier has changed"));
    } else {
      directory.dropRebuild();
      Rebuild.noteAppliers(store, catalogue);
    }
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

  /** Copies what can be read of {@code damaged} into a database beside the damaged one. */
  private void salvage(StoreReader damaged, String logId, HeadRow head, String finding) {
    LOG.error("The event log is damaged: {}; what verifies is salvaged", finding);
    try (MetadataStore fresh = RocksStore.open(directory.building())) {
      new Salvage(damaged, fresh, catalogue, "quarantine/" + stamp + "/db", finding)
          .copy(logId, head);
    }
  }

  /** What was salvaged takes the place of the database. */
  private void takeOver() {
    if (store != null) {
      store.close();
    }
    directory.replace(stamp);
    store = RocksStore.open(directory.database());
  }

  /** Everything derived is made again beside the database, and then takes its place. */
  private void rebuild(String logId, HeadRow head, String reason) {
    LOG.info("The state is derived from {} events again: {}", head.sequence(), reason);
    try (MetadataStore fresh = RocksStore.open(directory.rebuilding())) {
      new Rebuild(store, fresh, catalogue, logId, head, progress.andThen(told(head))).run();
      try (Batch batch = fresh.newBatch()) {
        batch.put(
            ColumnFamily.META,
            Keys.REBUILT,
            EventJson.write(new LogEvent.Rebuilt(head.sequence(), reason, Optional.empty())));
        fresh.write(batch, true);
      }
    } catch (RuntimeFailure e) {
      directory.dropRebuild();
      if (asked.isPresent()) {
        throw e;
      }
      LOG.error("The state cannot be derived from the events again; it stays as it is", e);
      return;
    }
    store.close();
    directory.replaceByRebuilt();
    store = RocksStore.open(directory.database());
  }

  private static LongConsumer told(HeadRow head) {
    long step = Math.max(1, (head.sequence() - head.oldest()) / 20);
    AtomicLong next = new AtomicLong(head.oldest() + step);
    return sequence -> {
      if (sequence >= next.get()) {
        LOG.info("Derived {} of {} events", sequence, head.sequence());
        next.set(sequence + step);
      }
    };
  }

  /** The database cannot be opened at all: its files are looked through one by one. */
  private String startOver(Optional<HeadFile.Mark> mark, String cause) {
    LOG.error("The event log cannot be opened and is moved to quarantine: {}", cause);
    Path files = directory.moveAside(stamp);
    losses.clear();
    Optional<String> found = searchWreck(files, mark, cause);
    if (found.isPresent()) {
      takeOver();
      return found.get();
    }
    store = RocksStore.open(directory.database());
    String logId = create(mark);
    mark.filter(last -> last.head().sequence() > 0).ifPresent(last -> goOnAfter(last, cause));
    return logId;
  }

  /** Returns the id of the log when there are events among the files; they are salvaged then. */
  private Optional<String> searchWreck(Path files, Optional<HeadFile.Mark> mark, String cause) {
    try (Wreck wreck = Wreck.search(files, directory.wreck())) {
      Optional<HeadRow> head = wreck.head();
      Optional<String> logId = head.map(row -> wreck.logId().orElseGet(() -> idOf(mark)));
      head.ifPresent(
          row ->
              salvage(
                  wreck.store(),
                  logId.orElseThrow(),
                  row,
                  "the database could not be opened: " + cause));
      return logId;
    } catch (IOException | StoreException e) {
      LOG.error("The files in quarantine cannot be looked through", e);
      return Optional.empty();
    }
  }

  private static String idOf(Optional<HeadFile.Mark> mark) {
    return mark.map(HeadFile.Mark::logId).orElseGet(() -> UUID.randomUUID().toString());
  }

  private void goOnAfter(HeadFile.Mark last, String cause) {
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
                  "the database could not be opened: " + cause,
                  Optional.of("quarantine/" + stamp + "/db"))));
      store.write(batch, true);
    }
  }

  private String create(Optional<HeadFile.Mark> mark) {
    String logId = idOf(mark);
    try (Batch batch = store.newBatch()) {
      batch.put(ColumnFamily.META, Keys.FORMAT, Keys.utf8(FORMAT));
      batch.put(ColumnFamily.META, Keys.LOG_ID, Keys.utf8(logId));
      batch.put(ColumnFamily.META, Keys.HEAD, HeadRow.genesis(logId).bytes());
      store.write(batch, true);
    }
    Rebuild.noteAppliers(store, catalogue);
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

  /** Begins an epoch and tells of what was lost and what was derived again, if any of it is so. */
  private void tell(LogWriter writer, Optional<LogEvent.EpochStarted> epoch) {
    List<Event> events = new ArrayList<>();
    epoch.ifPresent(events::add);
    events.addAll(losses);
    store
        .get(ColumnFamily.META, Keys.REBUILT)
        .map(json -> EventJson.read(json, LogEvent.Rebuilt.class))
        .ifPresent(events::add);
    if (events.isEmpty()) {
      return;
    }
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
      batch.delete(ColumnFamily.META, Keys.REBUILT);
      store.write(batch, true);
    }
    losses.forEach(
        loss -> LOG.warn("Events {} to {} were lost: {}", loss.from(), loss.to(), loss.reason()));
  }
}
