package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreSnapshot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * The log of a daemon that is stopped, or killed. It is only read: nothing in the directory
 * changes, and whoever may read the files can open it. What lies in the write-ahead log is part of
 * it; damage is not salvaged. A daemon that starts meanwhile is not held up; reading may fail then.
 */
public final class StoppedLog extends StoredLog implements AutoCloseable {
  private final Source source;
  private final HeadRow head;
  private final LogInfo info;
  private volatile boolean closed;

  private record Source(MetadataStore store, Epochs epochs, long oldest) implements LogSource {
    @Override
    public StoreSnapshot snapshot() {
      return store.snapshot();
    }
  }

  private StoppedLog(EventCatalogue catalogue, Source source, HeadRow head, LogInfo info) {
    super(catalogue);
    this.source = source;
    this.head = head;
    this.info = info;
  }

  /**
   * Opens the log in a directory. NOT_FOUND when there is none, FAILED_PRECONDITION when a daemon
   * has it open, PERMISSION_DENIED when it may not be read, UNIMPLEMENTED when a later release
   * wrote it, DATA_LOSS when it is damaged so that it cannot be opened.
   */
  public static StoppedLog open(Path logDirectory, EventCatalogue families) {
    LogDirectory directory = new LogDirectory(logDirectory);
    return reading(directory, store -> open(directory, store, EventLogs.withOwn(families)));
  }

  /** Opens the store, which stays open when {@code use} returns and is closed when it fails. */
  private static <T> T reading(LogDirectory directory, Function<MetadataStore, T> use) {
    MetadataStore store = null;
    try {
      store = openStore(directory);
      return use.apply(store);
    } catch (RuntimeException e) {
      if (store != null) {
        store.close();
      }
      if (e instanceof StoreException failure) {
        throw new RuntimeFailure(
            failure.damaged() ? Kind.DATA_LOSS : Kind.UNAVAILABLE,
            "Cannot read the event log in " + directory.root() + ": " + e.getMessage(),
            e);
      }
      throw e;
    }
  }

  private static MetadataStore openStore(LogDirectory directory) {
    Path database = directory.database();
    if (Files.notExists(database)) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "There is no event log in " + directory.root());
    }
    if (!Files.isReadable(database) || !Files.isExecutable(database)) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "Cannot read the event log in " + directory.root() + ": permission denied");
    }
    if (RocksStore.isOpen(database)) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "A daemon has the event log in " + directory.root() + " open: ask the daemon instead");
    }
    return RocksStore.openReadOnly(database);
  }

  private static StoppedLog open(
      LogDirectory directory, MetadataStore store, EventCatalogue catalogue) {
    EventLogs.checkFormat(directory, text(store, Keys.FORMAT));
    String logId = text(store, Keys.LOG_ID);
    HeadRow head =
        HeadRow.read(store)
            .orElseThrow(() -> new RuntimeFailure(Kind.DATA_LOSS, "The log has no head"));
    Epochs epochs = Epochs.of(new RowsView(new StoreRows(store), head.sequence()));
    boolean relaxed = HeadFile.read(directory.head()).map(HeadFile.Mark::relaxed).orElse(false);
    return new StoppedLog(
        catalogue,
        new Source(store, epochs, head.oldest()),
        head,
        new LogInfo(
            logId,
            relaxed ? LogMode.RELAXED : LogMode.DURABLE,
            head.cursor(),
            head.oldest(),
            head.hash(),
            epochs.lastSalvage()));
  }

  private static String text(MetadataStore store, byte[] key) {
    return store
        .get(ColumnFamily.META, key)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Kind.DATA_LOSS, "The log has no " + new String(key, StandardCharsets.UTF_8)));
  }

  @Override
  LogSource source() {
    return stopped();
  }

  private Source stopped() {
    if (closed) {
      throw new RuntimeFailure(Kind.UNAVAILABLE, "The event log is closed");
    }
    return source;
  }

  @Override
  public Cursor head() {
    return head.cursor();
  }

  @Override
  public LogInfo info() {
    return info;
  }

  /** Waits for snapshots that are open. Idempotent. */
  @Override
  public void close() {
    closed = true;
    source.store().close();
  }
}
