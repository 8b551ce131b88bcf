package dev.taffrail.core.container;

import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import java.time.Instant;
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
 * @param stopRequested a stop was asked for in this run
 * @param exitReason how the last exit code is known
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
    boolean stopRequested,
    Optional<TaskExit.Reason> exitReason) {
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
        false,
        Optional.empty());
  }

  public boolean isRunning() {
    return phase == Phase.RUNNING;
  }
}
