package dev.taffrail.core.metadata;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/** How a database is laid out, and the native objects that say so. */
final class RocksOptions implements AutoCloseable {
  private static final long CACHE_BYTES = 32L << 20;
  private static final long WRITE_BUFFERS_BYTES = 32L << 20;
  private static final long WAL_BYTES = 256L << 20;
  private static final int BITS_PER_KEY = 10;
  private static final int LOADING = 4;

  /**
   * Four shards. The index of a large table is a block of 1.2 MiB; one of the 64 shards that would
   * be made cannot hold it, and it would be read from the file at every seek.
   */
  private static final int CACHE_SHARD_BITS = 2;

  private final boolean loading;

  private final Cache cache = new LRUCache(CACHE_BYTES, CACHE_SHARD_BITS);
  // Memtables are charged to the cache, so the two together are the whole budget.
  private final WriteBufferManager writeBuffers;
  private final BloomFilter bloom = new BloomFilter(BITS_PER_KEY);
  private final List<ColumnFamilyOptions> families = new ArrayList<>();
  private final DBOptions database;

  /**
   * Options to open a database with.
   *
   * @param loading for one that is being filled, which nobody reads yet: more of it in memory, and
   *     fewer and larger compactions
   */
  RocksOptions(boolean loading) {
    this.loading = loading;
    this.writeBuffers =
        new WriteBufferManager(WRITE_BUFFERS_BYTES * (loading ? LOADING : 1), cache);
    this.database =
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setParanoidChecks(true)
            // Keeps a prefix of the history; what is cut is seen by comparing with the head file.
            .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
            // A family that is seldom written would pin write-ahead logs.
            .setMaxTotalWalSize(WAL_BYTES)
            .setBytesPerSync(1 << 20)
            // On a nearly full disk an open must not take what it does not need.
            .setManifestPreallocationSize(128 << 10)
            .setMaxBackgroundJobs(2)
            .setWriteBufferManager(writeBuffers)
            .setMaxOpenFiles(256)
            .setKeepLogFileNum(4)
            .setMaxLogFileSize(1 << 20)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setStatsDumpPeriodSec(0);
  }

  DBOptions database() {
    return database;
  }

  /** RocksDB's default family, then ours in the order of the enum. */
  List<ColumnFamilyDescriptor> descriptors() {
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    descriptors.add(
        new ColumnFamilyDescriptor(
            RocksDB.DEFAULT_COLUMN_FAMILY, plain(CompressionType.LZ4_COMPRESSION)));
    for (ColumnFamily family : ColumnFamily.values()) {
      descriptors.add(
          new ColumnFamilyDescriptor(
              family.storedName().getBytes(StandardCharsets.UTF_8), optionsOf(family)));
    }
    return descriptors;
  }

  private ColumnFamilyOptions optionsOf(ColumnFamily family) {
    return switch (family) {
      // Read in order, and mostly moved down as whole files.
      case EVENTS -> plain(CompressionType.ZSTD_COMPRESSION);
      case STATE, DEDUP, META -> bloomed();
      default -> plain(CompressionType.LZ4_COMPRESSION);
    };
  }

  private ColumnFamilyOptions plain(CompressionType compression) {
    return with(table(), compression);
  }

  private ColumnFamilyOptions bloomed() {
    return with(table().setFilterPolicy(bloom), CompressionType.LZ4_COMPRESSION);
  }

  private BlockBasedTableConfig table() {
    return new BlockBasedTableConfig()
        .setBlockCache(cache)
        .setBlockSize(16 << 10)
        .setCacheIndexAndFilterBlocks(true)
        .setPinL0FilterAndIndexBlocksInCache(true);
  }

  private ColumnFamilyOptions with(BlockBasedTableConfig table, CompressionType compression) {
    ColumnFamilyOptions options =
        new ColumnFamilyOptions()
            .setTableFormatConfig(table)
            .setCompressionType(compression)
            .setWriteBufferSize(16 << 20);
    if (loading) {
      options
          .setMaxWriteBufferNumber(4)
          .setLevel0FileNumCompactionTrigger(16)
          .setLevel0SlowdownWritesTrigger(64)
          .setLevel0StopWritesTrigger(128);
    }
    families.add(options);
    return options;
  }

  @Override
  public void close() {
    database.close();
    families.forEach(ColumnFamilyOptions::close);
    writeBuffers.close();
    bloom.close();
    cache.close();
  }
}
