package dev.taffrail.snapshotter.diff;

import dev.taffrail.core.content.ContentStore;
import dev.taffrail.core.linux.LinuxPorts;
import dev.taffrail.core.linux.Mounts;
import dev.taffrail.core.linux.Trees;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import dev.taffrail.core.snapshot.LayerDiffer;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Set;

/** {@code diff.tar}: layers as tar archives. */
public final class TarDiffPlugin implements Plugin {
  private static final PluginId ID = new PluginId("diff.tar");

  @Override
  public PluginId id() {
    return ID;
  }

  @Override
  public PluginType<?> type() {
    return LayerDiffer.DIFF;
  }

  @Override
  public Set<PluginType<?>> requires() {
    return Set.of(LinuxPorts.LINUX, ContentStore.CONTENT);
  }

  @Override
  public Deployable create(PluginContext host) {
    return new DiffVerticle(host);
  }

  /** Unmounts what a crash has left, then offers the differ. */
  private static final class DiffVerticle extends VerticleBase {
    private final PluginContext host;

    DiffVerticle(PluginContext host) {
      this.host = host;
    }

    @Override
    public Future<?> start() {
      Workplace workplace =
          new Workplace(host.runDirectory(), host.port(Mounts.class), host.port(Trees.class));
      TarDiffer differ =
          new TarDiffer(
              host.require(ContentStore.CONTENT),
              context,
              workplace,
              LayerLimits.of(host.configuration()));
      return context
          .executeBlocking(
              () -> {
                workplace.clear();
                return null;
              })
          .onSuccess(cleared -> host.provide(LayerDiffer.DIFF, differ));
    }
  }
}
