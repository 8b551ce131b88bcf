package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerEvent.Learnt;
import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.core.task.TaskState;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches running containers until they end, records that, and clears away what the task leaves.
 * Also watches their monitors: one that dies takes the container's output with it, so the container
 * is killed.
 */
final class ExitWatch {
  private static final Logger LOG = LoggerFactory.getLogger(ExitWatch.class);
  private static final int UNKNOWN_CODE = 255;
  private static final long RETRY_MILLIS = 1000;
  private final Services services;
  private final Removal removal;
  private final Restarts restarts;
  private final Set<String> monitorless = new HashSet<>();

  ExitWatch(Services services, Removal removal, Restarts restarts) {
    this.services = services;
    this.removal = removal;
    this.restarts = restarts;
  }

  /** Begins to watch; {@code call} is caused by the {@code TaskStarted}. */
  void watch(CallContext call, String id, StartedTask task) {
    services
        .tasks
        .exit(call, id)
        .onSuccess(exit -> record(call, id, exit, Learnt.LIVE))
        .onFailure(cause -> lookAgain(call, id, task, cause));
    services.processes.ifPresent(
        processes ->
            services
                .<Optional<ProcessRef>>blocking(
                    () -> processes.open(task.monitorPid(), task.monitorStartTicks()))
                .onSuccess(monitor -> watchMonitor(call, id, task, monitor)));
  }

  private void watchMonitor(
      CallContext call, String id, StartedTask task, Optional<ProcessRef> monitor) {
    if (monitor.isEmpty()) {
      monitorEnded(call, id, task);
      return;
    }
    ProcessRef process = monitor.get();
    var unused =
        process
            .exit()
            .whenComplete(
                (status, failure) -> {
                  process.close();
                  services.onContext(() -> monitorEnded(call, id, task));
                });
  }

  // A monitor ends after its container, too: then there is an exit, and nothing to do here.
  private void monitorEnded(CallContext call, String id, StartedTask task) {
    if (!services.isClosed()) {
      services
          .tasks
          .state(call, id)
          .onSuccess(
              state -> {
                if (state.phase() == TaskState.Phase.UNMONITORED) {
                  monitorLost(call, id, task);
                }
              })
          .onFailure(cause -> LOG.warn("Cannot tell the state of container {}", id, cause));
    }
  }

  /** Records that the monitor is gone and kills the container; its exit is watched already. */
  Future<Void> monitorLost(CallContext call, String id, StartedTask task) {
    if (!monitorless.add(id)) {
      return Future.succeededFuture();
    }
    return services
        .journal
        .outcome(call, view -> ContainerDecider.monitorLost(view, id, task.monitorPid()))
        .compose(
            lost ->
                services
                    .tasks
                    .kill(call.causedBy(lost.firstSequence()), id, Signal.KILL.number())
                    .recover(Removal::unlessGone))
        .onFailure(cause -> LOG.warn("Cannot kill container {} without monitor", id, cause));
  }

  // The watch itself failed: ask what has become of the task, and go on watching what lives.
  private void lookAgain(CallContext call, String id, StartedTask task, Throwable cause) {
    if (services.isClosed()) {
      return;
    }
    LOG.warn("The watch of container {} broke", id, cause);
    services
        .tasks
        .state(call, id)
        .onSuccess(
            state -> {
              Optional<TaskExit> exit = exitOf(state, services.clock.instant());
              if (exit.isPresent()) {
                record(call, id, exit.get(), Learnt.LIVE);
              } else {
                services.timer(RETRY_MILLIS, () -> watch(call, id, task));
              }
            })
        .onFailure(again -> services.timer(RETRY_MILLIS, () -> lookAgain(call, id, task, again)));
  }

  /** How a task that does not run any more has ended; empty while it runs. */
  static Optional<TaskExit> exitOf(TaskState state, Instant now) {
    return switch (state.phase()) {
      case RUNNING, UNMONITORED -> Optional.empty();
      case STOPPED, CREATED, ABSENT ->
          Optional.of(
              state.exit().orElse(new TaskExit(UNKNOWN_CODE, now, TaskExit.Reason.UNKNOWN)));
    };
  }

  /** Makes the exit durable, tells those who wait, then clears away. */
  Future<Void> record(CallContext call, String id, TaskExit exit, Learnt learnt) {
    return services
        .journal
        .outcome(
            call, view -> ContainerDecider.exited(view, id, exit, learnt, services.clock.instant()))
        .compose(committed -> ended(call, id, new ContainerExit(exit.code(), ""), committed))
        .onFailure(cause -> LOG.error("Cannot record the exit of container {}", id, cause));
  }

  /** What follows a durable exit: in the same tick, so that a new start comes after it. */
  Future<Void> ended(
      CallContext call,
      String id,
      ContainerExit exit,
      Committed<ContainerDecider.Outcome> committed) {
    monitorless.remove(id);
    Future<Void> cleared =
        services.turns.take(
            id, () -> clear(call.causedBy(committed.firstSequence()), id, committed));
    if (committed.reply().restart().isEmpty()
        && ContainerNetworks.isNetworked(committed.reply().specification())) {
      // Its addresses and ports are free when somebody hears of its end.
      cleared.onComplete(result -> services.waiters.ended(id, exit));
    } else {
      services.waiters.ended(id, exit);
    }
    startAgain(call, id, committed);
    return cleared;
  }

  private Future<Void> clear(
      CallContext call, String id, Committed<ContainerDecider.Outcome> committed) {
    if (committed.reply().removing()) {
      CallContext intent = call.causedBy(committed.cursor().sequence());
      return removal
          .finish(intent, id, committed.reply().specification())
          .onFailure(cause -> LOG.error("Cannot remove container {}", id, cause));
    }
    Future<Void> deleted = services.remains.delete(call, id, committed.reply().run());
    if (committed.reply().restart().isPresent()) {
      return deleted;
    }
    Future<Void> detached =
        services
            .networks
            .detach(call, id, committed.reply().specification())
            .onFailure(cause -> LOG.error("Cannot take container {} off its networks", id, cause));
    return Future.join(deleted, detached).mapEmpty();
  }

  private void startAgain(
      CallContext call, String id, Committed<ContainerDecider.Outcome> committed) {
    committed
        .reply()
        .restart()
        .ifPresentOrElse(
            restart -> restarts.schedule(call.causedBy(committed.firstSequence()), id, restart),
            () -> restarts.none(id));
  }
}
