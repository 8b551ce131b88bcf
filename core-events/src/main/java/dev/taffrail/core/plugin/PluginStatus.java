package dev.taffrail.core.plugin;

import java.util.List;
import java.util.Optional;

/**
 * A plugin as listed.
 *
 * @param requires names of types
 * @param error why it is not running
 * @param calls answered over the bus, failed ones included
 * @param busyNanos the sum of their durations
 */
public record PluginStatus(
    PluginId id,
    String type,
    List<String> requires,
    State state,
    Optional<String> error,
    long calls,
    long failures,
    long busyNanos) {
  /** Where a plugin is in its life. */
  public enum State {
    DISABLED,
    STARTING,
    RUNNING,
    FAILED,
    STOPPED
  }
}
