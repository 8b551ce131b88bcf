package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The rows as they were after one event, from the family {@code history}: a seek for each. */
final class AsOfRows implements RowSource {
  private final StoreReader store;
  private final Optional<Scan> finder;
  private final long sequence;

  AsOfRows(StoreReader store, long sequence) {
    this(store, Optional.empty(), sequence);
  }

  private AsOfRows(StoreReader store, Optional<Scan> finder, long sequence) {
    this.store = store;
    this.finder = finder;
    this.sequence = sequence;
  }

  /** The same rows; a scan of the family that is open already finds them, one after another. */
  AsOfRows foundBy(Scan history) {
    return new AsOfRows(store, Optional.of(history), sequence);
  }

  @Override
  public Optional<StoredRow> find(RowKey key) {
    byte[] row = key.bytes();
    return finder
        .map(history -> lastVersion(history, row, sequence))
        .orElseGet(() -> lastVersion(store, row, sequence))
        .flatMap(AsOfRows::live);
  }

  /** Empty for a removal. */
  static Optional<StoredRow> live(StoreReader.Entry version) {
    return version.value().length == 0
        ? Optional.empty()
        : Optional.of(StoredRow.parse(version.value()));
  }

  /** The event that the version is of. */
  static long sequence(StoreReader.Entry version) {
    return Bytes.u64(version.key(), version.key().length - Long.BYTES);
  }

  /** The last version of a row at or below {@code upTo}; its value is empty for a removal. */
  static Optional<StoreReader.Entry> lastVersion(StoreReader store, byte[] row, long upTo) {
    return store
        .floor(ColumnFamily.HISTORY, Bytes.concat(row, Bytes.u64(upTo)))
        .filter(entry -> isOf(row, entry.key()));
  }

  /** The same, found by a scan of the family that is open already. */
  static Optional<StoreReader.Entry> lastVersion(Scan history, byte[] row, long upTo) {
    if (!history.floor(Bytes.concat(row, Bytes.u64(upTo)))) {
      return Optional.empty();
    }
    byte[] key = history.key();
    return isOf(row, key)
        ? Optional.of(new StoreReader.Entry(key, history.value()))
        : Optional.empty();
  }

  private static boolean isOf(byte[] row, byte[] key) {
    return key.length == row.length + Long.BYTES && Bytes.startsWith(key, row);
  }

  @Override
  public SortedMap<RowKey, StoredRow> list(String table, String namespace, String idPrefix) {
    SortedMap<RowKey, StoredRow> rows = new TreeMap<>();
    byte[] prefix = RowKey.prefix(table, namespace, idPrefix);
    try (Scan scan = store.scanPrefix(ColumnFamily.HISTORY, prefix)) {
      while (scan.next()) {
        byte[] found = scan.key();
        byte[] key = Arrays.copyOf(found, found.length - Long.BYTES);
        lastVersion(scan, key, sequence)
            .flatMap(AsOfRows::live)
            .ifPresent(row -> rows.put(RowKey.parse(key), row));
        // On to the next row, past what happened to this one later; sequences stay below 2^63.
        scan.seek(Bytes.concat(key, Bytes.u64(-1)));
      }
    }
    return rows;
  }
}
