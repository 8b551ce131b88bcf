package dev.taffrail.images;

import static dev.taffrail.core.content.ContentStore.CONTENT;
import static dev.taffrail.core.image.Images.IMAGES;
import static dev.taffrail.core.snapshot.LayerDiffer.DIFF;
import static dev.taffrail.core.snapshot.Snapshotter.SNAPSHOT;

import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Deployable;
import java.time.InstantSource;
import java.util.Set;

/** {@code images.default}: images in the content store, unpacked in a snapshotter. */
public final class ImagesPlugin implements Plugin {
  private static final PluginId ID = new PluginId("images.default");

  @Override
  public PluginId id() {
    return ID;
  }

  @Override
  public PluginType<?> type() {
    return IMAGES;
  }

  @Override
  public Set<PluginType<?>> requires() {
    return Set.of(CONTENT, SNAPSHOT, DIFF);
  }

  @Override
  public Deployable create(PluginContext host) {
    return new ImagesVerticle(host, InstantSource.system());
  }
}
