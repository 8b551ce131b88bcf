package dev.taffrail.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.linux.ControlGroups;
import dev.taffrail.core.linux.FileWatcher;
import dev.taffrail.core.linux.LinuxPorts;
import dev.taffrail.core.linux.Mounts;
import dev.taffrail.core.linux.NetworkNamespaces;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.linux.PacketFilter;
import dev.taffrail.core.linux.PacketSockets;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.linux.SealedPrograms;
import dev.taffrail.core.linux.SeccompFilters;
import dev.taffrail.core.linux.Trees;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinuxPluginTest {
  private final Map<Object, Object> ports = new ConcurrentHashMap<>();

  @Test
  void allPortsAreProvidedAndTheirThreadsEndWithThePlugin() throws Exception {
    Plugin plugin =
        ServiceLoader.load(Plugin.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(each -> each.type().equals(LinuxPorts.LINUX))
            .findFirst()
            .orElseThrow();
    assertThat(plugin.id().value()).isEqualTo("linux.native");
    assertThat(plugin.requires()).isEmpty();
    Vertx vertx = Vertx.vertx();
    try {
      String deployment = vertx.deployVerticle(plugin.create(host())).await(30, TimeUnit.SECONDS);
      assertThat(ports.keySet())
          .containsExactlyInAnyOrder(
              Mounts.class,
              Trees.class,
              Processes.class,
              PacketSockets.class,
              NetworkNamespaces.class,
              NetworkStacks.class,
              PacketFilter.class,
              FileWatcher.class,
              ControlGroups.class,
              SealedPrograms.class,
              SeccompFilters.class);
      assertThat(threads()).hasSize(2);
      vertx.undeploy(deployment).await(30, TimeUnit.SECONDS);
      assertThat(threads()).isEmpty();
    } finally {
      vertx.close().await(30, TimeUnit.SECONDS);
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("linux-"))
        .toList();
  }

  /** Knows no more than the plugin may use. */
  private PluginContext host() {
    return (PluginContext)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {PluginContext.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("providePort")) {
                throw new AssertionError(method.toString());
              }
              Class<?> port = (Class<?>) arguments[0];
              ports.put(port, port.cast(arguments[1]));
              return null;
            });
  }
}
