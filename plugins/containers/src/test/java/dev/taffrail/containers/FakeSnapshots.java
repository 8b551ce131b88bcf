package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.snapshot.SnapshotInfo;
import dev.taffrail.core.snapshot.SnapshotKey;
import dev.taffrail.core.snapshot.SnapshotKind;
import dev.taffrail.core.snapshot.Snapshotter;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;

/** Keys with labels. */
final class FakeSnapshots implements Snapshotter {
  private final Map<String, Map<String, String>> labels = new ConcurrentSkipListMap<>();

  /** One that was prepared for a container, under its id. */
  void addOf(String container) {
    add(container, Map.of(Creation.OWNER_LABEL, container));
  }

  void add(String key, Map<String, String> itsLabels) {
    labels.put(key, itsLabels);
  }

  List<String> keys() {
    return List.copyOf(labels.keySet());
  }

  @Override
  public Future<List<Mount>> prepare(
      CallContext call, SnapshotKey key, Optional<SnapshotKey> parent, Map<String, String> own) {
    add(key.value(), own);
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<List<Mount>> view(
      CallContext call, SnapshotKey key, Optional<SnapshotKey> parent, Map<String, String> own) {
    return prepare(call, key, parent, own);
  }

  @Override
  public Future<List<Mount>> mounts(CallContext call, SnapshotKey key) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<Void> commit(
      CallContext call, SnapshotKey name, SnapshotKey key, Map<String, String> own) {
    labels.remove(key.value());
    add(name.value(), own);
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> remove(CallContext call, SnapshotKey key) {
    return labels.remove(key.value()) == null ? none(key) : Future.succeededFuture();
  }

  @Override
  public Future<SnapshotInfo> stat(CallContext call, SnapshotKey key) {
    return labels.containsKey(key.value()) ? Future.succeededFuture(info(key.value())) : none(key);
  }

  @Override
  public Future<List<SnapshotInfo>> list(CallContext call) {
    return Future.succeededFuture(labels.keySet().stream().map(this::info).toList());
  }

  @Override
  public Future<Long> usage(CallContext call, SnapshotKey key) {
    return Future.succeededFuture(0L);
  }

  private SnapshotInfo info(String key) {
    return new SnapshotInfo(
        new SnapshotKey(key),
        SnapshotKind.ACTIVE,
        Optional.empty(),
        1,
        0,
        OptionalLong.empty(),
        labels.get(key),
        Instant.EPOCH,
        Instant.EPOCH);
  }

  private static <T> Future<T> none(SnapshotKey key) {
    return Future.failedFuture(new RuntimeFailure(Kind.NOT_FOUND, "snapshot " + key));
  }
}
