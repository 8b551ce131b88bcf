package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.RocksStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Segments that follow each other, unpacked into a store that is thrown away when it is closed. */
final class SegmentStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentStore.class);
  private static final int ROWS_PER_BATCH = 4096;

  private final List<Segment> segments;
  private final Path directory;
  private final RocksStore store;

  private SegmentStore(List<Segment> segments, Path directory, RocksStore store) {
    this.segments = List.copyOf(segments);
    this.directory = directory;
    this.store = store;
  }

  /**
   * Unpacks into {@code directory}, which is removed in the end. DATA_LOSS when a file is damaged
   * or an event does not follow the one before it.
   */
  static SegmentStore unpack(List<Segment> segments, Path directory) {
    RocksStore store = null;
    try {
      store = RocksStore.openForLoading(directory);
      try (Loader loader = new Loader(store)) {
        segments.forEach(loader::load);
        loader.finish(segments);
      }
      return new SegmentStore(segments, directory, store);
    } catch (RuntimeException e) {
      if (store != null) {
        store.close();
      }
      delete(directory);
      throw e;
    }
  }

  MetadataStore store() {
    return store;
  }

  List<Segment> segments() {
    return segments;
  }

  String logId() {
    return segments.get(0).header().logId();
  }

  @Override
  public void close() {
    store.close();
    delete(directory);
  }

  private static void delete(Path directory) {
    try {
      LogDirectory.delete(directory);
    } catch (IOException e) {
      LOG.warn("{} cannot be removed: {}", directory, e.toString());
    }
  }

  /** Writes the rows of segments, and those that follow from them. */
  private static final class Loader implements AutoCloseable {
    private final MetadataStore store;
    private Batch batch;
    private int rows;

    /** Of the last event; empty before the first, and after a hole. */
    private Optional<String> hash = Optional.empty();

    private long sequence;
    private boolean later;

    Loader(MetadataStore store) {
      this.store = store;
      this.batch = store.newBatch();
    }

    void load(Segment segment) {
      sequence = segment.first() - 1;
      segment.header().anchor().ifPresent(anchor -> follow(segment, segment.first(), anchor));
      hash = segment.header().anchor();
      SegmentFile.read(segment, (family, key, value) -> row(segment, family, key, value));
      if (sequence == segment.last()) {
        follow(segment, sequence + 1, segment.header().hash());
      }
      hash = Optional.of(segment.header().hash());
      later = true;
    }

    private void row(Segment segment, ColumnFamily family, byte[] key, byte[] value) {
      if (family == ColumnFamily.EVENTS) {
        event(segment, Bytes.u64(key, 0), Frame.decode(value));
      }
      // The rows that a segment begins with are those that the one before it has already.
      if (!later
          || family != ColumnFamily.HISTORY
          || Bytes.u64(key, key.length - Long.BYTES) >= segment.first()) {
        put(family, key, value);
      }
    }

    private void event(Segment segment, long found, Frame frame) {
      if (found <= sequence || found > segment.last()) {
        throw damaged(segment, "event " + found + " is in the place of " + (sequence + 1));
      }
      if (found == sequence + 1) {
        follow(segment, found, HexFormat.of().formatHex(frame.previousHash()));
      }
      sequence = found;
      hash = Optional.of(HexFormat.of().formatHex(frame.hash()));
      for (byte[] key : Keys.index(HeaderCodec.read(frame.header()))) {
        put(ColumnFamily.INDEX, key, Bytes.EMPTY);
      }
    }

    private void follow(Segment segment, long next, String previous) {
      if (hash.isPresent() && !hash.get().equals(previous)) {
        throw damaged(segment, "event " + next + " does not follow the one before it");
      }
    }

    private static RuntimeFailure damaged(Segment segment, String finding) {
      return new RuntimeFailure(
          Kind.DATA_LOSS, "The segment " + segment + " is damaged: " + finding);
    }

    private void put(ColumnFamily family, byte[] key, byte[] value) {
      batch.put(family, key, value);
      rows++;
      if (rows % ROWS_PER_BATCH == 0) {
        write();
      }
    }

    private void write() {
      store.writeUnlogged(batch);
      batch.close();
      batch = store.newBatch();
    }

    /** The state is that after the last event. */
    void finish(List<Segment> segments) {
      write();
      Segment last = segments.get(segments.size() - 1);
      long oldest = segments.get(0).first();
      SortedMap<RowKey, StoredRow> state = Base.rows(store, last.last());
      StateHash stateHash = new StateHash();
      state.forEach(
          (key, row) -> {
            stateHash.add(key.bytes(), row.bytes());
            put(ColumnFamily.STATE, key.bytes(), row.bytes());
          });
      HeadRow head =
          new HeadRow(
              last.header().epoch(),
              last.last(),
              last.header().time(),
              last.header().hash(),
              HexFormat.of().formatHex(stateHash.bytes()),
              oldest,
              Segment.base(segments));
      put(ColumnFamily.META, Keys.FORMAT, Keys.utf8(EventLogs.FORMAT));
      put(ColumnFamily.META, Keys.LOG_ID, Keys.utf8(last.header().logId()));
      put(ColumnFamily.META, Keys.HEAD, head.bytes());
      put(ColumnFamily.META, Keys.TRIMMED, Bytes.u64(oldest - 1));
      write();
    }

    @Override
    public void close() {
      batch.close();
    }
  }
}
