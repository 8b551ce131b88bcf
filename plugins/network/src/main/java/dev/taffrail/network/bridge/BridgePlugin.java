package dev.taffrail.network.bridge;

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

/** {@code network-driver.bridge}. */
public final class BridgePlugin implements Plugin {
  private static final PluginId ID = new PluginId("network-driver.bridge");

  @Override
  public PluginId id() {
    return ID;
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
    return new BridgeVerticle(host);
  }

  private static final class BridgeVerticle extends VerticleBase {
    private final PluginContext host;
    private BridgeDriver driver;

    BridgeVerticle(PluginContext host) {
      this.host = host;
    }

    @Override
    public Future<?> start() {
      driver = new BridgeDriver(host, context);
      host.provide(NetworkDriver.NETWORK_DRIVER, driver);
      return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
      driver.close();
      return Future.succeededFuture();
    }
  }
}
