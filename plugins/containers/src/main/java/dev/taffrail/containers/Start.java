package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.network.Sandbox;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskSpec;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a container: one intent covers the runtime's create and start, then comes the outcome. */
final class Start {
  private static final Logger LOG = LoggerFactory.getLogger(Start.class);
  private static final long RETRY_MILLIS = 1000;
  private final Services services;
  private final ExitWatch watch;
  private final Removal removal;
  private final Restarts restarts;

  Start(Services services, ExitWatch watch, Removal removal, Restarts restarts) {
    this.services = services;
    this.watch = watch;
    this.removal = removal;
    this.restarts = restarts;
  }

  /** As {@code docker start}. */
  Future<Void> start(CallContext call, String name) {
    String id = services.roster.resolve(name);
    CallContext saga = call.detached();
    return services.turns.take(
        id,
        () ->
            services
                .journal
                .request(saga, 1, view -> ContainerDecider.starting(view, id))
                .compose(intent -> act(saga.causedBy(intent.firstSequence()), id, intent.reply())));
  }

  /** The next run of a container that has ended; {@code call} is caused by its exit. */
  Future<Void> again(CallContext call, String id) {
    return services.turns.take(
        id,
        () ->
            services
                .journal
                .request(call, 1, view -> ContainerDecider.startingAgain(view, id))
                .compose(intent -> act(call.causedBy(intent.firstSequence()), id, intent.reply())));
  }

  /** Starts what its policy wants to run together with the daemon, in the container's turn. */
  Future<Void> withDaemon(CallContext call, String id) {
    return services
        .journal
        .request(call, 1, view -> ContainerDecider.startingWithDaemon(view, id))
        .compose(
            intent ->
                intent.reply().isPresent()
                    ? act(call.causedBy(intent.firstSequence()), id, intent.reply().get())
                    : Future.succeededFuture());
  }

  /** Carries out a durable {@code TaskStarting}, the cause of {@code saga}. */
  Future<Void> act(CallContext saga, String id, ContainerDecider.Start intent) {
    ContainerSpecification specification = intent.specification();
    return services
        .remains
        .delete(saga, id)
        .compose(deleted -> specify(saga, id, intent))
        .compose(
            spec -> {
              services.remains.expect(id, intent.run());
              return services.tasks.create(saga, spec);
            })
        .compose(task -> services.tasks.start(saga, id).map(task))
        .transform(
            result ->
                result.succeeded()
                    ? started(saga, id, result.result())
                    : undo(saga, id, specification, StartFailure.of(result.cause())));
  }

  private Future<TaskSpec> specify(CallContext saga, String id, ContainerDecider.Start intent) {
    ContainerSpecification specification = intent.specification();
    Future<Optional<Sandbox>> sandbox =
        services
            .networks
            .attach(saga, id, intent)
            .recover(cause -> Future.failedFuture(new NetworkFailure(cause)));
    Future<HostName> name = sandbox.compose(attached -> services.networks.hostName(specification));
    Future<Path> log = services.blocking(() -> prepareHost(id, specification));
    Future<List<Mount>> rootfs =
        services.snapshotter(specification.snapshotter()).mounts(saga, specification.snapshot());
    return Future.join(sandbox, name, log, rootfs)
        .map(
            all ->
                TaskSpecs.of(
                    id,
                    specification,
                    name.result(),
                    rootfs.result(),
                    sandbox.result(),
                    log.result()));
  }

  // Docker makes the host directories of -v when they are missing.
  private Path prepareHost(String id, ContainerSpecification specification) {
    services.directories.create(id);
    for (String bind : specification.binds()) {
      Path source = Path.of(BindSpecification.parse(bind).source());
      try {
        if (!Files.exists(source)) {
          Files.createDirectories(source);
        }
      } catch (IOException e) {
        throw hostPath(source, e);
      }
    }
    return services.directories.log(id);
  }

  private static RuntimeFailure hostPath(Path source, IOException cause) {
    return new RuntimeFailure(
        Kind.INTERNAL,
        "error while creating mount source path '" + source + "': mkdir " + cause.getMessage(),
        cause);
  }

  private Future<Void> started(CallContext saga, String id, StartedTask task) {
    Instant now = services.clock.instant();
    return services
        .journal
        .outcome(saga, view -> ContainerDecider.started(view, id, task, now))
        .map(
            committed -> {
              watch.watch(Journal.noticed(saga, committed.firstSequence()), id, task);
              return null;
            });
  }

  // Only when nothing of it runs any more may the log say that it did not start. A time-out tells
  // nothing, so the shim is asked to end and delete whatever there is, until it has.
  private Future<Void> undo(
      CallContext saga, String id, ContainerSpecification specification, StartFailure failure) {
    return services
        .remains
        .delete(saga, id)
        .compose(deleted -> services.networks.detach(saga, id, specification))
        .transform(
            result -> {
              if (result.succeeded()) {
                return failed(saga, id, failure);
              }
              LOG.warn("Cannot undo the failed start of container {}", id, result.cause());
              undoLater(saga, id, specification, failure);
              return Future.failedFuture(failure.failure());
            });
  }

  private void undoLater(
      CallContext saga, String id, ContainerSpecification specification, StartFailure failure) {
    services.timer(
        RETRY_MILLIS,
        () -> {
          if (!services.isClosed()) {
            services.turns.take(id, () -> undo(saga, id, specification, failure));
          }
        });
  }

  private Future<Void> failed(CallContext saga, String id, StartFailure failure) {
    return record(
            saga,
            id,
            failure,
            view -> ContainerDecider.startFailed(view, id, failure.exitCode(), failure.reason()))
        .transform(whatever -> Future.failedFuture(failure.failure()));
  }

  /**
   * Records that the daemon died on a start, of which nothing is left; it may be tried again, with
   * the same addresses and ports.
   */
  Future<Void> interrupted(CallContext saga, String id) {
    StartFailure failure = StartFailure.interrupted();
    return record(
            saga,
            id,
            failure,
            view ->
                ContainerDecider.startInterrupted(
                    view, id, failure.exitCode(), failure.reason(), services.clock.instant()))
        .compose(
            outcome ->
                outcome.removing() || outcome.restart().isPresent()
                    ? Future.succeededFuture()
                    : services.networks.detach(saga, id, outcome.specification()));
  }

  // The container removes itself if it was asked to.
  private Future<ContainerDecider.Outcome> record(
      CallContext saga,
      String id,
      StartFailure failure,
      Decider<ContainerDecider.Outcome> decider) {
    return services
        .journal
        .outcome(saga, decider)
        .compose(
            committed -> {
              ContainerDecider.Outcome outcome = committed.reply();
              services.waiters.ended(id, new ContainerExit(failure.exitCode(), failure.reason()));
              outcome
                  .restart()
                  .ifPresent(
                      restart ->
                          restarts.schedule(saga.causedBy(committed.firstSequence()), id, restart));
              return outcome.removing()
                  ? removal
                      .finish(
                          saga.causedBy(committed.cursor().sequence()), id, outcome.specification())
                      .map(outcome)
                  : Future.succeededFuture(outcome);
            });
  }
}
