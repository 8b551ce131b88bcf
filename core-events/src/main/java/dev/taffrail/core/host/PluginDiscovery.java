package dev.taffrail.core.host;

import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds plugins, and keeps what cannot even say its name from harming the others. */
final class PluginDiscovery {
  private final Map<PluginId, PluginDescription> plugins = new LinkedHashMap<>();
  private final List<Unusable> unusable = new ArrayList<>();

  private PluginDiscovery() {}

  /**
   * A plugin that cannot be started.
   *
   * @param id made from the class name when the plugin could not tell
   */
  record Unusable(PluginId id, String type, String reason) {}

  /** What was found; no two plugins have the same id. */
  record Found(List<PluginDescription> plugins, List<Unusable> unusable) {}

  /** Plugins on the class path of {@code loader}. */
  static Found discover(ClassLoader loader) {
    return discover(ServiceLoader.load(Plugin.class, loader).stream().iterator());
  }

  static Found discover(Iterator<ServiceLoader.Provider<Plugin>> providers) {
    PluginDiscovery discovery = new PluginDiscovery();
    boolean more = true;
    while (more) {
      try {
        more = providers.hasNext();
        if (more) {
          discovery.add(providers.next());
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        discovery.unusable.add(
            new Unusable(new PluginId("unidentified.entry"), "", Failures.describe(e)));
      }
    }
    return new Found(List.copyOf(discovery.plugins.values()), List.copyOf(discovery.unusable));
  }

  // Foreign code runs here; whatever it throws, errors of linkage included, stays with it.
  private void add(ServiceLoader.Provider<Plugin> provider) {
    String className = provider.type().getName();
    try {
      PluginDescription description = PluginDescription.of(provider.get());
      PluginDescription first = plugins.putIfAbsent(description.id(), description);
      if (first != null) {
        unusable.add(
            new Unusable(
                description.id(),
                description.type().name(),
                className
                    + " has the id "
                    + description.id()
                    + ", which "
                    + first.plugin().getClass().getName()
                    + " has already"));
      }
    } catch (Throwable e) {
      unusable.add(
          new Unusable(
              idFor(className), "", "cannot describe " + className + ": " + Failures.describe(e)));
    }
  }

  private static PluginId idFor(String className) {
    return new PluginId(
        "unidentified." + className.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-"));
  }
}
