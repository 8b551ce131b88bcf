package dev.taffrail.core.snapshot;

import dev.taffrail.core.event.About;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** Facts about snapshots; the subject is {@code <namespace>/snapshots/<snapshotter>/<key>}. */
public sealed interface SnapshotEvent extends Event {
  /** Row ids are {@code <snapshotter>/<key>}. */
  Table<SnapshotInfo> SNAPSHOTS = Table.of("snapshots", SnapshotInfo.class);

  EventFamily<SnapshotEvent> FAMILY =
      EventFamily.of(SnapshotEvent.class)
          .tables(SNAPSHOTS)
          .on("dev.taffrail.snapshot.prepared.v1", Prepared.class, SnapshotEvent::prepared)
          .on("dev.taffrail.snapshot.committed.v1", Committed.class, SnapshotEvent::committed)
          .on("dev.taffrail.snapshot.removed.v1", Removed.class, SnapshotEvent::removed)
          .build();

  /** The row id of a key or name. */
  static String rowId(String snapshotter, SnapshotKey key) {
    return snapshotter + "/" + key;
  }

  static Subject subject(String snapshotter, SnapshotKey key) {
    return Subject.of("snapshots", rowId(snapshotter, key));
  }

  private static void prepared(Rows rows, Prepared event) {
    rows.put(
        SNAPSHOTS,
        rowId(event.snapshotter(), event.key()),
        new SnapshotInfo(
            event.key(),
            event.kind(),
            event.parent(),
            event.directory(),
            0,
            OptionalLong.empty(),
            event.labels(),
            rows.time(),
            rows.time()));
    event
        .parent()
        .ifPresent(
            parent ->
                rows.update(
                    SNAPSHOTS, rowId(event.snapshotter(), parent), info -> info.withChildren(1)));
  }

  private static void committed(Rows rows, Committed event) {
    String active = rowId(event.snapshotter(), event.key());
    SnapshotInfo info = rows.get(SNAPSHOTS, active);
    rows.remove(SNAPSHOTS, active);
    rows.put(
        SNAPSHOTS,
        rowId(event.snapshotter(), event.name()),
        new SnapshotInfo(
            event.name(),
            SnapshotKind.COMMITTED,
            info.parent(),
            info.directory(),
            0,
            OptionalLong.of(event.size()),
            event.labels(),
            rows.time(),
            rows.time()));
  }

  private static void removed(Rows rows, Removed event) {
    String id = rowId(event.snapshotter(), event.key());
    SnapshotInfo info = rows.get(SNAPSHOTS, id);
    rows.remove(SNAPSHOTS, id);
    info.parent()
        .ifPresent(
            parent ->
                rows.update(
                    SNAPSHOTS, rowId(event.snapshotter(), parent), row -> row.withChildren(-1)));
  }

  /** {@code key} is taken; its directory is made next, or again after a crash. */
  @About("A snapshot key is taken; its directory is made next, or again after a crash.")
  record Prepared(
      String snapshotter,
      SnapshotKey key,
      SnapshotKind kind,
      Optional<SnapshotKey> parent,
      long directory,
      Map<String, String> labels)
      implements SnapshotEvent {
    public Prepared {
      Objects.requireNonNull(snapshotter, "snapshotter");
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(kind, "kind");
      labels = labels == null ? Map.of() : Map.copyOf(labels);
    }
  }

  /**
   * The active {@code key} became the immutable {@code name}; {@code size} excludes its parents.
   */
  @About("An active snapshot became immutable under a name; its data is on disk.")
  record Committed(
      String snapshotter, SnapshotKey key, SnapshotKey name, long size, Map<String, String> labels)
      implements SnapshotEvent {
    public Committed {
      Objects.requireNonNull(snapshotter, "snapshotter");
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(name, "name");
      labels = labels == null ? Map.of() : Map.copyOf(labels);
    }
  }

  /** {@code key} is free again; its directory goes next. */
  @About("A snapshot key or name is free again; its directory goes next.")
  record Removed(String snapshotter, SnapshotKey key) implements SnapshotEvent {
    public Removed {
      Objects.requireNonNull(snapshotter, "snapshotter");
      Objects.requireNonNull(key, "key");
    }
  }
}
