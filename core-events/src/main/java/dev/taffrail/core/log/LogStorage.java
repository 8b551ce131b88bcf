package dev.taffrail.core.log;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a log takes on disk, and what it waits for.
 *
 * @param diskBytes of all files of the database
 * @param tableBytes of each column family, by its stored name; what is not flushed yet is not in it
 * @param consumers the stored positions of durable consumers
 * @param refusing why requests are refused now; empty when they are not
 * @param archive of what was truncated; empty when there is none
 */
public record LogStorage(
    LogRetention retention,
    long diskBytes,
    SortedMap<String, Long> tableBytes,
    SortedMap<String, Cursor> consumers,
    Optional<String> refusing,
    Optional<Archive> archive) {
  /**
   * Where truncated events are kept.
   *
   * @param upTo the last archived sequence; empty when there is none
   * @param failure why nothing can be archived now, so that nothing is truncated; empty when all is
   *     well
   */
  public record Archive(Path directory, Optional<Long> upTo, Optional<String> failure) {}

  public LogStorage(
      LogRetention retention,
      long diskBytes,
      Map<String, Long> tableBytes,
      Map<String, Cursor> consumers,
      Optional<String> refusing,
      Optional<Archive> archive) {
    this(
        retention,
        diskBytes,
        new TreeMap<>(tableBytes),
        new TreeMap<>(consumers),
        refusing,
        archive);
  }

  /** Without an archive. */
  public LogStorage(
      LogRetention retention,
      long diskBytes,
      Map<String, Long> tableBytes,
      Map<String, Cursor> consumers,
      Optional<String> refusing) {
    this(retention, diskBytes, tableBytes, consumers, refusing, Optional.empty());
  }
}
