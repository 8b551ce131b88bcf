package dev.taffrail.core.metadata;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** A store in RocksDB. Handles are closed in order: iterators, snapshots, families, database. */
public final class RocksStore implements MetadataStore {
  private static final Set<Path> WRITERS = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final RocksOptions options;
  private final RocksDB database;
  private final List<ColumnFamilyHandle> handles;
  private final Map<ColumnFamily, ColumnFamilyHandle> families = new EnumMap<>(ColumnFamily.class);
  private final Map<ColumnFamily, Integer> ids = new EnumMap<>(ColumnFamily.class);
  private final ReadOptions plainReads = new ReadOptions();
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unsynced = new WriteOptions();
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
  private final Leases leases = new Leases();
  private Path writes;
  private final Set<CompactRangeOptions> compactions = ConcurrentHashMap.newKeySet();
  private final AtomicInteger snapshots = new AtomicInteger();
  private volatile boolean closing;

  private RocksStore(
      Path directory, RocksOptions options, RocksDB database, List<ColumnFamilyHandle> handles) {
    this.directory = directory;
    this.options = options;
    this.database = database;
    this.handles = handles;
    // The first is RocksDB's own default family, which stays empty.
    int index = 1;
    for (ColumnFamily family : ColumnFamily.values()) {
      ColumnFamilyHandle handle = handles.get(index++);
      families.put(family, handle);
      ids.put(family, handle.getID());
    }
  }

  /** Opens the store in {@code directory}, which is created when it is missing. */
  public static RocksStore open(Path directory) {
    return open(directory, false, false);
  }

  /**
   * As {@link #open(Path)}, with settings for a store that is filled at once and read afterwards.
   */
  public static RocksStore openForLoading(Path directory) {
    return open(directory, false, true);
  }

  /**
   * Opens an existing store, which nobody may have open for writing (see {@link #isOpen}), without
   * changing it.
   */
  public static RocksStore openReadOnly(Path directory) {
    return open(directory, true, false);
  }

  /**
   * Whether somebody has the store in {@code directory} open for writing. {@link StoreException}
   * when that cannot be found out.
   */
  public static boolean isOpen(Path directory) {
    if (WRITERS.contains(identity(directory))) {
      // To look at the lock from inside the process that holds it would free it; see fcntl(2).
      return true;
    }
    try (FileChannel file = FileChannel.open(directory.resolve("LOCK"));
        FileLock lock = file.tryLock(0, Long.MAX_VALUE, true)) {
      return lock == null;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new StoreException("Cannot look at the lock of " + directory + ": " + e, false, e);
    }
  }

  private static Path identity(Path directory) {
    try {
      return directory.toRealPath();
    } catch (IOException e) {
      return directory.toAbsolutePath().normalize();
    }
  }

  private static RocksStore open(Path directory, boolean readOnly, boolean loading) {
    // From java.library.path where it is there; else unpacked from the jar.
    RocksDB.loadLibrary();
    RocksOptions options = new RocksOptions(loading);
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try {
      DBOptions database = options.database();
      List<ColumnFamilyDescriptor> descriptors = options.descriptors();
      RocksDB opened =
          readOnly
              ? RocksDB.openReadOnly(database, directory.toString(), descriptors, handles)
              : RocksDB.open(database, directory.toString(), descriptors, handles);
      RocksStore store = new RocksStore(directory, options, opened, handles);
      if (!readOnly) {
        store.writes = identity(directory);
        WRITERS.add(store.writes);
      }
      return store;
    } catch (RocksDBException e) {
      options.close();
      throw failure("open " + directory, e);
    }
  }

  @Override
  public Optional<byte[]> get(ColumnFamily family, byte[] key) {
    return get(plainReads, family, key);
  }

  @Override
  public Scan scan(ColumnFamily family, byte[] from, byte[] to) {
    return new RocksScan(null, family, from, to);
  }

  @Override
  public Optional<Entry> floor(ColumnFamily family, byte[] key) {
    return floor(plainReads, family, key);
  }

  private Optional<byte[]> get(ReadOptions reads, ColumnFamily family, byte[] key) {
    leases.acquire();
    try {
      return Optional.ofNullable(database.get(families.get(family), reads, key));
    } catch (RocksDBException e) {
      throw failure("read " + family.storedName() + " of " + directory, e);
    } finally {
      leases.release();
    }
  }

  private Optional<Entry> floor(ReadOptions reads, ColumnFamily family, byte[] key) {
    leases.acquire();
    try (RocksIterator iterator = database.newIterator(families.get(family), reads)) {
      if (key == null) {
        iterator.seekToLast();
      } else {
        iterator.seekForPrev(key);
      }
      if (iterator.isValid()) {
        return Optional.of(new Entry(iterator.key(), iterator.value()));
      }
      iterator.status();
      return Optional.empty();
    } catch (RocksDBException e) {
      throw failure("read " + family.storedName() + " of " + directory, e);
    } finally {
      leases.release();
    }
  }

  @Override
  public Batch newBatch() {
    return new SerializedBatch(ids);
  }

  @Override
  public void write(Batch batch, boolean sync) {
    write(batch, sync ? synced : unsynced);
  }

  @Override
  public void writeUnlogged(Batch batch) {
    write(batch, unlogged);
  }

  private void write(Batch batch, WriteOptions how) {
    leases.acquire();
    try (WriteBatch changes = new WriteBatch(((SerializedBatch) batch).toBytes())) {
      database.write(how, changes);
    } catch (RocksDBException e) {
      throw failure("write to " + directory, e);
    } finally {
      leases.release();
    }
  }

  @Override
  public void sync() {
    leases.acquire();
    try {
      database.syncWal();
    } catch (RocksDBException e) {
      throw failure("sync " + directory, e);
    } finally {
      leases.release();
    }
  }

  @Override
  public void flush() {
    leases.acquire();
    try (FlushOptions flush = new FlushOptions()) {
      database.flush(flush, List.copyOf(families.values()));
    } catch (RocksDBException e) {
      throw failure("flush " + directory, e);
    } finally {
      leases.release();
    }
  }

  @Override
  public void compact(ColumnFamily family, byte[] from, byte[] to) {
    leases.acquire();
    try (CompactRangeOptions how = new CompactRangeOptions()) {
      how.setExclusiveManualCompaction(false)
          .setBottommostLevelCompaction(BottommostLevelCompaction.kForce);
      compactions.add(how);
      try {
        how.setCanceled(closing);
        database.compactRange(families.get(family), from, to, how);
      } finally {
        compactions.remove(how);
      }
    } catch (RocksDBException e) {
      throw failure("compact " + family.storedName() + " of " + directory, e);
    } finally {
      leases.release();
    }
  }

  @Override
  public boolean hasSnapshots() {
    return snapshots.get() > 0;
  }

  @Override
  public long tableBytes(ColumnFamily family) {
    leases.acquire();
    try {
      return database.getLongProperty(families.get(family), "rocksdb.live-sst-files-size");
    } catch (RocksDBException e) {
      throw failure("measure " + family.storedName() + " of " + directory, e);
    } finally {
      leases.release();
    }
  }

  @Override
  public long diskBytes() {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        bytes += sizeOf(file);
      }
    } catch (IOException e) {
      throw new StoreException("Cannot list " + directory + ": " + e.getMessage(), false, e);
    }
    return bytes;
  }

  private static long sizeOf(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      // RocksDB has removed it meanwhile.
      return 0;
    }
  }

  @Override
  public StoreSnapshot snapshot() {
    return new RocksSnapshot();
  }

  @Override
  public void close() {
    closing = true;
    compactions.forEach(how -> how.setCanceled(true));
    if (!leases.close()) {
      return;
    }
    plainReads.close();
    handles.forEach(ColumnFamilyHandle::close);
    database.close();
    if (writes != null) {
      WRITERS.remove(writes);
    }
    synced.close();
    unsynced.close();
    unlogged.close();
    options.close();
  }

  private static StoreException failure(String attempt, RocksDBException e) {
    Status status = e.getStatus();
    // A file that is gone is damage too; a lock that is held or a full disk is not.
    boolean damaged =
        (status != null && status.getCode() == Status.Code.Corruption)
            || String.valueOf(e.getMessage()).contains("No such file or directory");
    return new StoreException("Cannot " + attempt + ": " + e.getMessage(), damaged, e);
  }

  /** Holds a lease, and so do its scans; close them first. */
  private final class RocksSnapshot implements StoreSnapshot {
    private final org.rocksdb.Snapshot snapshot;
    private final ReadOptions reads;
    private final Leases readers = new Leases();

    RocksSnapshot() {
      leases.acquire();
      snapshots.incrementAndGet();
      snapshot = database.getSnapshot();
      reads = new ReadOptions().setSnapshot(snapshot);
    }

    @Override
    public Optional<byte[]> get(ColumnFamily family, byte[] key) {
      readers.acquire();
      try {
        return RocksStore.this.get(reads, family, key);
      } finally {
        readers.release();
      }
    }

    @Override
    public Scan scan(ColumnFamily family, byte[] from, byte[] to) {
      return new RocksScan(this, family, from, to);
    }

    @Override
    public Optional<Entry> floor(ColumnFamily family, byte[] key) {
      readers.acquire();
      try {
        return RocksStore.this.floor(reads, family, key);
      } finally {
        readers.release();
      }
    }

    @Override
    public void close() {
      if (readers.close()) {
        reads.close();
        database.releaseSnapshot(snapshot);
        snapshots.decrementAndGet();
        snapshot.close();
        leases.release();
      }
    }
  }

  /** Not thread-safe. */
  private final class RocksScan implements Scan {
    private final RocksSnapshot of;
    private final ColumnFamily family;
    // Held for as long as the iterator lives, which uses their memory.
    private final Slice upperBound;
    private final ReadOptions reads;
    private final RocksIterator iterator;
    private boolean fresh = true;
    private boolean closed;

    RocksScan(RocksSnapshot of, ColumnFamily family, byte[] from, byte[] to) {
      this.of = of;
      this.family = family;
      leases.acquire();
      if (of != null) {
        of.readers.acquire();
      }
      upperBound = to == null ? null : new Slice(to);
      reads = new ReadOptions();
      if (of != null) {
        reads.setSnapshot(of.snapshot);
      }
      if (upperBound != null) {
        reads.setIterateUpperBound(upperBound);
      }
      iterator = database.newIterator(families.get(family), reads);
      iterator.seek(from);
    }

    @Override
    public boolean next() {
      if (closed) {
        throw new IllegalStateException("The scan is closed");
      }
      if (!fresh && iterator.isValid()) {
        iterator.next();
      }
      fresh = false;
      return isValid();
    }

    private boolean isValid() {
      if (iterator.isValid()) {
        return true;
      }
      try {
        iterator.status();
      } catch (RocksDBException e) {
        throw failure("scan " + family.storedName() + " of " + directory, e);
      }
      return false;
    }

    @Override
    public boolean floor(byte[] key) {
      if (closed) {
        throw new IllegalStateException("The scan is closed");
      }
      iterator.seekForPrev(key);
      fresh = false;
      return isValid();
    }

    @Override
    public void seek(byte[] key) {
      if (closed) {
        throw new IllegalStateException("The scan is closed");
      }
      iterator.seek(key);
      fresh = true;
    }

    @Override
    public byte[] key() {
      return iterator.key();
    }

    @Override
    public byte[] value() {
      return iterator.value();
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      iterator.close();
      reads.close();
      if (upperBound != null) {
        upperBound.close();
      }
      if (of != null) {
        of.readers.release();
      }
      leases.release();
    }
  }
}
