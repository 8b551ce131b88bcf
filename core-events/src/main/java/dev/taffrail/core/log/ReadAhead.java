package dev.taffrail.core.log;

import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A pass over stored events. Other threads read them ahead by the chunk, which takes about as long
 * as what is done with them afterwards; they come out in order. Used by one thread.
 */
final class ReadAhead implements AutoCloseable {
  private static final int CHUNK_EVENTS = 256;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int CHUNKS = 8;
  private static final int MAX_READERS = 3;

  private final EventCatalogue catalogue;
  private final Scan scan;
  private final ExecutorService readers;
  private final Deque<CompletableFuture<List<ReadEvent>>> ahead = new ArrayDeque<>();
  private Iterator<ReadEvent> chunk = Collections.emptyIterator();
  private boolean ended;
  private StoreException damage;
  private ReadEvent event;

  /** The events {@code from} to {@code to}, as far as they are stored. */
  ReadAhead(StoreReader store, EventCatalogue catalogue, long from, long to) {
    this.catalogue = catalogue;
    this.scan = store.scan(ColumnFamily.EVENTS, Bytes.u64(from), Bytes.u64(to + 1));
    int others = Runtime.getRuntime().availableProcessors() - 1;
    this.readers =
        Executors.newFixedThreadPool(
            Math.max(1, Math.min(others, MAX_READERS)),
            task -> StoredLog.daemonThread(task, "taffrail-log-replay"));
  }

  /** False at the end; {@link StoreException} where the events after the last one are damaged. */
  boolean next() {
    while (!chunk.hasNext()) {
      while (!ended && ahead.size() < CHUNKS) {
        scanChunk();
      }
      if (ahead.isEmpty()) {
        if (damage != null) {
          throw damage;
        }
        return false;
      }
      chunk = ahead.remove().join().iterator();
    }
    event = chunk.next();
    return true;
  }

  private void scanChunk() {
    List<StoreReader.Entry> entries = new ArrayList<>(CHUNK_EVENTS);
    int bytes = 0;
    try {
      while (entries.size() < CHUNK_EVENTS && bytes < CHUNK_BYTES) {
        if (!scan.next()) {
          ended = true;
          break;
        }
        byte[] stored = scan.value();
        bytes += stored.length;
        entries.add(new StoreReader.Entry(scan.key(), stored));
      }
    } catch (StoreException e) {
      // The events before it come first.
      damage = e;
      ended = true;
    }
    ahead.add(CompletableFuture.supplyAsync(() -> read(entries), readers));
  }

  private List<ReadEvent> read(List<StoreReader.Entry> entries) {
    List<ReadEvent> events = new ArrayList<>(entries.size());
    for (StoreReader.Entry entry : entries) {
      events.add(ReadEvent.of(Bytes.u64(entry.key(), 0), entry.value(), catalogue));
    }
    return events;
  }

  /** The one that {@link #next} has found. */
  ReadEvent event() {
    return event;
  }

  @Override
  public void close() {
    readers.shutdownNow();
    scan.close();
  }
}
