package dev.taffrail.core.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.plugin.DaemonSettings;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginStatus;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A host with a Vert.x and directories of its own. */
final class HostFixture implements AutoCloseable {
  /** For tests of plugins that never start or stop. */
  static final PluginPolicy IMPATIENT =
      new PluginPolicy(Set.of(), Set.of(), Map.of(), Duration.ofSeconds(1), Duration.ofSeconds(1));

  final Vertx vertx = Vertx.vertx();
  final FakeLog log = new FakeLog();
  final PluginHost host;

  HostFixture(Path root) {
    this(root, PluginPolicy.DEFAULT);
  }

  HostFixture(Path root, PluginPolicy policy) {
    this(root, policy, "{}");
  }

  HostFixture(Path root, PluginPolicy policy, String configuration) {
    this.host = new PluginHost(vertx, log, settings(root, configuration), policy);
  }

  static PluginPolicy policy(
      Set<String> required, Set<String> disabled, Map<String, String> defaults) {
    Map<String, PluginId> ids = new HashMap<>();
    defaults.forEach((type, id) -> ids.put(type, new PluginId(id)));
    return new PluginPolicy(
        Set.copyOf(required.stream().map(PluginId::new).toList()),
        Set.copyOf(disabled.stream().map(PluginId::new).toList()),
        ids,
        PluginPolicy.START_TIMEOUT,
        PluginPolicy.STOP_TIMEOUT);
  }

  private static DaemonSettings settings(Path root, String configuration) {
    try {
      return new DaemonSettings(
          List.of(),
          root.resolve("data"),
          root.resolve("run"),
          Optional.empty(),
          root.resolve("daemon.json"),
          Optional.empty(),
          false,
          EventJson.mapper().readTree(configuration),
          "test");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  void start(Plugin... plugins) {
    host.start(found(plugins), () -> false);
  }

  static PluginDiscovery.Found found(Plugin... plugins) {
    return PluginDiscovery.discover(
        Arrays.stream(plugins).map(plugin -> provider(plugin.getClass(), () -> plugin)).iterator(),
        Duration.ofSeconds(5));
  }

  static ServiceLoader.Provider<Plugin> provider(
      Class<? extends Plugin> type, Supplier<Plugin> supplier) {
    return new ServiceLoader.Provider<>() {
      @Override
      public Class<? extends Plugin> type() {
        return type;
      }

      @Override
      public Plugin get() {
        return supplier.get();
      }
    };
  }

  PluginStatus status(String id) {
    return host.plugins().stream()
        .filter(status -> status.id().value().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    host.stop();
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    log.close();
  }
}
