package dev.taffrail.shim;

import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.task.Tasks;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the shim together and takes it apart; containers live on. */
final class ShimVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ShimVerticle.class);
  private static final int WORKERS = 16;
  private static final long SLOW_WORK_MINUTES = 3;

  private final PluginContext host;
  private WorkerExecutor workers;
  private TaskRunner runner;
  private TaskService service;

  ShimVerticle(PluginContext host) {
    this.host = host;
  }

  @Override
  public Future<?> start() {
    Kernel kernel = Kernel.of(host);
    ShimSettings settings = ShimSettings.of(host.daemon().configuration(), host.configuration());
    runner = new TaskRunner(kernel, settings, host.runDirectory());
    workers =
        vertx.createSharedWorkerExecutor(
            "taffrail-shim-" + System.identityHashCode(this),
            WORKERS,
            SLOW_WORK_MINUTES,
            TimeUnit.MINUTES);
    service = new TaskService(vertx, workers, kernel, runner);
    return workers
        .executeBlocking(runner::open, false)
        .onSuccess(
            problems -> {
              problems.forEach(problem -> LOG.warn("No container can be started: {}", problem));
              host.provide(Tasks.TASK, service);
            });
  }

  @Override
  public Future<?> stop() {
    service.close();
    return workers
        .executeBlocking(
            () -> {
              runner.close();
              return null;
            },
            false)
        .eventually(workers::close);
  }
}
