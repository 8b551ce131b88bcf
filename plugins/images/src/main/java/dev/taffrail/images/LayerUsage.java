package dev.taffrail.images;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageUsage;
import dev.taffrail.core.image.ImageView;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.snapshot.SnapshotKey;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Measures layers: each is asked for once, however many images have it. */
final class LayerUsage {
  private final Store store;
  private final CallContext call;

  /** A layer in its snapshotter. */
  private record Layer(String snapshotter, SnapshotKey key) {}

  LayerUsage(Store store, CallContext call) {
    this.store = store;
    this.call = call;
  }

  Future<ImageUsage> of(List<ImageView> images) {
    Map<Layer, Integer> holders = new HashMap<>();
    for (ImageView view : images) {
      layers(view.image()).forEach(layer -> holders.merge(layer, 1, Integer::sum));
    }
    Map<Layer, Long> sizes = new HashMap<>();
    List<Future<?>> asked =
        holders.keySet().stream()
            .<Future<?>>map(layer -> size(layer).onSuccess(size -> sizes.put(layer, size)))
            .toList();
    return Future.all(asked).map(all -> usage(images, holders, sizes));
  }

  private static ImageUsage usage(
      List<ImageView> images, Map<Layer, Integer> holders, Map<Layer, Long> sizes) {
    Map<Digest, Long> shared = new HashMap<>();
    for (ImageView view : images) {
      shared.put(
          view.image().id(),
          layers(view.image()).stream()
              .filter(layer -> holders.get(layer) > 1)
              .mapToLong(sizes::get)
              .sum());
    }
    return new ImageUsage(sizes.values().stream().mapToLong(Long::longValue).sum(), shared);
  }

  private static List<Layer> layers(Image image) {
    return Layers.chainIds(image).stream().map(key -> new Layer(image.snapshotter(), key)).toList();
  }

  /** 0 for one that went while it was asked for. */
  private Future<Long> size(Layer layer) {
    return store
        .snapshotter(layer.snapshotter())
        .usage(call, layer.key())
        .recover(
            cause ->
                RuntimeFailure.kindOf(cause) == Kind.NOT_FOUND
                    ? Future.succeededFuture(0L)
                    : Future.failedFuture(cause));
  }
}
