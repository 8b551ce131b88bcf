package dev.taffrail.core.host;

import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginStatus;
import dev.taffrail.core.plugin.PluginStatus.State;
import dev.taffrail.core.plugin.PluginType;
import java.util.List;
import java.util.Optional;

/** One plugin's place in the daemon, through starts and stops. */
final class PluginSlot {
  private final PluginId id;
  private final String typeName;
  private final Optional<PluginDescription> description;
  private final CallCounters counters = new CallCounters();
  private State state = State.STOPPED;
  private String error;
  private Deployed deployed;

  private PluginSlot(PluginId id, String typeName, Optional<PluginDescription> description) {
    this.id = id;
    this.typeName = typeName;
    this.description = description;
  }

  /** A verticle that runs, and what the plugin holds by it. */
  record Deployed(String deploymentId, HostedContext context) {}

  static PluginSlot of(PluginDescription description) {
    return new PluginSlot(description.id(), description.type().name(), Optional.of(description));
  }

  static PluginSlot unusable(PluginDiscovery.Unusable plugin) {
    PluginSlot slot = new PluginSlot(plugin.id(), plugin.type(), Optional.empty());
    slot.failed(plugin.reason());
    return slot;
  }

  PluginId id() {
    return id;
  }

  CallCounters counters() {
    return counters;
  }

  /** IllegalStateException for a plugin that could not describe itself. */
  PluginDescription description() {
    return description.orElseThrow(() -> new IllegalStateException(id + " has no description"));
  }

  boolean provides(PluginType<?> type) {
    return description.filter(known -> known.type().equals(type)).isPresent();
  }

  synchronized State state() {
    return state;
  }

  synchronized Optional<String> error() {
    return Optional.ofNullable(error);
  }

  synchronized Optional<Deployed> deployed() {
    return Optional.ofNullable(deployed);
  }

  void disabled() {
    become(State.DISABLED, "disabled by the configuration", null);
  }

  void starting() {
    become(State.STARTING, null, null);
  }

  void running(Deployed now) {
    become(State.RUNNING, null, now);
  }

  void failed(String reason) {
    become(State.FAILED, reason, null);
  }

  void stopped(String reason) {
    become(State.STOPPED, reason, null);
  }

  private synchronized void become(State next, String why, Deployed now) {
    state = next;
    error = why;
    deployed = now;
  }

  synchronized PluginStatus status() {
    List<String> requires =
        description.stream()
            .flatMap(known -> known.requires().stream())
            .map(PluginType::name)
            .toList();
    return new PluginStatus(
        id,
        typeName,
        requires,
        state,
        Optional.ofNullable(error),
        counters.calls(),
        counters.failures(),
        counters.busyNanos());
  }
}
