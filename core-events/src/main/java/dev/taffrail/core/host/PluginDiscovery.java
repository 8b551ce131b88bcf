package dev.taffrail.core.host;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Finds plugins, and keeps what cannot even say its name from harming the others. */
final class PluginDiscovery {
  private final Map<PluginId, PluginDescription> plugins = new LinkedHashMap<>();
  private final List<Unusable> unusable = new ArrayList<>();

  private final Duration patience;

  private PluginDiscovery(Duration patience) {
    this.patience = patience;
  }

  /**
   * A plugin that cannot be started.
   *
   * @param id made from the class name when the plugin could not tell
   */
  record Unusable(PluginId id, String type, String reason) {}

  /** What was found; no two plugins have the same id. */
  record Found(List<PluginDescription> plugins, List<Unusable> unusable) {}

  /**
   * Plugins on the class path of {@code loader}.
   *
   * @param patience how long each may take to say what it is
   */
  static Found discover(ClassLoader loader, Duration patience) {
    return discover(ServiceLoader.load(Plugin.class, loader).stream().iterator(), patience);
  }

  static Found discover(Iterator<ServiceLoader.Provider<Plugin>> providers, Duration patience) {
    PluginDiscovery discovery = new PluginDiscovery(patience);
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
      PluginDescription description = describe(provider);
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

  private PluginDescription describe(ServiceLoader.Provider<Plugin> provider) throws Exception {
    FutureTask<PluginDescription> task =
        new FutureTask<>(() -> PluginDescription.of(provider.get()));
    Thread thread = new Thread(task, "taffrail-plugin-discovery");
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new RuntimeFailure(
          Kind.DEADLINE_EXCEEDED,
          "it did not say what it is within " + patience.toMillis() / 1000.0 + " s",
          e);
    }
  }

  private static PluginId idFor(String className) {
    return new PluginId(
        "unidentified." + className.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-"));
  }
}
