package dev.taffrail.core.metadata;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;

/**
 * The files of a store whose description (CURRENT, MANIFEST) is lost, so that it cannot be opened:
 * tables and write-ahead logs are read one by one. Which of two rows with one key is newer is not
 * known, and rows that were deleted may come back.
 */
public final class LooseFiles {
  /** Above every number that a fresh store gives. */
  private static final int FIRST_ADOPTED = 900_000;

  private LooseFiles() {}

  /** Gets the rows of a table. */
  public interface Rows {
    void accept(ColumnFamily family, byte[] key, byte[] value);
  }

  /** The tables in {@code directory}, older ones first. */
  public static List<Path> tables(Path directory) throws IOException {
    return files(directory, ".sst");
  }

  private static List<Path> files(Path directory, String ending) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().endsWith(ending)).sorted().toList();
    }
  }

  /** Reads a table up to the first damage; returns what is damaged. */
  public static Optional<String> read(Path table, Rows rows) {
    RocksDB.loadLibrary();
    try (Options options = new Options();
        ReadOptions reads = new ReadOptions();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(table.toString());
      Optional<ColumnFamily> family = family(reader.getTableProperties().getColumnFamilyName());
      if (family.isEmpty()) {
        return Optional.empty();
      }
      try (SstFileReaderIterator iterator = reader.newIterator(reads)) {
        for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
          rows.accept(family.get(), iterator.key(), iterator.value());
        }
        iterator.status();
      }
      return Optional.empty();
    } catch (RocksDBException e) {
      return Optional.of(table.getFileName() + ": " + e.getMessage());
    }
  }

  private static Optional<ColumnFamily> family(byte[] storedName) {
    String name = new String(storedName, StandardCharsets.UTF_8);
    return Arrays.stream(ColumnFamily.values())
        .filter(family -> family.storedName().equals(name))
        .findFirst();
  }

  /**
   * Opens a fresh store that holds what the write-ahead logs in {@code directory} hold, up to the
   * first damage: families are made in one order, so their numbers in the logs are the same.
   */
  public static RocksStore openLogs(Path directory, Path fresh) throws IOException {
    RocksStore.open(fresh).close();
    int number = FIRST_ADOPTED;
    for (Path log : files(directory, ".log")) {
      Files.copy(log, fresh.resolve(String.format(Locale.ROOT, "%06d.log", number)));
      number++;
    }
    return RocksStore.open(fresh);
  }
}
