package dev.taffrail.core.linux;

import java.util.Optional;

/** Starting and watching processes through pidfds; see pidfd_open(2). */
public interface Processes {
  /** Starts a child; NOT_FOUND or PERMISSION_DENIED when the program cannot be executed. */
  ProcessRef spawn(SpawnRequest request);

  /** A running process by pid; empty when it is gone. */
  Optional<ProcessRef> open(int pid);

  /** The same, but only if it is the process that started then: pids are reused. */
  Optional<ProcessRef> open(int pid, long startTicks);
}
