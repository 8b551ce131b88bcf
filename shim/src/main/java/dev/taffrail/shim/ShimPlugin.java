package dev.taffrail.shim;

import dev.taffrail.core.linux.LinuxPorts;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import dev.taffrail.core.task.Tasks;
import io.vertx.core.Deployable;
import java.util.Set;

/** Runs tasks with conmon and an OCI runtime. */
public final class ShimPlugin implements Plugin {
  private static final PluginId ID = new PluginId("task.conmon");

  @Override
  public PluginId id() {
    return ID;
  }

  @Override
  public PluginType<?> type() {
    return Tasks.TASK;
  }

  @Override
  public Set<PluginType<?>> requires() {
    return Set.of(LinuxPorts.LINUX);
  }

  @Override
  public Deployable create(PluginContext host) {
    return new ShimVerticle(host);
  }
}
