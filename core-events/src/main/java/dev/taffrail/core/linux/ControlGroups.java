package dev.taffrail.core.linux;

import java.util.Objects;

/** The control groups of this host. See cgroups(7). */
public interface ControlGroups {
  /** Asks the kernel anew. */
  Abilities abilities();

  /**
   * What they can limit; the same questions as moby's sysinfo asks.
   *
   * @param unified version 2 alone; else version 1, which may have version 2 beside it
   * @param swap memory and swap together
   * @param memoryReservation a soft limit
   * @param cpus that may be asked for, as {@code 0-3,5}; empty when nothing is known
   * @param memoryNodes likewise
   */
  record Abilities(
      boolean unified,
      boolean memory,
      boolean swap,
      boolean memoryReservation,
      boolean outOfMemoryKillDisable,
      boolean cpuShares,
      boolean cpuQuota,
      boolean cpuset,
      String cpus,
      String memoryNodes,
      boolean pids,
      boolean blockIoWeight) {
    public Abilities {
      Objects.requireNonNull(cpus, "cpus");
      Objects.requireNonNull(memoryNodes, "memoryNodes");
    }
  }
}
