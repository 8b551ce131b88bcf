package dev.taffrail.core.linux;

import dev.taffrail.core.plugin.NoContract;
import dev.taffrail.core.plugin.PluginType;

/** The type of the plugin that provides the ports of this package. */
public interface LinuxPorts extends NoContract {
  PluginType<LinuxPorts> LINUX = new PluginType<>("linux", LinuxPorts.class);
}
