package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.Turns;
import dev.taffrail.core.snapshot.Snapshotter;
import dev.taffrail.core.task.Tasks;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** What the sagas share. Confined to the plugin's context. */
final class Services {
  private static final boolean UNORDERED = false;
  private final PluginContext host;
  private final Vertx vertx;
  private final Context context;
  private final Map<String, Snapshotter> snapshotters = new HashMap<>();
  private boolean closed;

  final InstantSource clock;
  final Tasks tasks;
  final Images images;
  final ContainerNetworks networks;
  final Optional<Processes> processes;
  final Journal journal;
  final Roster roster = new Roster();
  final Turns turns = new Turns();
  final TaskRemains remains;
  final Waiters waiters = new Waiters();
  final ContainerDirectories directories;

  Services(PluginContext host, Vertx vertx, Context context, InstantSource clock) {
    this.host = host;
    this.vertx = vertx;
    this.context = context;
    this.clock = clock;
    this.tasks = host.require(Tasks.TASK);
    this.remains = new TaskRemains(tasks);
    this.images = host.require(Images.IMAGES);
    this.networks = new ContainerNetworks(this, host.require(Networks.NETWORKS));
    this.processes = processes(host);
    this.journal = new Journal(host);
    this.directories = new ContainerDirectories(host.dataDirectory());
  }

  private static Optional<Processes> processes(PluginContext host) {
    try {
      return Optional.of(host.port(Processes.class));
    } catch (RuntimeFailure e) {
      if (e.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The one that a specification or an image names. */
  Snapshotter snapshotter(String name) {
    return snapshotters.computeIfAbsent(
        name, id -> host.require(Snapshotter.SNAPSHOT, new PluginId(id)));
  }

  List<String> snapshotterNames() {
    return host.providers(Snapshotter.SNAPSHOT).stream().map(PluginId::value).toList();
  }

  PluginContext host() {
    return host;
  }

  /** Runs short blocking work on a worker thread. */
  <T> Future<T> blocking(Callable<T> work) {
    return context.executeBlocking(work, UNORDERED);
  }

  /** Comes back to the plugin's context from any thread. */
  void onContext(Runnable action) {
    context.runOnContext(nothing -> action.run());
  }

  long timer(long delayMillis, Runnable action) {
    return vertx.setTimer(delayMillis, id -> action.run());
  }

  void cancelTimer(long id) {
    vertx.cancelTimer(id);
  }

  /** The plugin stops: failures are its own doing now, and nothing is tried again. */
  void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }
}
