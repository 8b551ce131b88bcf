package dev.taffrail.core.host;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.plugin.DaemonSettings;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What one start of a plugin is given, and what it has provided since. Once retired it provides
 * nothing more, so a start that was given up cannot come back later.
 */
final class HostedContext implements PluginContext {
  private final PluginHost host;
  private final PluginSlot slot;
  private ContractServer server;
  private final List<MessageConsumer<LoggedEvent>> listening = new ArrayList<>();
  private boolean retired;

  HostedContext(PluginHost host, PluginSlot slot) {
    this.host = host;
    this.slot = slot;
  }

  @Override
  public PluginId id() {
    return slot.id();
  }

  @Override
  public DaemonSettings daemon() {
    return host.settings();
  }

  @Override
  public JsonNode configuration() {
    JsonNode section = daemon().configuration().path("plugins").path(id().value());
    return section.isObject() ? section : EventJson.mapper().createObjectNode();
  }

  @Override
  public Path dataDirectory() {
    return daemon().dataRoot().resolve(id().value());
  }

  @Override
  public Path runDirectory() {
    return daemon().execRoot().resolve(id().value());
  }

  @Override
  public <S> S require(PluginType<S> type) {
    return ContractProxy.create(host.vertx(), type, host.providerOf(type, id()));
  }

  @Override
  public <S> S require(PluginType<S> type, PluginId provider) {
    host.checkProvider(type, provider, id());
    return ContractProxy.create(host.vertx(), type, provider);
  }

  @Override
  public List<PluginId> providers(PluginType<?> type) {
    return host.running(type);
  }

  @Override
  public synchronized <S> void provide(PluginType<S> type, S service) {
    checkActive("provide " + type);
    if (!slot.provides(type)) {
      throw new IllegalArgumentException(
          "Plugin "
              + id()
              + " is of type "
              + slot.description().type()
              + " and cannot provide "
              + type);
    }
    Contract.of(type.contract());
    Objects.requireNonNull(type.contract().cast(service), "service");
    if (server != null) {
      throw new IllegalStateException("Plugin " + id() + " provides " + type + " already");
    }
    Context current = Vertx.currentContext();
    if (current == null || current.deploymentID() == null) {
      throw new IllegalStateException(
          "Plugin " + id() + " must provide " + type + " on its verticle's context, in start");
    }
    server = new ContractServer(host.vertx(), id(), service, slot.counters());
  }

  @Override
  public synchronized void onFact(EventFilter filter, Consumer<LoggedEvent> listener) {
    checkActive("listen to facts");
    listening.add(host.facts().listen(filter, listener));
  }

  @Override
  public <P> P port(Class<P> port) {
    return host.ports().get(port);
  }

  @Override
  public synchronized <P> void providePort(Class<P> port, P implementation) {
    checkActive("provide the kernel port " + port.getName());
    host.ports().offer(this, "plugin " + id(), port, implementation);
  }

  @Override
  public EventLog log() {
    return host.log();
  }

  @Override
  public <R> Future<Committed<R>> submit(Command<R> command) {
    Context caller = host.vertx().getOrCreateContext();
    Promise<Committed<R>> committed = Promise.promise();
    var unused =
        host.log()
            .submit(command)
            .whenComplete(
                (result, thrown) ->
                    caller.runOnContext(
                        ignored -> {
                          if (thrown == null) {
                            committed.complete(result);
                          } else {
                            committed.fail(Failures.unwrap(thrown));
                          }
                        }));
    return committed.future();
  }

  /** True unless others could call the plugin's contract but cannot. */
  synchronized boolean isComplete() {
    return server != null || Contract.of(slot.description().type().contract()).isEmpty();
  }

  /** Takes no more calls, withdraws ports and listens no more; what is in flight goes on. */
  synchronized Future<Void> retire() {
    retired = true;
    host.ports().withdraw(this);
    listening.forEach(MessageConsumer::unregister);
    return server == null ? Future.succeededFuture() : server.refuse();
  }

  /** Fails what is in flight. */
  synchronized void abandonCalls() {
    if (server != null) {
      server.abandon();
    }
  }

  private void checkActive(String what) {
    if (retired) {
      throw new IllegalStateException(
          "Plugin " + id() + " cannot " + what + ": this start of it was given up or stopped");
    }
  }
}
