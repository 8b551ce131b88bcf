package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerEvent.Learnt;
import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.snapshot.SnapshotInfo;
import dev.taffrail.core.snapshot.SnapshotKey;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.core.task.TaskState;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does at start what {@link dev.taffrail.core.container.Lifecycle} says: asks the kernel what came
 * of every effect that was under way, and takes away what no container owns. Containers are looked
 * at side by side; one that hangs delays nobody but the calls that name it.
 */
final class Reconciler {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
  private static final int PARALLEL = 32;
  private final Services services;
  private final Start start;
  private final ExitWatch watch;
  private final Ending ending;
  private final Removal removal;
  private final Restarts restarts;

  Reconciler(
      Services services,
      Start start,
      ExitWatch watch,
      Ending ending,
      Removal removal,
      Restarts restarts) {
    this.services = services;
    this.start = start;
    this.watch = watch;
    this.ending = ending;
    this.removal = removal;
    this.restarts = restarts;
  }

  /** A container as the log left it. */
  record Known(String id, ContainerSpecification specification, ContainerStatus status) {}

  /** All containers there are, by id. */
  static List<Known> known(StateView view) {
    Map<String, ContainerStatus> statuses = new TreeMap<>();
    view.list(ContainerEvent.CONTAINERS).forEach(row -> statuses.put(row.id(), row.value()));
    return view.list(ContainerEvent.SPECIFICATIONS).stream()
        .map(row -> new Known(row.id(), row.value(), statuses.get(row.id())))
        .toList();
  }

  /**
   * Completes when everything was looked at; failures are logged and leave a container as it is.
   */
  Future<Void> run(List<Known> containers) {
    List<Known> created = new ArrayList<>();
    List<Known> exited = new ArrayList<>();
    Lanes lanes = new Lanes(PARALLEL);
    List<Future<?>> all = new ArrayList<>();
    for (Known container : containers) {
      services.roster.add(container.id(), container.status().name());
      if (container.status().run() > 0) {
        services.remains.expect(container.id(), container.status().run());
      }
      switch (container.status().phase()) {
        case CREATED -> created.add(container);
        case EXITED -> {
          exited.add(container);
          if (isWanted(container)) {
            all.add(turn(lanes, container, () -> start.withDaemon(Journal.own(0), container.id())));
          }
        }
        case RESTARTING -> {
          exited.add(container);
          restarts.schedule(
              call(container), container.id(), container.status().restart().orElseThrow());
        }
        case STARTING -> all.add(turn(lanes, container, () -> starting(container)));
        case RUNNING -> all.add(turn(lanes, container, () -> running(container)));
        case REMOVING ->
            all.add(
                turn(
                    lanes,
                    container,
                    () ->
                        removal.finish(
                            call(container), container.id(), container.specification())));
      }
    }
    all.add(sweepTasks(lanes, exited, created));
    all.add(sweepSnapshots(created));
    all.add(sweepDirectories());
    return Future.join(all).<Void>mapEmpty().otherwiseEmpty();
  }

  // The turn is taken at once, so whatever a client wants comes after it; the lane bounds the work.
  private Future<Void> turn(Lanes lanes, Known container, Supplier<Future<Void>> work) {
    return services
        .turns
        .take(container.id(), () -> lanes.run(work))
        .onFailure(cause -> LOG.error("Cannot reconcile container {}", container.id(), cause));
  }

  private static boolean isWanted(Known container) {
    return container
        .status()
        .policy(container.specification())
        .startsWithDaemon(container.status().stopRequested());
  }

  private static CallContext call(Known container) {
    return Journal.own(container.status().intent().orElse(0));
  }

  private Future<Void> starting(Known container) {
    String id = container.id();
    CallContext call = call(container);
    return services
        .tasks
        .state(call, id)
        .compose(
            state -> {
              Instant now = services.clock.instant();
              Optional<StartedTask> task = state.started();
              return switch (state.phase()) {
                case RUNNING, UNMONITORED -> started(call, id, task.orElseThrow(), now, state);
                case STOPPED ->
                    task.isPresent()
                        ? startedAndExited(call, id, task.get(), now, state)
                        : notStarted(call, id);
                case CREATED, ABSENT -> notStarted(call, id);
              };
            });
  }

  private Future<Void> started(
      CallContext call, String id, StartedTask task, Instant now, TaskState state) {
    return services
        .journal
        .outcome(call, view -> ContainerDecider.started(view, id, task, now))
        .compose(
            committed -> watchAgain(call.causedBy(committed.firstSequence()), id, task, state));
  }

  private Future<Void> startedAndExited(
      CallContext call, String id, StartedTask task, Instant now, TaskState state) {
    TaskExit exit = ExitWatch.exitOf(state, now).orElseThrow();
    Instant began = exit.at().isBefore(now) ? exit.at() : now;
    return services
        .journal
        .outcome(call, view -> ContainerDecider.startedAndExited(view, id, task, began, exit, now))
        .compose(committed -> endedInTurn(call, id, exit, committed));
  }

  private Future<Void> notStarted(CallContext call, String id) {
    return services.remains.delete(call, id).compose(deleted -> start.interrupted(call, id));
  }

  private Future<Void> running(Known container) {
    String id = container.id();
    CallContext call = call(container);
    StartedTask task = container.status().task().orElseThrow();
    return services
        .tasks
        .state(call, id)
        .compose(
            state -> {
              Optional<TaskExit> exit = ExitWatch.exitOf(state, services.clock.instant());
              if (exit.isPresent()) {
                return services
                    .journal
                    .outcome(
                        call,
                        view ->
                            ContainerDecider.exited(
                                view,
                                id,
                                exit.get(),
                                Learnt.AFTER_RESTART,
                                services.clock.instant()))
                    .compose(committed -> endedInTurn(call, id, exit.get(), committed));
              }
              container.status().stop().ifPresent(order -> ending.stopAgain(call, id, order));
              return watchAgain(call, id, task, state)
                  .compose(watched -> services.networks.settle(call, container));
            });
  }

  // What follows an exit takes a turn of its own, after this one: do not wait for it here.
  private Future<Void> endedInTurn(
      CallContext call, String id, TaskExit exit, Committed<ContainerDecider.Outcome> committed) {
    watch
        .ended(call, id, new ContainerExit(exit.code(), ""), committed)
        .onFailure(cause -> LOG.error("Cannot clear away container {}", id, cause));
    return done();
  }

  private Future<Void> watchAgain(CallContext call, String id, StartedTask task, TaskState state) {
    watch.watch(call, id, task);
    return state.phase() == TaskState.Phase.UNMONITORED
        ? watch.monitorLost(call, id, task)
        : done();
  }

  // A container that is there keeps its turn while what an earlier run left of it is deleted.
  private Future<Void> sweepTasks(Lanes lanes, List<Known> exited, List<Known> created) {
    CallContext call = Journal.own(0);
    Map<String, Known> idle = new TreeMap<>();
    exited.forEach(container -> idle.put(container.id(), container));
    created.forEach(container -> idle.put(container.id(), container));
    return services
        .tasks
        .list(call)
        .compose(
            found -> {
              List<Future<?>> deletions = new ArrayList<>();
              Set<String> present = new HashSet<>(found);
              idle.values().stream()
                  .filter(container -> !present.contains(container.id()))
                  .forEach(
                      container ->
                          services.remains.settle(container.id(), container.status().run()));
              for (String id : found) {
                if (services.roster.isOrphan(id)) {
                  deletions.add(lanes.run(() -> services.tasks.delete(call, id)));
                } else if (idle.containsKey(id)) {
                  deletions.add(
                      turn(
                          lanes,
                          idle.get(id),
                          () -> services.remains.delete(call, id, idle.get(id).status().run())));
                }
              }
              return Future.join(deletions).<Void>mapEmpty();
            })
        .onFailure(cause -> LOG.warn("Cannot delete the tasks that no container owns", cause));
  }

  private Future<Void> sweepSnapshots(List<Known> created) {
    CallContext call = Journal.own(0);
    List<Future<?>> all = new ArrayList<>();
    for (String name : services.snapshotterNames()) {
      all.add(
          services
              .snapshotter(name)
              .list(call)
              .compose(snapshots -> sweepSnapshots(call, name, snapshots, created)));
    }
    return Future.join(all)
        .<Void>mapEmpty()
        .onFailure(cause -> LOG.warn("Cannot remove the snapshots that no container owns", cause));
  }

  private Future<Void> sweepSnapshots(
      CallContext call, String snapshotter, List<SnapshotInfo> snapshots, List<Known> created) {
    List<Future<?>> all = new ArrayList<>();
    Set<SnapshotKey> keys = new HashSet<>();
    for (SnapshotInfo snapshot : snapshots) {
      keys.add(snapshot.key());
      String owner = snapshot.labels().get(Creation.OWNER_LABEL);
      if (owner != null && services.roster.isOrphan(owner)) {
        all.add(
            services
                .snapshotter(snapshotter)
                .remove(call, snapshot.key())
                .recover(Removal::unlessGone));
      }
    }
    created.stream()
        .filter(container -> container.status().run() == 0)
        .filter(container -> container.specification().snapshotter().equals(snapshotter))
        .filter(container -> !keys.contains(container.specification().snapshot()))
        .forEach(container -> all.add(undoCreate(call, container.id())));
    return Future.join(all).mapEmpty();
  }

  private Future<Void> undoCreate(CallContext call, String id) {
    return services.turns.take(
        id,
        () ->
            services
                .journal
                .request(call, view -> ContainerDecider.undoCreate(view, id))
                .compose(
                    undone -> {
                      services.roster.remove(id);
                      services.waiters.removed(id, new ContainerExit(0, ""));
                      return removeDirectory(id);
                    }));
  }

  private Future<Void> removeDirectory(String id) {
    return services.blocking(
        () -> {
          services.directories.remove(id);
          return null;
        });
  }

  private Future<Void> sweepDirectories() {
    return services
        .blocking(services.directories::list)
        .compose(
            found -> {
              List<Future<?>> all = new ArrayList<>();
              for (String id : found) {
                if (services.roster.isOrphan(id)) {
                  all.add(removeDirectory(id));
                }
              }
              return Future.join(all).<Void>mapEmpty();
            })
        .onFailure(
            cause -> LOG.warn("Cannot remove the directories that no container owns", cause));
  }

  private static Future<Void> done() {
    return Future.succeededFuture();
  }
}
