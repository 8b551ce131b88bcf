package dev.taffrail.core.snapshot;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * One snapshot; also its state row.
 *
 * @param parent a committed snapshot
 * @param directory the number of its directory below the snapshotter's {@code snapshots/}
 * @param children how many snapshots have it as their parent
 * @param size of a committed snapshot in bytes, parents excluded
 */
public record SnapshotInfo(
    SnapshotKey key,
    SnapshotKind kind,
    Optional<SnapshotKey> parent,
    long directory,
    long children,
    OptionalLong size,
    Map<String, String> labels,
    Instant created,
    Instant updated) {
  public SnapshotInfo {
    labels = labels == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(labels));
  }

  /** The same with that many children more. */
  public SnapshotInfo withChildren(long more) {
    return new SnapshotInfo(
        key, kind, parent, directory, children + more, size, labels, created, updated);
  }
}
