package dev.taffrail.network.cni;

import dev.taffrail.core.linux.LinuxPorts;
import dev.taffrail.core.linux.NetworkNamespaces;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.network.NetworkDriver;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Set;

/** {@code network-driver.cni}. */
public final class CniPlugin implements Plugin {
  private static final PluginId ID = new PluginId("network-driver.cni");

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
    return new CniVerticle(host);
  }

  private static final class CniVerticle extends VerticleBase {
    private final PluginContext host;
    private CniDriver driver;

    CniVerticle(PluginContext host) {
      this.host = host;
    }

    @Override
    public Future<?> start() {
      CniSettings settings = CniSettings.of(host.configuration());
      return context
          .executeBlocking(() -> new AttachmentFiles(host.dataDirectory()), false)
          .onSuccess(
              files -> {
                driver =
                    new CniDriver(
                        context,
                        settings,
                        files,
                        new PluginProcesses(
                            context, host.port(Processes.class), host.runDirectory()),
                        host.port(NetworkNamespaces.class),
                        host.port(NetworkStacks.class));
                host.provide(NetworkDriver.NETWORK_DRIVER, driver);
              });
    }

    @Override
    public Future<?> stop() {
      if (driver != null) {
        driver.close();
      }
      return Future.succeededFuture();
    }
  }
}
