package dev.taffrail.core.container;

import dev.taffrail.core.event.About;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** Decisions and facts about containers; the subject is {@code <namespace>/containers/<id>}. */
public sealed interface ContainerEvent extends Event {
  Table<ContainerSpecification> SPECIFICATIONS =
      Table.of("container_specifications", ContainerSpecification.class);
  Table<ContainerStatus> CONTAINERS = Table.of("containers", ContainerStatus.class);

  /** Row ids are names without a leading slash; the owner is the container id. */
  Table<Reservation> NAMES = Table.reservations("container_names");

  EventFamily<ContainerEvent> FAMILY =
      EventFamily.of(ContainerEvent.class)
          .tables(SPECIFICATIONS, CONTAINERS, NAMES)
          .on("dev.taffrail.container.created.v1", Created.class, ContainerEvent::created)
          .on("dev.taffrail.container.starting.v1", TaskStarting.class, ContainerEvent::starting)
          .on("dev.taffrail.container.started.v1", TaskStarted.class, ContainerEvent::started)
          .on(
              "dev.taffrail.container.start-failed.v1",
              2,
              TaskStartFailed.class,
              ContainerEvent::startFailed)
          .on(
              "dev.taffrail.container.stop-requested.v1",
              StopRequested.class,
              ContainerEvent::stopRequested)
          .on(
              "dev.taffrail.container.restart-requested.v1",
              RestartRequested.class,
              ContainerEvent::restartRequested)
          .on(
              "dev.taffrail.container.kill-requested.v1",
              2,
              KillRequested.class,
              ContainerEvent::killRequested)
          .on("dev.taffrail.container.monitor-lost.v1", MonitorLost.class, (rows, event) -> {})
          .on("dev.taffrail.container.exited.v1", TaskExited.class, ContainerEvent::exited)
          .on(
              "dev.taffrail.container.restart-cancelled.v1",
              RestartCancelled.class,
              ContainerEvent::restartCancelled)
          .on("dev.taffrail.container.restarted.v1", Restarted.class, ContainerEvent::restarted)
          .on(
              "dev.taffrail.container.policy-changed.v1",
              PolicyChanged.class,
              ContainerEvent::policyChanged)
          .on(
              "dev.taffrail.container.network-connected.v1",
              NetworkConnected.class,
              ContainerEvent::networkConnected)
          .on(
              "dev.taffrail.container.network-disconnected.v1",
              NetworkDisconnected.class,
              ContainerEvent::networkDisconnected)
          .on("dev.taffrail.container.removing.v1", Removing.class, ContainerEvent::removing)
          .on("dev.taffrail.container.removed.v1", Removed.class, ContainerEvent::removed)
          .build();

  /** The time-out of a stop that never kills. */
  int NEVER = -1;

  static Subject subject(String id) {
    return Subject.of("containers", id);
  }

  private static void created(Rows rows, Created event) {
    String id = rows.subject().id();
    rows.reserve(NAMES, event.name(), id);
    rows.put(SPECIFICATIONS, id, event.specification());
    rows.put(CONTAINERS, id, ContainerStatus.created(event.name()));
  }

  private static void change(Rows rows, Function<StatusChange, StatusChange> change) {
    rows.update(CONTAINERS, rows.subject().id(), was -> change.apply(was.change()).done());
  }

  // A start by the policy goes on counting; one by a client begins anew.
  private static void starting(Rows rows, TaskStarting event) {
    ContainerStatus was = rows.get(CONTAINERS, rows.subject().id());
    boolean again = was.phase() == Phase.RESTARTING;
    change(
        rows,
        next ->
            next.phase(Phase.STARTING)
                .starting(event.run())
                .opens(rows.sequence())
                .stopRequested(false)
                .stop(was.stop().filter(StopOrder::thenStart))
                .restarts(again ? was.restarts() : 0)
                .restart(again ? was.restart() : Optional.empty()));
  }

  private static void started(Rows rows, TaskStarted event) {
    change(rows, next -> next.phase(Phase.RUNNING).started(event.task(), event.at()));
  }

  // An order to restart ends with a start that failed, unless that is tried again.
  private static void startFailed(Rows rows, TaskStartFailed event) {
    ContainerStatus was = rows.get(CONTAINERS, rows.subject().id());
    Phase idle = was.finishedAt().isPresent() ? Phase.EXITED : Phase.CREATED;
    boolean again = event.restart().isPresent();
    change(
        rows,
        next ->
            next.phase(again ? Phase.RESTARTING : idle)
                .closes()
                .ended(event.exitCode(), event.reason(), Optional.empty())
                .stopRequested(false)
                .stop(was.stop().filter(order -> again))
                .restart(event.restart()));
  }

  private static void stopRequested(Rows rows, StopRequested event) {
    change(
        rows,
        next ->
            next.stopRequested(true)
                .stop(
                    Optional.of(
                        new StopOrder(
                            event.signal(), event.timeoutSeconds().orElse(NEVER), false))));
  }

  private static void restartRequested(Rows rows, RestartRequested event) {
    change(
        rows,
        next ->
            next.stopRequested(false)
                .stop(Optional.of(new StopOrder(event.signal(), event.timeoutSeconds(), true))));
  }

  private static void restarted(Rows rows, Restarted event) {
    change(rows, next -> next.stop(Optional.empty()));
  }

  private static void killRequested(Rows rows, KillRequested event) {
    if (event.stops()) {
      change(rows, next -> next.stopRequested(true));
    }
  }

  private static void exited(Rows rows, TaskExited event) {
    TaskExit exit = event.exit();
    change(
        rows,
        next ->
            next.phase(event.restart().isPresent() ? Phase.RESTARTING : Phase.EXITED)
                .closes()
                .finished(exit.at())
                .ended(exit.code(), "", Optional.of(exit.reason()))
                .restart(event.restart()));
    event.restart().ifPresent(restart -> change(rows, next -> next.restarts(restart.count())));
  }

  private static void restartCancelled(Rows rows, RestartCancelled event) {
    change(rows, next -> next.phase(Phase.EXITED).restart(Optional.empty()));
  }

  private static void policyChanged(Rows rows, PolicyChanged event) {
    change(rows, next -> next.policy(event.policy()));
  }

  private static void networkConnected(Rows rows, NetworkConnected event) {
    changeEndpoints(rows, endpoints -> endpoints.put(event.network(), event.settings()));
  }

  private static void networkDisconnected(Rows rows, NetworkDisconnected event) {
    changeEndpoints(rows, endpoints -> endpoints.remove(event.network()));
  }

  private static void changeEndpoints(Rows rows, Consumer<Map<String, EndpointSettings>> change) {
    String id = rows.subject().id();
    Map<String, EndpointSettings> endpoints =
        new TreeMap<>(rows.get(CONTAINERS, id).endpoints(rows.get(SPECIFICATIONS, id)));
    change.accept(endpoints);
    change(rows, next -> next.endpoints(endpoints));
  }

  private static void removing(Rows rows, Removing event) {
    change(rows, next -> next.phase(Phase.REMOVING).opens(rows.sequence()));
  }

  private static void removed(Rows rows, Removed event) {
    String id = rows.subject().id();
    rows.release(NAMES, rows.get(CONTAINERS, id).name(), id);
    rows.remove(CONTAINERS, id);
    rows.remove(SPECIFICATIONS, id);
  }

  /** The container exists and its name is reserved; its snapshot is prepared next to this event. */
  @About("The container exists and its name is reserved.")
  record Created(String name, ContainerSpecification specification) implements ContainerEvent {
    public Created {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(specification, "specification");
    }
  }

  /** An intent that covers the runtime's create and start. */
  @About("Intent: the runtime is about to create and start the container's first process.")
  record TaskStarting(int run) implements ContainerEvent {}

  /** The first process runs. */
  @About("The container's first process runs.")
  record TaskStarted(StartedTask task, Instant at) implements ContainerEvent {
    public TaskStarted {
      Objects.requireNonNull(task, "task");
      Objects.requireNonNull(at, "at");
    }
  }

  /**
   * The first process could not be started, and what was begun is undone.
   *
   * @param restart the next try, of a start that the daemon's death interrupted
   */
  @About("The container's first process could not be started; what was begun is undone.")
  record TaskStartFailed(int exitCode, String reason, Optional<Restart> restart)
      implements ContainerEvent {
    public TaskStartFailed {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(restart, "restart");
    }
  }

  /** Somebody wants it stopped: {@code signal} now, SIGKILL after the time-out. */
  @About("Somebody wants the container stopped: a signal now, SIGKILL after the time-out.")
  record StopRequested(String signal, OptionalInt timeoutSeconds) implements ContainerEvent {
    public StopRequested {
      Objects.requireNonNull(signal, "signal");
    }
  }

  /** Somebody wants it stopped as by {@link StopRequested}, and started again. */
  @About("Somebody wants the container stopped as by stop-requested, and started again.")
  record RestartRequested(String signal, int timeoutSeconds) implements ContainerEvent {
    public RestartRequested {
      Objects.requireNonNull(signal, "signal");
    }
  }

  /** The start that somebody asked for with a restart has succeeded. */
  @About("The restart that somebody asked for is done.")
  record Restarted() implements ContainerEvent {}

  /** The next run will not come: the container stays as it ended. */
  @About("The next run that was due will not come: the container stays as it ended.")
  record RestartCancelled() implements ContainerEvent {}

  /**
   * A signal is about to be sent.
   *
   * @param stops whoever sends it wants the container to end, so that its policy leaves it alone
   */
  @About("A signal is about to be sent to the container's first process.")
  record KillRequested(String signal, Purpose purpose, boolean stops) implements ContainerEvent {
    public KillRequested {
      Objects.requireNonNull(signal, "signal");
      Objects.requireNonNull(purpose, "purpose");
    }
  }

  /** Why a signal is sent. */
  enum Purpose {
    /** A client asked for this signal. */
    KILL,
    /** The time-out of a stop has passed. */
    STOP_TIMEOUT,
    /** The container is being removed by force. */
    REMOVAL,
    /** Its monitor is gone, so its output is lost. */
    MONITOR_LOST
  }

  /** The monitor is dead while its container lives; output from now on is lost. */
  @About("The monitor is dead while its container lives; output from now on is lost.")
  record MonitorLost(int monitorPid) implements ContainerEvent {}

  /**
   * The first process has ended.
   *
   * @param learnt live, or by the reconciler after a restart of the daemon
   * @param restart the next run, which its policy or a client wants
   */
  @About("The container's first process has ended; it may be due to start again.")
  record TaskExited(TaskExit exit, Learnt learnt, Optional<Restart> restart)
      implements ContainerEvent {
    public TaskExited {
      Objects.requireNonNull(exit, "exit");
      Objects.requireNonNull(learnt, "learnt");
    }
  }

  /** When the daemon learnt of an exit. */
  enum Learnt {
    LIVE,
    AFTER_RESTART
  }

  /** From now on the container has another restart policy. */
  @About("The container has another restart policy from now on.")
  record PolicyChanged(RestartPolicy policy) implements ContainerEvent {
    public PolicyChanged {
      Objects.requireNonNull(policy, "policy");
    }
  }

  /** From now on the container wants to be on a network, by name or id. */
  @About("The container wants to be on a network from now on.")
  record NetworkConnected(String network, EndpointSettings settings) implements ContainerEvent {
    public NetworkConnected {
      Objects.requireNonNull(network, "network");
      Objects.requireNonNull(settings, "settings");
    }
  }

  /** From now on the container does not want to be on a network, as it was named before. */
  @About("The container does not want to be on a network any more.")
  record NetworkDisconnected(String network) implements ContainerEvent {
    public NetworkDisconnected {
      Objects.requireNonNull(network, "network");
    }
  }

  /** An intent: what belongs to the container is about to be removed. */
  @About("Intent: what belongs to the container is about to be removed.")
  record Removing(boolean force) implements ContainerEvent {}

  /** Nothing of it is left; its name is free. */
  @About("Nothing of the container is left; its name is free.")
  record Removed() implements ContainerEvent {}
}
