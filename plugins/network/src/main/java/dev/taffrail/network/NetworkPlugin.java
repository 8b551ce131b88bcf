package dev.taffrail.network;

import static dev.taffrail.core.network.NetworkDriver.NETWORK_DRIVER;
import static dev.taffrail.core.network.Networks.NETWORKS;

import dev.taffrail.core.linux.LinuxPorts;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Deployable;
import java.time.InstantSource;
import java.util.Set;

/** {@code network.default}: networks, addresses and ports; drivers make them in the kernel. */
public final class NetworkPlugin implements Plugin {
  private static final PluginId ID = new PluginId("network.default");

  @Override
  public PluginId id() {
    return ID;
  }

  @Override
  public PluginType<?> type() {
    return NETWORKS;
  }

  @Override
  public Set<PluginType<?>> requires() {
    return Set.of(LinuxPorts.LINUX, NETWORK_DRIVER);
  }

  @Override
  public Deployable create(PluginContext host) {
    return new NetworkVerticle(host, InstantSource.system());
  }
}
