package dev.taffrail.core.log;

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
 */
public record LogStorage(
    LogRetention retention,
    long diskBytes,
    SortedMap<String, Long> tableBytes,
    SortedMap<String, Cursor> consumers,
    Optional<String> refusing) {
  public LogStorage(
      LogRetention retention,
      long diskBytes,
      Map<String, Long> tableBytes,
      Map<String, Cursor> consumers,
      Optional<String> refusing) {
    this(retention, diskBytes, new TreeMap<>(tableBytes), new TreeMap<>(consumers), refusing);
  }
}
