package dev.taffrail.snapshotter.overlay;

import static dev.taffrail.core.snapshot.SnapshotEvent.SNAPSHOTS;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.snapshot.SnapshotEvent;
import dev.taffrail.core.snapshot.SnapshotInfo;
import dev.taffrail.core.snapshot.SnapshotKey;
import dev.taffrail.core.snapshot.SnapshotKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What may happen to snapshots; messages as containerd's. */
final class SnapshotDecider {
  private final String snapshotter;

  SnapshotDecider(String snapshotter) {
    this.snapshotter = snapshotter;
  }

  /** A new snapshot and its parents, nearest first. */
  record Prepared(long directory, List<Long> parents) {}

  /**
   * @param directory a number that no snapshot has had
   */
  Decision<Prepared> prepare(
      StateView view,
      SnapshotKey key,
      SnapshotKind kind,
      Optional<SnapshotKey> parent,
      long directory,
      Map<String, String> labels) {
    if (find(view, key).isPresent()) {
      throw new RuntimeFailure(Kind.ALREADY_EXISTS, "snapshot " + key + ": already exists");
    }
    List<Long> parents = parent.map(name -> chain(view, name)).orElse(List.of());
    return Decision.of(
            SnapshotEvent.subject(snapshotter, key),
            new SnapshotEvent.Prepared(snapshotter, key, kind, parent, directory, labels))
        .reply(new Prepared(directory, parents));
  }

  /** The directories of a committed snapshot and all below it. */
  private List<Long> chain(StateView view, SnapshotKey name) {
    SnapshotInfo info =
        find(view, name)
            .orElseThrow(
                () ->
                    new RuntimeFailure(
                        Kind.NOT_FOUND, "parent snapshot " + name + " does not exist: not found"));
    if (info.kind() != SnapshotKind.COMMITTED) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "parent " + name + " is not committed snapshot: invalid argument");
    }
    List<Long> directories = new ArrayList<>();
    directories.add(info.directory());
    parents(view, info, directories);
    return directories;
  }

  private void parents(StateView view, SnapshotInfo info, List<Long> into) {
    Optional<SnapshotKey> next = info.parent();
    while (next.isPresent()) {
      SnapshotInfo parent = get(view, next.get());
      into.add(parent.directory());
      next = parent.parent();
    }
  }

  /** The directories below a snapshot, nearest first. */
  List<Long> parents(StateView view, SnapshotInfo info) {
    List<Long> directories = new ArrayList<>();
    parents(view, info, directories);
    return directories;
  }

  Decision<Void> commit(
      StateView view, SnapshotKey name, SnapshotKey key, long size, Map<String, String> labels) {
    active(view, key);
    if (find(view, name).isPresent()) {
      throw new RuntimeFailure(Kind.ALREADY_EXISTS, "snapshot " + name + ": already exists");
    }
    return Decision.of(
        SnapshotEvent.subject(snapshotter, name),
        new SnapshotEvent.Committed(snapshotter, key, name, size, labels));
  }

  /** FAILED_PRECONDITION unless {@code key} is active. */
  SnapshotInfo active(StateView view, SnapshotKey key) {
    SnapshotInfo info = get(view, key);
    if (info.kind() != SnapshotKind.ACTIVE) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION, "snapshot " + key + " is not active: failed precondition");
    }
    return info;
  }

  /** Replies the directory that is free now. */
  Decision<Long> remove(StateView view, SnapshotKey key) {
    SnapshotInfo info = get(view, key);
    if (info.children() > 0) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION, "cannot remove snapshot with child: failed precondition");
    }
    return Decision.of(
            SnapshotEvent.subject(snapshotter, key), new SnapshotEvent.Removed(snapshotter, key))
        .reply(info.directory());
  }

  Optional<SnapshotInfo> find(StateView view, SnapshotKey key) {
    return view.find(SNAPSHOTS, SnapshotEvent.rowId(snapshotter, key));
  }

  /** NOT_FOUND when there is none. */
  SnapshotInfo get(StateView view, SnapshotKey key) {
    return find(view, key)
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Kind.NOT_FOUND, "snapshot " + key + " does not exist: not found"));
  }

  List<SnapshotInfo> list(StateView view) {
    return view.list(SNAPSHOTS, Subject.DEFAULT_NAMESPACE, snapshotter + "/").stream()
        .map(Row::value)
        .toList();
  }
}
