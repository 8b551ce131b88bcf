package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.container.Containers;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Measures containers: what they have written, and that with their image. */
final class DiskSizes {
  private final Containers containers;
  private final Images images;

  /**
   * One container's, in bytes.
   *
   * @param written its image excluded
   * @param all its image included
   */
  record Size(long written, long all) {
    /** As Docker's summaries show it: what is 0 is not shown. */
    void addTo(ObjectNode json) {
      if (written != 0) {
        json.put("SizeRw", written);
      }
      if (all != 0) {
        json.put("SizeRootFs", all);
      }
    }
  }

  DiskSizes(Containers containers, Images images) {
    this.containers = containers;
    this.images = images;
  }

  /** By container id; whatever is removed meanwhile has no size. */
  Future<Map<String, Size>> of(CallContext call, Collection<ContainerView> views) {
    return images
        .list(call)
        .map(all -> all.stream().collect(Collectors.toMap(view -> view.image().id(), view -> view)))
        .compose(
            known -> {
              Map<String, Size> sizes = new HashMap<>();
              List<Future<?>> asked =
                  views.stream()
                      .<Future<?>>map(
                          view ->
                              written(call, view)
                                  .onSuccess(
                                      written -> {
                                        Digest image = view.specification().image();
                                        long below =
                                            known.containsKey(image)
                                                ? known.get(image).image().size()
                                                : 0;
                                        sizes.put(view.id(), new Size(written, written + below));
                                      }))
                      .toList();
              return Future.all(asked).map(sizes);
            });
  }

  private Future<Long> written(CallContext call, ContainerView view) {
    return containers
        .usage(call, view.id())
        .recover(
            cause ->
                RuntimeFailure.kindOf(cause) == Kind.NOT_FOUND
                    ? Future.succeededFuture(0L)
                    : Future.failedFuture(cause));
  }
}
