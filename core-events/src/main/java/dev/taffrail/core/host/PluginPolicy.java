package dev.taffrail.core.host;

import dev.taffrail.core.plugin.PluginId;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What the daemon's configuration says about plugins in general.
 *
 * @param required their failure ends the start of the daemon
 * @param disabled not started
 * @param defaults the name of a type → which of its providers others get
 * @param startTimeout for one plugin
 * @param stopTimeout for one plugin
 */
record PluginPolicy(
    Set<PluginId> required,
    Set<PluginId> disabled,
    Map<String, PluginId> defaults,
    Duration startTimeout,
    Duration stopTimeout) {
  static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  static final PluginPolicy DEFAULT =
      new PluginPolicy(Set.of(), Set.of(), Map.of(), START_TIMEOUT, STOP_TIMEOUT);

  PluginPolicy {
    required = Set.copyOf(required);
    disabled = Set.copyOf(disabled);
    defaults = Map.copyOf(defaults);
  }
}
