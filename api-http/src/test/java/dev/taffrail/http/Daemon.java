package dev.taffrail.http;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.taffrail.core.container.Containers;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.task.Tasks;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The plugin on a socket of its own, over fakes. */
final class Daemon implements AutoCloseable {
  final FakeLog log = new FakeLog();
  final FakeTasks tasks = new FakeTasks();
  final FakeImages images = new FakeImages();
  final FakeNetworks networks = new FakeNetworks(log);
  final FakeContainers containers;
  final Path socket;
  private final Vertx vertx;
  private final String deployment;

  Daemon(Path directory, String... moreHosts) throws Exception {
    this(directory, true, moreHosts);
  }

  Daemon(Path directory, boolean nativeTransport, String... moreHosts) throws Exception {
    socket = directory.resolve("run").resolve("taffrail.sock");
    containers = new FakeContainers(log, tasks, networks, directory);
    vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(nativeTransport));
    List<String> hosts = new java.util.ArrayList<>(List.of("unix://" + socket));
    hosts.addAll(List.of(moreHosts));
    FakeHost host =
        new FakeHost(
            directory,
            hosts,
            log,
            Map.of(
                Containers.class,
                containers,
                Images.class,
                images,
                Tasks.class,
                tasks,
                Networks.class,
                networks));
    try {
      deployment = vertx.deployVerticle(new ApiPlugin().create(host)).await(20, SECONDS);
    } catch (Throwable e) {
      vertx.close().await(20, SECONDS);
      throw e;
    }
  }

  Client client() throws java.io.IOException {
    return new Client(socket);
  }

  @Override
  public void close() {
    try {
      vertx.undeploy(deployment).await(20, SECONDS);
      vertx.close().await(20, SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException("The daemon does not stop", e);
    }
  }
}
