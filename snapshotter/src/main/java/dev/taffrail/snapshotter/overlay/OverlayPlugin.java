package dev.taffrail.snapshotter.overlay;

import dev.taffrail.core.linux.LinuxPorts;
import dev.taffrail.core.linux.Trees;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import dev.taffrail.core.snapshot.Snapshotter;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Set;

/** {@code snapshot.overlay}: snapshots on overlayfs. */
public final class OverlayPlugin implements Plugin {
  private static final PluginId ID = new PluginId("snapshot.overlay");

  @Override
  public PluginId id() {
    return ID;
  }

  @Override
  public PluginType<?> type() {
    return Snapshotter.SNAPSHOT;
  }

  @Override
  public Set<PluginType<?>> requires() {
    return Set.of(LinuxPorts.LINUX);
  }

  @Override
  public Deployable create(PluginContext host) {
    return new OverlayVerticle(host);
  }

  /** Makes directories and events agree, then offers the snapshotter. */
  private static final class OverlayVerticle extends VerticleBase {
    private final PluginContext host;

    OverlayVerticle(PluginContext host) {
      this.host = host;
    }

    @Override
    public Future<?> start() {
      SnapshotDirectories directories =
          new SnapshotDirectories(host.dataDirectory(), host.port(Trees.class));
      OverlaySnapshotter snapshotter = new OverlaySnapshotter(host, context, directories);
      return snapshotter
          .recover()
          .onSuccess(recovered -> host.provide(Snapshotter.SNAPSHOT, snapshotter));
    }
  }
}
