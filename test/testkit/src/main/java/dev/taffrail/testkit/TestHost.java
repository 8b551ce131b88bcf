package dev.taffrail.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.EventLogs;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogSettings;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.plugin.DaemonSettings;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Runs real plugins over a real log in a directory, without a daemon. Contracts are called on the
 * context of their plugin, as over the bus, but without deadlines.
 */
public final class TestHost implements AutoCloseable {
  private static final int SECONDS = 20;

  private final Path root;
  private final Vertx vertx = Vertx.vertx();
  private final EventLogs.Open open;
  private final Map<PluginType<?>, Object> services = new HashMap<>();
  private final Map<PluginType<?>, List<PluginId>> providers = new HashMap<>();
  private final Map<Class<?>, Object> ports = new HashMap<>();
  private final Deque<String> deployments = new ArrayDeque<>();

  /** A host whose log and plugin directories are below {@code root}, new or as they were left. */
  public TestHost(Path root) {
    this.root = root;
    this.open =
        EventLogs.open(
            new LogSettings(
                directory("log"),
                LogMode.RELAXED,
                TestHost::nanos,
                new Random(1),
                1024,
                65_536,
                1000),
            Families.catalogue());
  }

  private static long nanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private Path directory(String name) {
    try {
      return Files.createDirectories(root.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a plugin; what it requires is started or given already. */
  public TestHost start(Plugin plugin) {
    Hosted hosted = new Hosted(plugin.id());
    deployments.push(await(vertx.deployVerticle(plugin.create(hosted))));
    return this;
  }

  /** The provider of a contract. */
  public <S> S service(PluginType<S> type) {
    return type.contract().cast(services.get(type));
  }

  public EventLog log() {
    return open.log();
  }

  /** A plugin's data directory. */
  public Path data(String id) {
    return root.resolve("data").resolve(id);
  }

  /** NOT_FOUND when no plugin offers it. */
  public <P> P port(Class<P> port) {
    Object found = ports.get(port);
    if (found == null) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "No port " + port.getName());
    }
    return port.cast(found);
  }

  /** A contract whose provider is part of the test; called on the caller's thread. */
  public <S> TestHost given(PluginType<S> type, PluginId id, S service) {
    services.put(type, service);
    providers.computeIfAbsent(type, none -> new ArrayList<>()).add(id);
    return this;
  }

  /** A port in the place of the one that a plugin provides. */
  public <P> TestHost given(Class<P> port, P implementation) {
    ports.put(port, implementation);
    return this;
  }

  /** Which plugin, or part of the test, provides a contract; the first of several. */
  public PluginId provider(PluginType<?> type) {
    return providers.get(type).get(0);
  }

  /** Appends events as they are, as if a plugin had decided them. */
  public TestHost append(Subject subject, Event... events) {
    Decision<Void> decision = Decision.of(subject, events);
    try {
      log()
          .submit(Command.request(Origin.component("test"), view -> decision))
          .get(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
    return this;
  }

  /** The result of a call; its failure is thrown as it is. */
  public static <T> T await(Future<T> future) {
    try {
      return future.await(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("No answer in " + SECONDS + " s", e);
    }
  }

  @Override
  public void close() {
    while (!deployments.isEmpty()) {
      await(vertx.undeploy(deployments.pop()));
    }
    await(vertx.close());
    try {
      open.closer().close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static <S> S onContext(Context context, Class<S> contract, S service) {
    Object proxy =
        Proxy.newProxyInstance(
            contract.getClassLoader(),
            new Class<?>[] {contract},
            (self, method, arguments) -> {
              Promise<Object> answer = Promise.promise();
              context.runOnContext(
                  now -> {
                    try {
                      ((Future<?>) method.invoke(service, arguments))
                          .onComplete(
                              result -> {
                                if (result.succeeded()) {
                                  answer.complete(result.result());
                                } else {
                                  answer.fail(result.cause());
                                }
                              });
                    } catch (InvocationTargetException e) {
                      answer.fail(e.getCause());
                    } catch (IllegalAccessException e) {
                      answer.fail(e);
                    }
                  });
              return answer.future();
            });
    return contract.cast(proxy);
  }

  /** What one plugin sees. */
  private final class Hosted implements PluginContext {
    private final PluginId id;

    Hosted(PluginId id) {
      this.id = id;
    }

    @Override
    public PluginId id() {
      return id;
    }

    @Override
    public DaemonSettings daemon() {
      return new DaemonSettings(
          List.of(),
          root,
          root.resolve("run"),
          Optional.empty(),
          root.resolve("daemon.json"),
          Optional.empty(),
          false,
          EventJson.mapper().createObjectNode(),
          "test");
    }

    @Override
    public JsonNode configuration() {
      return EventJson.mapper().createObjectNode();
    }

    @Override
    public Path dataDirectory() {
      return directory("data/" + id);
    }

    @Override
    public Path runDirectory() {
      return directory("run/" + id);
    }

    @Override
    public <S> S require(PluginType<S> type) {
      return service(type);
    }

    @Override
    public <S> S require(PluginType<S> type, PluginId provider) {
      return service(type);
    }

    @Override
    public List<PluginId> providers(PluginType<?> type) {
      return providers.getOrDefault(type, List.of());
    }

    @Override
    public <S> void provide(PluginType<S> type, S service) {
      services.put(type, onContext(Vertx.currentContext(), type.contract(), service));
      providers.computeIfAbsent(type, none -> new ArrayList<>()).add(id);
    }

    @Override
    public void onFact(EventFilter filter, Consumer<LoggedEvent> listener) {
      throw new UnsupportedOperationException("This host publishes no facts");
    }

    @Override
    public <P> P port(Class<P> port) {
      return TestHost.this.port(port);
    }

    @Override
    public <P> void providePort(Class<P> port, P implementation) {
      ports.put(port, implementation);
    }

    @Override
    public EventLog log() {
      return TestHost.this.log();
    }

    @Override
    public <R> Future<Committed<R>> submit(Command<R> command) {
      return Future.fromCompletionStage(log().submit(command), vertx.getOrCreateContext());
    }
  }
}
