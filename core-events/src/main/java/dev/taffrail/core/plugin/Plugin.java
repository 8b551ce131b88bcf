package dev.taffrail.core.plugin;

import io.vertx.core.Deployable;
import java.util.Set;

/**
 * A part of the daemon. Constructors stay empty: discovery also builds the plugins that
 * configuration switches off.
 */
public interface Plugin {
  PluginId id();

  /** What it provides. */
  PluginType<?> type();

  /** Started before this one and stopped after it. */
  default Set<PluginType<?>> requires() {
    return Set.of();
  }

  /**
   * The verticle that does the work. Its deployment is the plugin's start; when the returned future
   * completes, the plugin has provided its contract and its ports.
   */
  Deployable create(PluginContext host);
}
