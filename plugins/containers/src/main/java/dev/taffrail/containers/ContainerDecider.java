package dev.taffrail.containers;

import static dev.taffrail.core.container.ContainerEvent.CONTAINERS;
import static dev.taffrail.core.container.ContainerEvent.NAMES;
import static dev.taffrail.core.container.ContainerEvent.SPECIFICATIONS;
import static dev.taffrail.core.container.ContainerEvent.subject;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerEvent.Created;
import dev.taffrail.core.container.ContainerEvent.KillRequested;
import dev.taffrail.core.container.ContainerEvent.Learnt;
import dev.taffrail.core.container.ContainerEvent.MonitorLost;
import dev.taffrail.core.container.ContainerEvent.NetworkConnected;
import dev.taffrail.core.container.ContainerEvent.NetworkDisconnected;
import dev.taffrail.core.container.ContainerEvent.PolicyChanged;
import dev.taffrail.core.container.ContainerEvent.Purpose;
import dev.taffrail.core.container.ContainerEvent.Removed;
import dev.taffrail.core.container.ContainerEvent.Removing;
import dev.taffrail.core.container.ContainerEvent.RestartCancelled;
import dev.taffrail.core.container.ContainerEvent.RestartRequested;
import dev.taffrail.core.container.ContainerEvent.Restarted;
import dev.taffrail.core.container.ContainerEvent.StopRequested;
import dev.taffrail.core.container.ContainerEvent.TaskExited;
import dev.taffrail.core.container.ContainerEvent.TaskStartFailed;
import dev.taffrail.core.container.ContainerEvent.TaskStarted;
import dev.taffrail.core.container.ContainerEvent.TaskStarting;
import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.container.Lifecycle;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.container.Restart;
import dev.taffrail.core.container.RestartPolicy;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Decides every command about containers. Each checks {@link Lifecycle}, and rejects with the words
 * of Docker Engine, which clients match.
 */
final class ContainerDecider {
  private static final int DEFAULT_STOP_SECONDS = 10;

  private ContainerDecider() {}

  /** What a start needs. */
  record Start(
      ContainerSpecification specification,
      String name,
      int run,
      Map<String, EndpointSettings> endpoints) {}

  /**
   * What a stop does.
   *
   * @param running false when there is nothing to signal: a restart that was due is cancelled
   */
  record Stop(Signal signal, int timeoutSeconds, boolean running) {}

  /**
   * What a restart does: stops what runs, or starts at once.
   *
   * @param start present when it does not run
   */
  record RestartOrder(Stop stop, Optional<Start> start) {}

  /**
   * What follows an outcome.
   *
   * @param run what has ended
   * @param removing the removal has begun with it
   * @param restart the next run
   */
  record Outcome(
      ContainerSpecification specification, int run, boolean removing, Optional<Restart> restart) {}

  /**
   * Takes the first free of {@code names} and answers it. ALREADY_EXISTS when all are taken;
   * NOT_FOUND when the image is gone meanwhile.
   */
  static Decision<String> create(
      StateView view, String id, List<String> names, ContainerSpecification specification) {
    if (view.find(CONTAINERS, id).isPresent()) {
      throw new RuntimeFailure(Kind.ALREADY_EXISTS, "Container " + id + " exists already");
    }
    if (view.find(ImageEvent.IMAGES, specification.image().toString()).isEmpty()) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "No such image: " + specification.imageName());
    }
    Optional<Reservation> holder = Optional.empty();
    for (String name : names) {
      holder = view.find(NAMES, name);
      if (holder.isEmpty()) {
        return Decision.of(subject(id), new Created(name, specification)).reply(name);
      }
    }
    String wanted = names.get(names.size() - 1);
    throw new RuntimeFailure(
        Kind.ALREADY_EXISTS,
        "Conflict. The container name \"/"
            + wanted
            + "\" is already in use by container \""
            + holder.map(Reservation::owner).orElse("")
            + "\". You have to remove (or rename) that container to be able to reuse that name.");
  }

  /** The create was never answered: its snapshot could not be prepared. */
  static Decision<Void> undoCreate(StateView view, String id) {
    ContainerStatus status = status(view, id);
    check(id, status.phase(), Removing.class);
    return Decision.of(subject(id), new Removing(false), new Removed());
  }

  /** Docker: 304 when it runs, 409 when it is being removed. */
  static Decision<Start> starting(StateView view, String id) {
    ContainerStatus status = status(view, id);
    if (status.phase() == Phase.RUNNING
        || status.phase() == Phase.STARTING
        || status.phase() == Phase.RESTARTING) {
      throw new RuntimeFailure(Kind.NOT_MODIFIED, "Container is already started");
    }
    return start(view, id, status);
  }

  private static Decision<Start> start(StateView view, String id, ContainerStatus status) {
    if (status.phase() == Phase.REMOVING) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION, "container is marked for removal and cannot be started");
    }
    check(id, status.phase(), TaskStarting.class);
    int run = status.run() + 1;
    ContainerSpecification specification = specification(view, id);
    return Decision.of(subject(id), new TaskStarting(run))
        .reply(new Start(specification, status.name(), run, status.endpoints(specification)));
  }

  /** The next run is due. FAILED_PRECONDITION when it is no longer wanted. */
  static Decision<Start> startingAgain(StateView view, String id) {
    ContainerStatus status = status(view, id);
    if (status.phase() != Phase.RESTARTING) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION, "Container " + id + " does not wait to be restarted");
    }
    return start(view, id, status);
  }

  /** Starts a container whose policy wants it to run together with the daemon. */
  static Decision<Optional<Start>> startingWithDaemon(StateView view, String id) {
    ContainerStatus status = status(view, id);
    boolean wanted =
        status.phase() == Phase.EXITED
            && status.policy(specification(view, id)).startsWithDaemon(status.stopRequested());
    if (!wanted) {
      return Decision.none(Optional.empty());
    }
    Decision<Start> start = start(view, id, status);
    return start.reply(Optional.of(start.reply()));
  }

  /** With the end of the restart that asked for it. */
  static Decision<Void> started(StateView view, String id, StartedTask task, Instant at) {
    check(id, status(view, id).phase(), TaskStarted.class);
    Decision<Void> started = Decision.of(subject(id), new TaskStarted(task, at));
    return status(view, id).isRestartOrdered()
        ? started.and(subject(id), new Restarted())
        : started;
  }

  /** With the start of the removal when the container removes itself. */
  static Decision<Outcome> startFailed(StateView view, String id, int exitCode, String reason) {
    check(id, status(view, id).phase(), TaskStartFailed.class);
    return thenRemoval(
        view,
        id,
        Decision.of(subject(id), new TaskStartFailed(exitCode, reason, Optional.empty())),
        Optional.empty());
  }

  /**
   * A start that the daemon before did not survive. What should run is tried again: a restart, and
   * what its policy starts together with the daemon.
   */
  static Decision<Outcome> startInterrupted(
      StateView view, String id, int exitCode, String reason, Instant now) {
    ContainerStatus status = status(view, id);
    check(id, status.phase(), TaskStartFailed.class);
    boolean wanted =
        status.isRestartOrdered()
            || status.restart().isPresent()
            || status.policy(specification(view, id)).startsWithDaemon(false);
    Optional<Restart> restart =
        wanted
            ? Optional.of(
                new Restart(
                    status.restarts(), status.restart().map(Restart::delayMillis).orElse(0L), now))
            : Optional.empty();
    return thenRemoval(
        view,
        id,
        Decision.of(subject(id), new TaskStartFailed(exitCode, reason, restart)),
        restart);
  }

  /**
   * NOT_MODIFIED when it does not run. Asked, else the container's own, else Docker's default. What
   * waits to be restarted stays as it ended.
   */
  static Decision<Stop> stopRequested(
      StateView view, String id, Optional<Signal> signal, OptionalInt timeoutSeconds) {
    ContainerStatus status = status(view, id);
    if (!Lifecycle.allows(status.phase(), StopRequested.class)) {
      throw new RuntimeFailure(Kind.NOT_MODIFIED, "Container is already stopped");
    }
    Stop stop = stopOf(specification(view, id), status, signal, timeoutSeconds);
    Decision<Void> decision =
        Decision.of(
            subject(id),
            new StopRequested(stop.signal().name(), OptionalInt.of(stop.timeoutSeconds())));
    return orCancelled(id, status, decision).reply(stop);
  }

  private static Decision<Void> orCancelled(
      String id, ContainerStatus status, Decision<Void> decision) {
    return status.phase() == Phase.RESTARTING
        ? decision.and(subject(id), new RestartCancelled())
        : decision;
  }

  private static Stop stopOf(
      ContainerSpecification specification,
      ContainerStatus status,
      Optional<Signal> signal,
      OptionalInt timeoutSeconds) {
    int own = specification.stopTimeoutSeconds().orElse(DEFAULT_STOP_SECONDS);
    return new Stop(
        signal.orElseGet(() -> stopSignal(specification)),
        timeoutSeconds.orElse(own),
        status.phase() == Phase.RUNNING);
  }

  private static Signal stopSignal(ContainerSpecification specification) {
    return specification.stopSignal().map(Signal::parse).orElse(Signal.TERM);
  }

  /** Stops and starts it, or starts it at once when it does not run. */
  static Decision<RestartOrder> restartRequested(
      StateView view, String id, Optional<Signal> signal, OptionalInt timeoutSeconds) {
    ContainerStatus status = status(view, id);
    Stop stop = stopOf(specification(view, id), status, signal, timeoutSeconds);
    Decision<Void> request =
        Decision.of(subject(id), new RestartRequested(stop.signal().name(), stop.timeoutSeconds()));
    if (status.phase() == Phase.RUNNING) {
      // The run ends first; what starts the next one reserves room of its own.
      return request.reply(new RestartOrder(stop, Optional.empty())).withoutEffect();
    }
    Decision<Start> start = start(view, id, status);
    check(id, status.phase(), RestartRequested.class);
    return request
        .and(subject(id), start.events().toArray(Event[]::new))
        .reply(new RestartOrder(stop, Optional.of(start.reply())));
  }

  /** Of a run that is due, only what comes after it heeds the change; as in Docker Engine. */
  static Decision<Void> changePolicy(StateView view, String id, RestartPolicy policy) {
    ContainerStatus status = status(view, id);
    String prefix = "Cannot update container " + id + ": ";
    if (status.phase() == Phase.REMOVING) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          prefix + "container is marked for removal and cannot be \"update\"");
    }
    if (specification(view, id).autoRemove() && policy.mode() != RestartPolicy.Mode.NO) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          prefix
              + "Restart policy cannot be updated because AutoRemove is enabled for the container");
    }
    check(id, status.phase(), PolicyChanged.class);
    return Decision.of(subject(id), new PolicyChanged(policy));
  }

  /** Docker's words for a container that cannot be on one more network. */
  static void checkConnect(
      ContainerSpecification specification, ContainerStatus status, String network) {
    String mode = specification.networkMode();
    if (mode.equals(NetworkNames.HOST) || NetworkNames.isContainer(mode)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "container sharing network namespace with another container or host cannot be connected"
              + " to any other network");
    }
    if (mode.equals(NetworkNames.NONE)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "container cannot be connected to multiple networks with one of the networks in private"
              + " (none) mode");
    }
    if (status.endpoints(specification).containsKey(network)) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "endpoint with name " + status.name() + " already exists in network " + network);
    }
    if (status.phase() == Phase.REMOVING) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "container is marked for removal and cannot be connected or disconnected to the network");
    }
  }

  /** The container is on the network from now on, once it runs. */
  static Decision<Void> connected(
      StateView view, String id, String network, EndpointSettings settings) {
    ContainerStatus status = status(view, id);
    checkConnect(specification(view, id), status, network);
    check(id, status.phase(), NetworkConnected.class);
    return Decision.of(subject(id), new NetworkConnected(network, settings));
  }

  /** INTERNAL, as Docker says it, when it is not on the network. */
  static Decision<Void> disconnected(StateView view, String id, String network) {
    ContainerStatus status = status(view, id);
    if (!status.endpoints(specification(view, id)).containsKey(network)) {
      throw new RuntimeFailure(
          Kind.INTERNAL, "container " + id + " is not connected to network " + network);
    }
    check(id, status.phase(), NetworkDisconnected.class);
    return Decision.of(subject(id), new NetworkDisconnected(network));
  }

  /** What a signal does. */
  enum Kill {
    /** There is a process to signal. */
    SIGNALS,
    /** It waits to be restarted, and stays as it ended. */
    CANCELS_RESTART,
    /** It has ended already. */
    NOTHING
  }

  /**
   * FAILED_PRECONDITION when it does not run, unless that is what the signal was to bring about.
   */
  static Decision<Kill> killRequested(StateView view, String id, Signal signal, Purpose purpose) {
    ContainerStatus status = status(view, id);
    if (purpose == Purpose.STOP_TIMEOUT && status.phase() != Phase.RUNNING) {
      return Decision.none(Kill.NOTHING);
    }
    if (!Lifecycle.allows(status.phase(), KillRequested.class)) {
      throw new RuntimeFailure(Kind.FAILED_PRECONDITION, "container " + id + " is not running");
    }
    boolean ends = signal.equals(Signal.KILL) || signal.equals(stopSignal(specification(view, id)));
    boolean stops =
        switch (purpose) {
          case KILL -> ends;
          case REMOVAL -> true;
          case STOP_TIMEOUT, MONITOR_LOST -> false;
        };
    Decision<Void> decision =
        Decision.of(subject(id), new KillRequested(signal.name(), purpose, stops));
    if (status.phase() == Phase.RUNNING) {
      return decision.reply(Kill.SIGNALS);
    }
    return stops
        ? orCancelled(id, status, decision).reply(Kill.CANCELS_RESTART)
        : decision.reply(Kill.NOTHING);
  }

  /** Kills what runs and answers true; answers false and logs nothing when it does not run. */
  static Decision<Boolean> killForRemoval(StateView view, String id) {
    return status(view, id).phase() == Phase.RUNNING
        ? killRequested(view, id, Signal.KILL, Purpose.REMOVAL).reply(true)
        : Decision.none(false);
  }

  /** With the kill that follows from it. */
  static Decision<Void> monitorLost(StateView view, String id, int monitorPid) {
    check(id, status(view, id).phase(), MonitorLost.class);
    return Decision.of(
        subject(id),
        new MonitorLost(monitorPid),
        new KillRequested(Signal.KILL.name(), Purpose.MONITOR_LOST, false));
  }

  /** With the next run, or the start of the removal when the container removes itself. */
  static Decision<Outcome> exited(
      StateView view, String id, TaskExit exit, Learnt learnt, Instant now) {
    ContainerStatus status = status(view, id);
    check(id, status.phase(), TaskExited.class);
    Optional<Restart> restart =
        restartOf(view, id, status.startedAt().orElse(exit.at()), exit, learnt, now);
    return thenRemoval(
        view, id, Decision.of(subject(id), new TaskExited(exit, learnt, restart)), restart);
  }

  private static Optional<Restart> restartOf(
      StateView view, String id, Instant startedAt, TaskExit exit, Learnt learnt, Instant now) {
    ContainerStatus status = status(view, id);
    if (status.isRestartOrdered()) {
      return Optional.of(new Restart(0, 0, now));
    }
    RestartPolicy policy = status.policy(specification(view, id));
    // Gone without a trace, as after a reboot of the host: nobody can say that it has failed.
    boolean failureUnknown =
        policy.mode() == RestartPolicy.Mode.ON_FAILURE
            && learnt == Learnt.AFTER_RESTART
            && exit.reason() == TaskExit.Reason.UNKNOWN;
    if (status.stopRequested()
        || failureUnknown
        || !policy.follows(exit.code(), status.restarts())) {
      return Optional.empty();
    }
    long delay =
        Restart.delayMillis(
            status.restart().map(Restart::delayMillis).orElse(0L),
            Duration.between(startedAt, exit.at()));
    return Optional.of(new Restart(status.restarts() + 1, delay, now.plusMillis(delay)));
  }

  /** A start whose outcome was not logged, of a task that has ended by now. */
  static Decision<Outcome> startedAndExited(
      StateView view, String id, StartedTask task, Instant at, TaskExit exit, Instant now) {
    Decision<Void> started = started(view, id, task, at);
    // The restart that was ordered is the one that has just ended.
    Optional<Restart> restart =
        status(view, id).isRestartOrdered()
            ? Optional.empty()
            : restartOf(view, id, at, exit, Learnt.AFTER_RESTART, now);
    return thenRemoval(
        view,
        id,
        started.and(subject(id), new TaskExited(exit, Learnt.AFTER_RESTART, restart)),
        restart);
  }

  /**
   * A removal that was begun goes on without another event. FAILED_PRECONDITION when it runs.
   *
   * @param forced it was killed for that; only the event tells
   */
  static Decision<ContainerSpecification> removing(StateView view, String id, boolean forced) {
    ContainerStatus status = status(view, id);
    ContainerSpecification specification = specification(view, id);
    if (status.phase() == Phase.REMOVING) {
      return Decision.none(specification);
    }
    boolean restarting = status.phase() == Phase.RESTARTING;
    if (status.phase() == Phase.RUNNING
        || status.phase() == Phase.STARTING
        || (restarting && !forced)) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "cannot remove container \"/"
              + status.name()
              + "\": container is "
              + (restarting ? "restarting" : "running")
              + ": stop the container before removing or force remove");
    }
    check(id, status.phase(), Removing.class);
    return Decision.of(subject(id), new Removing(forced)).reply(specification);
  }

  /** Answers how its last run ended, for those who wait for the removal. */
  static Decision<ContainerExit> removed(StateView view, String id) {
    ContainerStatus status = status(view, id);
    check(id, status.phase(), Removed.class);
    return Decision.of(subject(id), new Removed()).reply(exitOf(status));
  }

  /** How the last run, or the last attempt to start one, ended. */
  static ContainerExit exitOf(ContainerStatus status) {
    return new ContainerExit(status.exitCode(), status.error());
  }

  private static Decision<Outcome> thenRemoval(
      StateView view, String id, Decision<Void> outcome, Optional<Restart> restart) {
    ContainerSpecification specification = specification(view, id);
    int run = status(view, id).run();
    boolean removing = specification.autoRemove() && restart.isEmpty();
    return (removing ? outcome.and(subject(id), new Removing(false)) : outcome)
        .reply(new Outcome(specification, run, removing, restart));
  }

  static ContainerStatus status(StateView view, String id) {
    return view.find(CONTAINERS, id)
        .orElseThrow(() -> new RuntimeFailure(Kind.NOT_FOUND, "No such container: " + id));
  }

  static ContainerSpecification specification(StateView view, String id) {
    return view.find(SPECIFICATIONS, id)
        .orElseThrow(() -> new RuntimeFailure(Kind.NOT_FOUND, "No such container: " + id));
  }

  private static void check(String id, Phase phase, Class<? extends ContainerEvent> event) {
    if (!Lifecycle.allows(phase, event)) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "Container " + id + " is " + phase + ": no " + event.getSimpleName() + " can come now");
    }
  }
}
