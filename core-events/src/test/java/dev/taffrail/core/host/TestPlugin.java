package dev.taffrail.core.host;

import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** A plugin made of functions. */
record TestPlugin(
    PluginId id,
    PluginType<?> type,
    Set<PluginType<?>> requires,
    Function<PluginContext, Deployable> creator)
    implements Plugin {

  /** Provides nothing and does nothing. */
  static TestPlugin idle(String id, PluginType<?> type, PluginType<?>... requires) {
    return of(id, type, host -> verticle(() -> Future.succeededFuture()), requires);
  }

  static TestPlugin of(
      String id,
      PluginType<?> type,
      Function<PluginContext, Deployable> creator,
      PluginType<?>... requires) {
    return new TestPlugin(new PluginId(id), type, new LinkedHashSet<>(List.of(requires)), creator);
  }

  /** Provides what {@code service} makes. */
  static <S> TestPlugin providing(
      String id,
      PluginType<S> type,
      Function<PluginContext, S> service,
      PluginType<?>... requires) {
    return of(
        id,
        type,
        host ->
            verticle(
                () -> {
                  host.provide(type, service.apply(host));
                  return Future.succeededFuture();
                }),
        requires);
  }

  static Deployable verticle(Supplier<Future<?>> start) {
    return new Deployable() {
      @Override
      public Future<?> deploy(Context context) {
        return start.get();
      }
    };
  }

  @Override
  public Deployable create(PluginContext host) {
    return creator.apply(host);
  }
}
