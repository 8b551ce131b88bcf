package dev.taffrail.http;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.taffrail.core.container.Containers;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.task.Tasks;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** The plugin on a socket of its own, over a real log; its other services are not for use. */
public final class LiveLog implements AutoCloseable {
  private final Path socket;
  private final Vertx vertx;

  public LiveLog(Path directory, EventLog log) throws Exception {
    socket = directory.resolve("run").resolve("taffrail.sock");
    vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    FakeLog unused = new FakeLog();
    FakeTasks tasks = new FakeTasks();
    FakeNetworks networks = new FakeNetworks(unused);
    FakeHost host =
        new FakeHost(
            directory,
            List.of("unix://" + socket),
            log,
            Map.of(
                Containers.class,
                new FakeContainers(unused, tasks, networks, directory),
                Images.class,
                new FakeImages(),
                Tasks.class,
                tasks,
                Networks.class,
                networks));
    try {
      vertx.deployVerticle(new ApiPlugin().create(host)).await(20, SECONDS);
    } catch (Throwable e) {
      vertx.close().await(20, SECONDS);
      throw e;
    }
  }

  Path socket() {
    return socket;
  }

  /** As the option {@code --host} takes it. */
  public String host() {
    return "unix://" + socket;
  }

  @Override
  public void close() {
    try {
      vertx.close().await(20, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
