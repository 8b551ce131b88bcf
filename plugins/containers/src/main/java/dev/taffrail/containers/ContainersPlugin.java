package dev.taffrail.containers;

import static dev.taffrail.core.container.Containers.CONTAINERS;
import static dev.taffrail.core.image.Images.IMAGES;
import static dev.taffrail.core.network.Networks.NETWORKS;
import static dev.taffrail.core.snapshot.Snapshotter.SNAPSHOT;
import static dev.taffrail.core.task.Tasks.TASK;

import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Deployable;
import java.time.InstantSource;
import java.util.Set;

/** {@code containers.default}: containers on a snapshotter, run by a task plugin. */
public final class ContainersPlugin implements Plugin {
  private static final PluginId ID = new PluginId("containers.default");

  @Override
  public PluginId id() {
    return ID;
  }

  @Override
  public PluginType<?> type() {
    return CONTAINERS;
  }

  @Override
  public Set<PluginType<?>> requires() {
    return Set.of(TASK, SNAPSHOT, IMAGES, NETWORKS);
  }

  @Override
  public Deployable create(PluginContext host) {
    return new ContainersVerticle(host, InstantSource.system());
  }
}
