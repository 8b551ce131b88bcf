package dev.taffrail.snapshotter.overlay;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.snapshot.SnapshotInfo;
import dev.taffrail.core.snapshot.SnapshotKey;
import dev.taffrail.core.snapshot.SnapshotKind;
import dev.taffrail.core.snapshot.Snapshotter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots on overlayfs. The event that names a snapshot comes before its directory, which is made
 * again when a crash came between; the event that frees one comes before its removal.
 */
final class OverlaySnapshotter implements Snapshotter {
  private static final Logger LOG = LoggerFactory.getLogger(OverlaySnapshotter.class);
  private static final boolean UNORDERED = false;

  private final PluginContext host;
  private final Context context;
  private final SnapshotDirectories directories;
  private final SnapshotDecider decider;
  private final OverlayMounts mounts;

  /** Numbers are never used again while the daemon runs, so a slow removal meets no new owner. */
  private final AtomicLong lastDirectory = new AtomicLong();

  OverlaySnapshotter(PluginContext host, Context context, SnapshotDirectories directories) {
    this.host = host;
    this.context = context;
    this.directories = directories;
    this.decider = new SnapshotDecider(host.id().value());
    this.mounts = new OverlayMounts(directories);
  }

  /** Makes directories that a crash has kept from being made, and removes those nobody names. */
  Future<Void> recover() {
    return blocking(
        () -> {
          directories.create();
          Set<Long> inUse = new HashSet<>();
          for (SnapshotInfo info : host.log().read(decider::list)) {
            inUse.add(info.directory());
            lastDirectory.accumulateAndGet(info.directory(), Math::max);
            if (info.kind() != SnapshotKind.COMMITTED) {
              directories.make(info.directory(), info.kind() == SnapshotKind.ACTIVE);
            } else if (!directories.exists(info.directory())) {
              LOG.error(
                  "The directory of snapshot {} is missing: {}",
                  info.key(),
                  directories.fs(info.directory()));
            }
          }
          directories.sweep(inUse);
          return null;
        });
  }

  private <T> Future<T> blocking(Callable<T> work) {
    return context.executeBlocking(work, UNORDERED);
  }

  private <R> Future<R> submit(CallContext call, Decider<R> decision) {
    return submit(call, Command.request(call.origin(), decision));
  }

  private <R> Future<R> submit(CallContext call, Command<R> command) {
    return host.submit(
            call.cause().isPresent() ? command.causedBy(call.cause().getAsLong()) : command)
        .map(Committed::reply);
  }

  @Override
  public Future<List<Mount>> prepare(
      CallContext call, SnapshotKey key, Optional<SnapshotKey> parent, Map<String, String> labels) {
    return make(call, key, SnapshotKind.ACTIVE, parent, labels);
  }

  @Override
  public Future<List<Mount>> view(
      CallContext call, SnapshotKey key, Optional<SnapshotKey> parent, Map<String, String> labels) {
    return make(call, key, SnapshotKind.VIEW, parent, labels);
  }

  private Future<List<Mount>> make(
      CallContext call,
      SnapshotKey key,
      SnapshotKind kind,
      Optional<SnapshotKey> parent,
      Map<String, String> labels) {
    long directory = lastDirectory.incrementAndGet();
    return submit(call, view -> decider.prepare(view, key, kind, parent, directory, labels))
        .compose(
            made ->
                blocking(
                    () -> {
                      directories.make(made.directory(), kind == SnapshotKind.ACTIVE);
                      return mounts.of(made.directory(), kind, made.parents());
                    }));
  }

  @Override
  public Future<List<Mount>> mounts(CallContext call, SnapshotKey key) {
    return blocking(
        () ->
            host.log()
                .read(
                    view -> {
                      SnapshotInfo info = decider.get(view, key);
                      return mounts.of(
                          info.directory(), notCommitted(info), decider.parents(view, info));
                    }));
  }

  private static SnapshotKind notCommitted(SnapshotInfo info) {
    if (info.kind() == SnapshotKind.COMMITTED) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "snapshot " + info.key() + " is committed and has no mounts: failed precondition");
    }
    return info.kind();
  }

  @Override
  public Future<Void> commit(
      CallContext call, SnapshotKey name, SnapshotKey key, Map<String, String> labels) {
    return blocking(() -> freeze(key))
        .compose(size -> submit(call, view -> decider.commit(view, name, key, size, labels)));
  }

  /** Data is on disk before the event that names it. */
  private long freeze(SnapshotKey key) {
    SnapshotInfo info = host.log().read(view -> decider.active(view, key));
    directories.sync(info.directory());
    return directories.usage(info.directory());
  }

  @Override
  public Future<Void> remove(CallContext call, SnapshotKey key) {
    return submit(
            call, Command.request(call.origin(), view -> decider.remove(view, key)).relieving())
        .compose(
            directory ->
                this.<Void>blocking(
                        () -> {
                          directories.discard(directory);
                          return null;
                        })
                    .onSuccess(discarded -> erase(directory)));
  }

  /** Nobody waits for a big tree to go; what is left after a crash goes at the next start. */
  private void erase(long directory) {
    blocking(
            () -> {
              directories.erase(directory);
              return null;
            })
        .onFailure(cause -> LOG.warn("Cannot erase the removed snapshot {}", directory, cause));
  }

  @Override
  public Future<SnapshotInfo> stat(CallContext call, SnapshotKey key) {
    return blocking(() -> host.log().read(view -> decider.get(view, key)));
  }

  @Override
  public Future<List<SnapshotInfo>> list(CallContext call) {
    return blocking(() -> host.log().read(decider::list));
  }

  @Override
  public Future<Long> usage(CallContext call, SnapshotKey key) {
    return blocking(
        () -> {
          SnapshotInfo info = host.log().read(view -> decider.get(view, key));
          return info.size().isPresent()
              ? info.size().getAsLong()
              : directories.usage(info.directory());
        });
  }
}
