package dev.taffrail.core.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LoggedEvent;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** What the daemon hands a plugin. */
public interface PluginContext {
  PluginId id();

  DaemonSettings daemon();

  /**
   * The plugin's section of {@code daemon.json}, {@code plugins.<id>}; an empty object when absent.
   */
  JsonNode configuration();

  /** Below the data root, private to this plugin, there when the plugin is created. */
  Path dataDirectory();

  /** Below the exec root (tmpfs), private to this plugin, there when the plugin is created. */
  Path runDirectory();

  /**
   * A proxy of the only or the configured provider of {@code type}; NOT_FOUND when none is loaded.
   * The proxy stays valid when the provider is replaced; while it is away, calls fail with
   * UNAVAILABLE.
   */
  <S> S require(PluginType<S> type);

  /** A proxy of one provider among several. */
  <S> S require(PluginType<S> type, PluginId provider);

  /** The ids of the providers of {@code type} that are started, in start order. */
  List<PluginId> providers(PluginType<?> type);

  /**
   * Offers a contract on the bus, answered on the context this is called on.
   * IllegalArgumentException when a method of the contract lacks its {@link CallContext}, its
   * {@code Future} or its deadline.
   */
  <S> void provide(PluginType<S> type, S service);

  /**
   * Calls {@code listener} on the current context with events as they are committed, until the
   * plugin stops. A fact on the bus is a hint: it comes at most once, and not at all while nobody
   * listens. Whoever must act on an event reads {@link #log} from a {@linkplain EventLog#consumer
   * durable cursor}.
   */
  void onFact(EventFilter filter, Consumer<LoggedEvent> listener);

  /** An object the kernel or a kernel plugin offers directly; NOT_FOUND when nobody does. */
  <P> P port(Class<P> port);

  <P> void providePort(Class<P> port, P implementation);

  /** The log and its state, directly. */
  EventLog log();

  /** Submits a command; the future completes on the caller's Vert.x context. */
  <R> Future<Committed<R>> submit(Command<R> command);
}
