package dev.taffrail.shim;

import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.task.TaskSpec;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The program that stands between the daemon and one container: it holds the container's stdio,
 * writes its log and its exit code, and lives as long as the container does. Methods block.
 */
interface TaskMonitor {
  /**
   * Starts the monitor and has it call the runtime's create in a prepared bundle. A failure leaves
   * remains for {@link TaskCleaner}.
   *
   * @param deadlineNanoTime when to give up, of System.nanoTime()
   */
  Monitored create(Bundle bundle, TaskSpec spec, OciRuntime runtime, long deadlineNanoTime);

  /** The processes of a task whose record does not name them, from what the monitor wrote. */
  Traces traces(Bundle bundle, TaskRecord record);

  /** Terminal size in characters. */
  void resize(Bundle bundle, int height, int width);

  /** Both processes of a task just created; the receiver closes them. */
  record Monitored(ProcessRef process, ProcessRef monitor) {}

  /**
   * What still runs; the receiver closes them.
   *
   * @param pid of the first process, also when that has ended; empty while the runtime creates it
   */
  record Traces(OptionalInt pid, Optional<ProcessRef> process, Optional<ProcessRef> monitor) {}
}
