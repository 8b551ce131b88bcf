package dev.taffrail.network.macvlan;

import dev.taffrail.core.linux.LinuxPorts;
import dev.taffrail.core.network.NetworkDriver;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Set;

/** A driver of one kind of links. */
abstract class ParentLinkPlugin implements Plugin {
  private final LinkKind kind;

  ParentLinkPlugin(LinkKind kind) {
    this.kind = kind;
  }

  @Override
  public PluginId id() {
    return new PluginId("network-driver." + kind.name());
  }

  @Override
  public PluginType<?> type() {
    return NetworkDriver.NETWORK_DRIVER;
  }

  @Override
  public Set<PluginType<?>> requires() {
    return Set.of(LinuxPorts.LINUX);
  }

  @Override
  public Deployable create(PluginContext host) {
    return new VerticleBase() {
      @Override
      public Future<?> start() {
        host.provide(NetworkDriver.NETWORK_DRIVER, new ParentLinkDriver(host, context, kind));
        return Future.succeededFuture();
      }
    };
  }
}
