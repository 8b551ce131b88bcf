package dev.taffrail.core.task;

import java.util.Optional;

/**
 * What files and kernel say about a task, asked afresh.
 *
 * @param started once the runtime has created it
 * @param exit once it is stopped
 */
public record TaskState(Phase phase, Optional<StartedTask> started, Optional<TaskExit> exit) {
  /** Where a task is. */
  public enum Phase {
    /** No trace of it, or only a bundle without processes. */
    ABSENT,
    /** The runtime has created it; the first process waits to be started. */
    CREATED,
    RUNNING,
    /** It runs, but its monitor is dead: output is lost, the exit code comes from the kernel. */
    UNMONITORED,
    STOPPED
  }
}
