package dev.taffrail.images;

import dev.taffrail.core.content.ContentStore;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.snapshot.LayerDiffer;
import dev.taffrail.core.snapshot.SnapshotKey;
import dev.taffrail.core.snapshot.Snapshotter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What images are made of, and its upkeep: blobs and snapshots that no image needs are taken away,
 * but never what an import under way has pinned. Confined to the plugin's context.
 */
final class Store {
  /** The label of everything this plugin makes. */
  static final String LABEL = "dev.taffrail.image";

  /** How the names of ingests and of snapshots being unpacked begin. */
  static final String PREFIX = "image-import-";

  private static final Logger LOG = LoggerFactory.getLogger(Store.class);
  private static final boolean UNORDERED = false;
  private final PluginContext host;
  private final Context context;
  private final Map<String, Integer> pins = new HashMap<>();
  private Future<?> upkeep = Future.succeededFuture();

  final ContentStore content;
  final LayerDiffer differ;
  final String snapshotterName;
  final Snapshotter snapshotter;

  Store(PluginContext host, Context context) {
    this.host = host;
    this.context = context;
    this.content = host.require(ContentStore.CONTENT);
    this.differ = host.require(LayerDiffer.DIFF);
    this.snapshotterName = snapshotterName(host);
    this.snapshotter = snapshotter(snapshotterName);
  }

  // A configured one comes first, then the first that is started.
  private static String snapshotterName(PluginContext host) {
    String configured = host.configuration().path("snapshotter").asText("");
    if (!configured.isEmpty()) {
      return configured;
    }
    List<PluginId> started = host.providers(Snapshotter.SNAPSHOT);
    if (started.isEmpty()) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "No snapshotter is loaded");
    }
    return started.get(0).value();
  }

  Snapshotter snapshotter(String name) {
    return host.require(Snapshotter.SNAPSHOT, new PluginId(name));
  }

  PluginContext host() {
    return host;
  }

  /** Runs blocking work on a worker thread. */
  <T> Future<T> blocking(Callable<T> work) {
    return context.executeBlocking(work, UNORDERED);
  }

  /** From now on nothing of that name is taken away, until {@link #unpin}. */
  Future<Void> pin(String name) {
    return alone(
        () -> {
          pins.merge(name, 1, Integer::sum);
          return Future.succeededFuture();
        });
  }

  void unpin(Collection<String> names) {
    names.forEach(
        name -> pins.computeIfPresent(name, (key, count) -> count > 1 ? count - 1 : null));
  }

  /**
   * Takes away what no image needs of these; failures are logged, and the next start tries again.
   */
  Future<Void> collect(
      CallContext call, Collection<Digest> blobs, Collection<SnapshotKey> snapshots, String name) {
    return alone(
        () ->
            blocking(() -> host.log().read(Needed::of))
                .compose(
                    needed -> {
                      List<Future<?>> all = new ArrayList<>();
                      for (Digest blob : blobs) {
                        if (!needed.blobs().contains(blob) && !pins.containsKey(blob.toString())) {
                          all.add(quietly("blob " + blob, content.delete(call, blob)));
                        }
                      }
                      for (SnapshotKey key : snapshots) {
                        if (!needed.needs(name, key) && !pins.containsKey(key.toString())) {
                          all.add(quietly("snapshot " + key, snapshotter(name).remove(call, key)));
                        }
                      }
                      return Future.join(all).<Void>mapEmpty();
                    }));
  }

  /** Takes away what a crash has left; nothing may be under way yet. */
  Future<Void> sweep(CallContext call) {
    Future<Void> ingests =
        content
            .ingests(call)
            .compose(
                found ->
                    Future.join(
                            found.stream()
                                .filter(ingest -> ingest.reference().startsWith(PREFIX))
                                .map(
                                    ingest ->
                                        quietly(
                                            "ingest " + ingest.reference(),
                                            content.abort(call, ingest.reference())))
                                .toList())
                        .mapEmpty());
    Future<List<Digest>> blobs =
        content
            .list(call)
            .map(
                found ->
                    found.stream()
                        .filter(blob -> blob.labels().containsKey(LABEL))
                        .map(blob -> blob.digest())
                        .toList());
    List<Future<?>> all = new ArrayList<>();
    all.add(ingests);
    all.add(blobs.compose(found -> collect(call, found, List.of(), snapshotterName)));
    for (PluginId id : host.providers(Snapshotter.SNAPSHOT)) {
      all.add(
          snapshotter(id.value())
              .list(call)
              .map(
                  found ->
                      found.stream()
                          .filter(snapshot -> snapshot.labels().containsKey(LABEL))
                          .map(snapshot -> snapshot.key())
                          .toList())
              .compose(found -> collect(call, List.of(), found, id.value())));
    }
    return Future.join(all)
        .<Void>mapEmpty()
        .recover(
            cause -> {
              LOG.warn("Cannot take away what no image needs", cause);
              return Future.succeededFuture();
            });
  }

  // A snapshot with children is still in use; it goes when it is found without.
  static Future<Void> quietly(String what, Future<Void> removal) {
    return removal.recover(
        cause -> {
          Kind kind = RuntimeFailure.kindOf(cause);
          if (kind != Kind.NOT_FOUND && kind != Kind.FAILED_PRECONDITION) {
            LOG.warn("Cannot remove {}", what, cause);
          }
          return Future.succeededFuture();
        });
  }

  // Pins and collections come one after another: what is looked at is not pinned half-way.
  private <T> Future<T> alone(Supplier<Future<T>> work) {
    Promise<T> promise = Promise.promise();
    Future<?> before = upkeep;
    upkeep = promise.future();
    before.onComplete(
        whatever -> {
          try {
            work.get().onComplete(promise);
          } catch (RuntimeException e) {
            promise.fail(e);
          }
        });
    return promise.future();
  }
}
