package dev.taffrail.core.host;

import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Orders plugins so that each comes after all providers of the types it requires. The order depends
 * on ids and requirements only, never on where the jars were found.
 */
final class PluginGraph {
  private final List<PluginDescription> plugins;
  private final Set<PluginDescription> ordered = new LinkedHashSet<>();
  private final Map<PluginId, String> cycles = new LinkedHashMap<>();

  private PluginGraph(Collection<PluginDescription> plugins) {
    this.plugins =
        plugins.stream().sorted(Comparator.comparing(plugin -> plugin.id().value())).toList();
  }

  /**
   * A start order.
   *
   * @param plugins all of them, those of {@code cycles} too
   * @param cycles why a plugin cannot be started in any order
   */
  record Order(List<PluginDescription> plugins, Map<PluginId, String> cycles) {}

  static Order order(Collection<PluginDescription> plugins) {
    PluginGraph graph = new PluginGraph(plugins);
    for (PluginDescription plugin : graph.plugins) {
      graph.visit(plugin, new ArrayList<>());
    }
    return new Order(List.copyOf(graph.ordered), Map.copyOf(graph.cycles));
  }

  private void visit(PluginDescription plugin, List<PluginDescription> path) {
    if (ordered.contains(plugin)) {
      return;
    }
    int seen = path.indexOf(plugin);
    if (seen >= 0) {
      refuse(path.subList(seen, path.size()));
      return;
    }
    path.add(plugin);
    for (PluginType<?> type : plugin.requires()) {
      for (PluginDescription provider : plugins) {
        if (provider.type().equals(type)) {
          visit(provider, path);
        }
      }
    }
    path.remove(path.size() - 1);
    ordered.add(plugin);
  }

  private void refuse(List<PluginDescription> cycle) {
    String message =
        cycle.stream()
            .map(plugin -> plugin.id().value())
            .collect(
                Collectors.joining(
                    " -> ", "plugins require each other: ", " -> " + cycle.get(0).id()));
    for (PluginDescription plugin : cycle) {
      cycles.putIfAbsent(plugin.id(), message);
    }
  }
}
