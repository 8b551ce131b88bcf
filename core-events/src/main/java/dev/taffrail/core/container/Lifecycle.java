package dev.taffrail.core.container;

import java.util.List;
import java.util.Optional;

/**
 * The life of a container as data: in which phase which event may come, what phase follows, which
 * effect stands between, and what the reconciler does when it finds that phase open after a crash.
 */
public final class Lifecycle {
  /**
   * One edge.
   *
   * @param from empty for a container that does not exist
   * @param next empty for a container that is gone
   * @param effect what is done once the event is durable
   * @param reconciliation what is done when the daemon finds the container in {@code next} at its
   *     start
   */
  public record Transition(
      Optional<Phase> from,
      Class<? extends ContainerEvent> event,
      Optional<Phase> next,
      String effect,
      String reconciliation) {}

  private static final String NONE = "nothing";
  private static final String FINISH_START =
      "ask the shim: running → TaskStarted; created or absent → delete the task, TaskStartFailed,"
          + " and due again when it was a restart or its policy wants it to run;"
          + " stopped → TaskStarted, TaskExited; unmonitored → TaskStarted, MonitorLost, kill";
  private static final String WATCH =
      "ask the shim: running → watch again; unmonitored → MonitorLost, kill, TaskExited;"
          + " stopped → TaskExited; absent → TaskExited(255, unknown)";
  private static final String LEAVE_NETWORKS =
      WATCH + "; still running → leave the networks that its settings do not have";
  private static final String STOP_AGAIN =
      WATCH + "; still running → signal again, and SIGKILL after the time-out";
  private static final String START_WHEN_DUE = "start when it is due";
  private static final String START = "mount, bundle, monitor, runtime create and start";
  private static final String DELETE = "delete the task, remove the snapshot and the log";
  private static final String BY_POLICY =
      "delete what is left of the task; start when its policy wants it to run";
  private static final String UNDO_CREATE =
      "without a snapshot its create was never answered: Removing, Removed";
  private static final String FINISH_REMOVAL = "repeat the removal, Removed";

  /** Every edge there is. */
  public static final List<Transition> TRANSITIONS =
      List.of(
          edge(null, ContainerEvent.Created.class, Phase.CREATED, NONE, UNDO_CREATE),
          edge(
              Phase.CREATED,
              ContainerEvent.TaskStarting.class,
              Phase.STARTING,
              START,
              FINISH_START),
          edge(
              Phase.EXITED, ContainerEvent.TaskStarting.class, Phase.STARTING, START, FINISH_START),
          edge(
              Phase.RESTARTING,
              ContainerEvent.TaskStarting.class,
              Phase.STARTING,
              START,
              FINISH_START),
          edge(
              Phase.STARTING,
              ContainerEvent.TaskStarted.class,
              Phase.RUNNING,
              "watch for the exit",
              WATCH),
          edge(Phase.STARTING, ContainerEvent.TaskStartFailed.class, Phase.CREATED, NONE, NONE),
          edge(Phase.STARTING, ContainerEvent.TaskStartFailed.class, Phase.EXITED, NONE, BY_POLICY),
          edge(
              Phase.STARTING,
              ContainerEvent.TaskStartFailed.class,
              Phase.RESTARTING,
              "start when it is due",
              START_WHEN_DUE),
          edge(Phase.RUNNING, ContainerEvent.Restarted.class, Phase.RUNNING, NONE, WATCH),
          edge(
              Phase.RUNNING,
              ContainerEvent.StopRequested.class,
              Phase.RUNNING,
              "signal, and SIGKILL after the time-out",
              STOP_AGAIN),
          edge(
              Phase.RUNNING,
              ContainerEvent.RestartRequested.class,
              Phase.RUNNING,
              "signal, and SIGKILL after the time-out",
              STOP_AGAIN),
          edge(Phase.RUNNING, ContainerEvent.KillRequested.class, Phase.RUNNING, "signal", WATCH),
          edge(
              Phase.RUNNING,
              ContainerEvent.MonitorLost.class,
              Phase.RUNNING,
              "kill, since its output is lost",
              WATCH),
          edge(
              Phase.RUNNING,
              ContainerEvent.TaskExited.class,
              Phase.EXITED,
              "delete the task and its exit file",
              BY_POLICY),
          edge(
              Phase.RUNNING,
              ContainerEvent.TaskExited.class,
              Phase.RESTARTING,
              "delete the task and its exit file, start when it is due",
              START_WHEN_DUE),
          edge(
              Phase.CREATED,
              ContainerEvent.RestartRequested.class,
              Phase.CREATED,
              "none: TaskStarting comes with it",
              NONE),
          edge(
              Phase.EXITED,
              ContainerEvent.RestartRequested.class,
              Phase.EXITED,
              "none: TaskStarting comes with it",
              BY_POLICY),
          edge(
              Phase.RESTARTING,
              ContainerEvent.RestartRequested.class,
              Phase.RESTARTING,
              "none: TaskStarting comes with it",
              START_WHEN_DUE),
          edge(
              Phase.RESTARTING,
              ContainerEvent.StopRequested.class,
              Phase.RESTARTING,
              "none: RestartCancelled comes with it",
              START_WHEN_DUE),
          edge(
              Phase.RESTARTING,
              ContainerEvent.KillRequested.class,
              Phase.RESTARTING,
              "none: RestartCancelled comes with it",
              START_WHEN_DUE),
          edge(
              Phase.RESTARTING,
              ContainerEvent.RestartCancelled.class,
              Phase.EXITED,
              NONE,
              BY_POLICY),
          edge(Phase.CREATED, ContainerEvent.PolicyChanged.class, Phase.CREATED, NONE, NONE),
          edge(Phase.RUNNING, ContainerEvent.PolicyChanged.class, Phase.RUNNING, NONE, WATCH),
          edge(Phase.EXITED, ContainerEvent.PolicyChanged.class, Phase.EXITED, NONE, BY_POLICY),
          edge(
              Phase.RESTARTING,
              ContainerEvent.PolicyChanged.class,
              Phase.RESTARTING,
              NONE,
              START_WHEN_DUE),
          edge(Phase.CREATED, ContainerEvent.NetworkConnected.class, Phase.CREATED, NONE, NONE),
          edge(
              Phase.RUNNING,
              ContainerEvent.NetworkConnected.class,
              Phase.RUNNING,
              "none: its link is made first",
              LEAVE_NETWORKS),
          edge(Phase.EXITED, ContainerEvent.NetworkConnected.class, Phase.EXITED, NONE, BY_POLICY),
          edge(
              Phase.RESTARTING,
              ContainerEvent.NetworkConnected.class,
              Phase.RESTARTING,
              NONE,
              START_WHEN_DUE),
          edge(Phase.CREATED, ContainerEvent.NetworkDisconnected.class, Phase.CREATED, NONE, NONE),
          edge(
              Phase.RUNNING,
              ContainerEvent.NetworkDisconnected.class,
              Phase.RUNNING,
              "take its link away",
              LEAVE_NETWORKS),
          edge(
              Phase.EXITED,
              ContainerEvent.NetworkDisconnected.class,
              Phase.EXITED,
              NONE,
              BY_POLICY),
          edge(
              Phase.RESTARTING,
              ContainerEvent.NetworkDisconnected.class,
              Phase.RESTARTING,
              NONE,
              START_WHEN_DUE),
          edge(
              Phase.CREATED, ContainerEvent.Removing.class, Phase.REMOVING, DELETE, FINISH_REMOVAL),
          edge(Phase.EXITED, ContainerEvent.Removing.class, Phase.REMOVING, DELETE, FINISH_REMOVAL),
          edge(
              Phase.RESTARTING,
              ContainerEvent.Removing.class,
              Phase.REMOVING,
              DELETE,
              FINISH_REMOVAL),
          edge(Phase.REMOVING, ContainerEvent.Removed.class, null, NONE, NONE));

  private Lifecycle() {}

  /** Whether {@code event} may come in {@code phase}. */
  public static boolean allows(Phase phase, Class<? extends ContainerEvent> event) {
    return TRANSITIONS.stream()
        .anyMatch(edge -> edge.from().equals(Optional.of(phase)) && edge.event() == event);
  }

  private static Transition edge(
      Phase from,
      Class<? extends ContainerEvent> event,
      Phase next,
      String effect,
      String reconciliation) {
    return new Transition(
        Optional.ofNullable(from), event, Optional.ofNullable(next), effect, reconciliation);
  }
}
