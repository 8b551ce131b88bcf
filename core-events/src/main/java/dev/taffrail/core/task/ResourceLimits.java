package dev.taffrail.core.task;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Limits in Docker's units; absent means unlimited. See OCI runtime-spec config-linux.md, "Control
 * groups".
 *
 * @param memory bytes
 * @param memorySwap bytes, memory included; -1 for unlimited swap
 * @param cpuShares relative weight, 2 to 262144
 * @param cpuQuota microseconds per period
 * @param cpuPeriod microseconds
 * @param cpusetCpus {@code 0-3,5}
 * @param pids processes and threads
 */
public record ResourceLimits(
    OptionalLong memory,
    OptionalLong memoryReservation,
    OptionalLong memorySwap,
    OptionalLong cpuShares,
    OptionalLong cpuQuota,
    OptionalLong cpuPeriod,
    Optional<String> cpusetCpus,
    Optional<String> cpusetMems,
    OptionalLong pids,
    OptionalLong blockIoWeight,
    List<Ulimit> ulimits) {
  public static final ResourceLimits NONE =
      new ResourceLimits(
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          List.of());

  public ResourceLimits {
    ulimits = ulimits == null ? List.of() : List.copyOf(ulimits);
  }

  /**
   * See setrlimit(2).
   *
   * @param name without the prefix, {@code nofile}
   */
  public record Ulimit(String name, long soft, long hard) {}
}
