package dev.taffrail.core.log;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.LooseFiles;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database that cannot be opened, put together again from its tables and write-ahead logs. Events
 * say themselves whether they are whole; all that is derived from them must be derived again.
 */
final class Wreck implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Wreck.class);
  private static final int ROWS_PER_BATCH = 1000;

  private final MetadataStore store;
  private Batch batch;
  private int rows;

  private Wreck(MetadataStore store) {
    this.store = store;
    this.batch = store.newBatch();
  }

  /**
   * Looks through the files of a database.
   *
   * @param workplace for two databases; removed by the caller
   */
  static Wreck search(Path files, Path workplace) throws IOException {
    Files.createDirectories(workplace);
    Wreck wreck = new Wreck(RocksStore.open(workplace.resolve("rows")));
    try {
      for (Path table : LooseFiles.tables(files)) {
        LooseFiles.read(table, wreck::add)
            .ifPresent(damage -> LOG.warn("A table of the event log is damaged: {}", damage));
      }
      try (RocksStore logs = LooseFiles.openLogs(files, workplace.resolve("logs"))) {
        for (ColumnFamily family : ColumnFamily.values()) {
          try (Scan scan = logs.scan(family, Bytes.EMPTY, null)) {
            while (scan.next()) {
              wreck.add(family, scan.key(), scan.value());
            }
          }
        }
      } catch (StoreException e) {
        LOG.warn("The write-ahead logs of the event log cannot be read: {}", e.getMessage());
      }
      wreck.write();
      return wreck;
    } catch (IOException | RuntimeException e) {
      wreck.close();
      throw e;
    }
  }

  private void add(ColumnFamily family, byte[] key, byte[] value) {
    if (family == ColumnFamily.EVENTS && isRedactedAlready(key)) {
      return;
    }
    batch.put(family, key, value);
    rows++;
    if (rows % ROWS_PER_BATCH == 0 || (family == ColumnFamily.EVENTS && isRedacted(value))) {
      write();
    }
  }

  // What is redacted stays so, whichever of the two is found first.
  private boolean isRedactedAlready(byte[] key) {
    return store.get(ColumnFamily.EVENTS, key).map(Wreck::isRedacted).orElse(false);
  }

  private static boolean isRedacted(byte[] frame) {
    try {
      return Frame.decode(frame).payload().isEmpty();
    } catch (RuntimeFailure e) {
      return false;
    }
  }

  private void write() {
    store.write(batch, false);
    batch.close();
    batch = store.newBatch();
  }

  StoreReader store() {
    return store;
  }

  Optional<String> logId() {
    return store
        .get(ColumnFamily.META, Keys.LOG_ID)
        .map(id -> new String(id, StandardCharsets.UTF_8));
  }

  /** The head as the last whole event says; empty when there is none. */
  Optional<HeadRow> head() {
    Optional<HeadRow> stored = HeadRow.read(store);
    long oldest = stored.map(HeadRow::oldest).orElse(1L);
    long base = stored.map(HeadRow::base).orElse(0L);
    HeadRow head = null;
    try (Scan scan = store.scan(ColumnFamily.EVENTS, Bytes.EMPTY, null)) {
      while (scan.next()) {
        try {
          Frame frame = Frame.decode(scan.value());
          EventHeader header = HeaderCodec.read(frame.header());
          if (header.type().equals(LogEvent.TRUNCATED) && frame.payload().isPresent()) {
            LogEvent.Truncated truncated =
                EventJson.read(frame.payload().get(), LogEvent.Truncated.class);
            oldest = Math.max(oldest, truncated.upTo() + 1);
            base = Math.max(base, truncated.upTo());
          }
          head =
              new HeadRow(
                  header.epoch(),
                  header.sequence(),
                  Keys.nanos(header.time()),
                  HexFormat.of().formatHex(frame.hash()),
                  HexFormat.of().formatHex(new StateHash().bytes()),
                  oldest,
                  base);
        } catch (RuntimeFailure e) {
          LOG.debug("A damaged event is passed over", e);
        }
      }
    }
    return Optional.ofNullable(head);
  }

  @Override
  public void close() {
    batch.close();
    store.close();
  }
}
