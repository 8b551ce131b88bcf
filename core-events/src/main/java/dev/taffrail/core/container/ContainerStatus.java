package dev.taffrail.core.container;

import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What changes about a container; a state row, by container id.
 *
 * @param name without a leading slash
 * @param run counts starts from 1; 0 before the first
 * @param intent sequence of the open intent: the start, or the removal
 * @param exitCode of the last run, or of its failed start; 0 before
 * @param error why the last start failed; empty otherwise
 * @param exitReason how the last exit code is known
 * @param stopRequested somebody wanted this run to end: policies leave the container alone
 * @param stop the last order to stop this run
 * @param restarts by the policy, since somebody started it
 * @param restart the last restart by the policy or by order; due while RESTARTING
 * @param changedPolicy its restart policy, when that was changed since its creation
 * @param changedEndpoints what it wants of its networks, when that was changed since its creation
 */
public record ContainerStatus(
    String name,
    Phase phase,
    int run,
    OptionalLong intent,
    Optional<StartedTask> task,
    Optional<Instant> startedAt,
    Optional<Instant> finishedAt,
    int exitCode,
    String error,
    Optional<TaskExit.Reason> exitReason,
    boolean stopRequested,
    Optional<StopOrder> stop,
    int restarts,
    Optional<Restart> restart,
    Optional<RestartPolicy> changedPolicy,
    Optional<Map<String, EndpointSettings>> changedEndpoints) {
  /** A container that was never started. */
  public static ContainerStatus created(String name) {
    return new ContainerStatus(
        name,
        Phase.CREATED,
        0,
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        "",
        Optional.empty(),
        false,
        Optional.empty(),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** What becomes of it when its process has ended: as created, or as changed since. */
  public RestartPolicy policy(ContainerSpecification specification) {
    return changedPolicy.orElseGet(specification::restartPolicy);
  }

  /** What it wants of its networks, by name or id: as created, or as changed since. */
  public Map<String, EndpointSettings> endpoints(ContainerSpecification specification) {
    return changedEndpoints.orElseGet(
        () -> specification.networking().map(Networking::endpoints).orElse(Map.of()));
  }

  public boolean isRunning() {
    return phase == Phase.RUNNING;
  }

  /** It is to be started again once it has ended, by order of a client. */
  public boolean isRestartOrdered() {
    return stop.map(StopOrder::thenStart).orElse(false);
  }

  StatusChange change() {
    return new StatusChange(this);
  }
}
