package dev.taffrail.core.snapshot;

import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps snapshots. Mounts come in the order to apply them; they stay valid until the key is
 * removed.
 */
public interface Snapshotter {
  PluginType<Snapshotter> SNAPSHOT = new PluginType<>("snapshot", Snapshotter.class);

  /**
   * A writable snapshot on top of {@code parent}. ALREADY_EXISTS when {@code key} is taken,
   * NOT_FOUND without {@code parent}, INVALID_ARGUMENT when the parent is not committed.
   */
  @Deadline(seconds = 30)
  Future<List<Mount>> prepare(
      CallContext call, SnapshotKey key, Optional<SnapshotKey> parent, Map<String, String> labels);

  /** A read-only snapshot; errors as {@link #prepare}. */
  @Deadline(seconds = 30)
  Future<List<Mount>> view(
      CallContext call, SnapshotKey key, Optional<SnapshotKey> parent, Map<String, String> labels);

  /** Of an active snapshot or a view: NOT_FOUND, or FAILED_PRECONDITION when it is committed. */
  @Deadline(seconds = 10)
  Future<List<Mount>> mounts(CallContext call, SnapshotKey key);

  /**
   * Freezes the active {@code key} as {@code name}, once its data is on disk; {@code key} is free
   * again. NOT_FOUND without {@code key}, FAILED_PRECONDITION when it is not active, ALREADY_EXISTS
   * when {@code name} is taken.
   */
  @Deadline(seconds = 600)
  Future<Void> commit(
      CallContext call, SnapshotKey name, SnapshotKey key, Map<String, String> labels);

  /** Any kind. NOT_FOUND when absent, FAILED_PRECONDITION when it has children. */
  @Deadline(seconds = 120)
  Future<Void> remove(CallContext call, SnapshotKey key);

  /** NOT_FOUND when absent. */
  @Deadline(seconds = 10)
  Future<SnapshotInfo> stat(CallContext call, SnapshotKey key);

  /** Ordered by key. */
  @Deadline(seconds = 30)
  Future<List<SnapshotInfo>> list(CallContext call);

  /**
   * Bytes used by {@code key}, parents excluded; walks an active snapshot. NOT_FOUND when absent.
   */
  @Deadline(seconds = 600)
  Future<Long> usage(CallContext call, SnapshotKey key);
}
