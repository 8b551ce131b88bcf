package dev.taffrail.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ControlGroups;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.network.NetworkDriver;
import dev.taffrail.core.plugin.DaemonSettings;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginListing;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Future;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Hands out services as the real host does: what they throw arrives as a failed future. */
record FakeHost(Path root, List<String> hosts, EventLog log, Map<Class<?>, Object> services)
    implements PluginContext {
  static final ControlGroups.Abilities CONTROL_GROUPS =
      new ControlGroups.Abilities(
          false, true, false, true, true, true, true, true, "0-1", "0", true, false);

  @Override
  public PluginId id() {
    return new PluginId("api.http");
  }

  @Override
  public DaemonSettings daemon() {
    return new DaemonSettings(
        hosts,
        root,
        root,
        Optional.empty(),
        root.resolve("daemon.json"),
        Optional.empty(),
        false,
        JsonNodeFactory.instance.objectNode(),
        "0.1.0");
  }

  @Override
  public JsonNode configuration() {
    return JsonNodeFactory.instance.objectNode();
  }

  @Override
  public Path dataDirectory() {
    return root;
  }

  @Override
  public Path runDirectory() {
    return root;
  }

  @Override
  public <S> S require(PluginType<S> type) {
    Object service = services.get(type.contract());
    return type.contract()
        .cast(
            Proxy.newProxyInstance(
                type.contract().getClassLoader(),
                new Class<?>[] {type.contract()},
                (proxy, method, arguments) -> {
                  try {
                    return method.invoke(service, arguments);
                  } catch (InvocationTargetException e) {
                    if (e.getCause() instanceof RuntimeFailure failure) {
                      return Future.failedFuture(failure);
                    }
                    throw e.getCause();
                  }
                }));
  }

  @Override
  public <S> S require(PluginType<S> type, PluginId provider) {
    return require(type);
  }

  @Override
  public List<PluginId> providers(PluginType<?> type) {
    return type.equals(NetworkDriver.NETWORK_DRIVER)
        ? List.of(new PluginId("network-driver.bridge"))
        : List.of();
  }

  @Override
  public <S> void provide(PluginType<S> type, S service) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void onFact(EventFilter filter, Consumer<LoggedEvent> listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <P> P port(Class<P> port) {
    if (port == ControlGroups.class) {
      return port.cast((ControlGroups) () -> CONTROL_GROUPS);
    }
    return port.cast((PluginListing) List::of);
  }

  @Override
  public <P> void providePort(Class<P> port, P implementation) {
    throw new UnsupportedOperationException();
  }

  @Override
  public EventLog log() {
    return log;
  }

  @Override
  public <R> Future<Committed<R>> submit(Command<R> command) {
    throw new UnsupportedOperationException();
  }
}
