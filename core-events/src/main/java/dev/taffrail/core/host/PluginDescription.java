package dev.taffrail.core.host;

import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What a plugin says of itself, asked once.
 *
 * @param requires ordered by name
 */
record PluginDescription(
    PluginId id, PluginType<?> type, List<PluginType<?>> requires, Plugin plugin) {
  PluginDescription {
    requires = List.copyOf(requires);
  }

  /** Throws whatever the plugin throws. */
  static PluginDescription of(Plugin plugin) {
    Set<PluginType<?>> requires = plugin.requires();
    return new PluginDescription(
        plugin.id(),
        plugin.type(),
        requires.stream()
            .sorted(
                Comparator.<PluginType<?>, String>comparing(PluginType::name)
                    .thenComparing(type -> type.contract().getName()))
            .toList(),
        plugin);
  }
}
