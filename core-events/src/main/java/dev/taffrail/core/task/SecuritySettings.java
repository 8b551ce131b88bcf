package dev.taffrail.core.task;

import java.util.List;
import java.util.Optional;

/**
 * What the container may do.
 *
 * @param capabilitiesAdded names without {@code CAP_}, or {@code ALL}
 * @param seccompProfile {@code unconfined}, or a profile as JSON in Docker's form; the default when
 *     absent
 * @param maskedPaths Docker's default when absent
 * @param readonlyPaths Docker's default when absent
 */
public record SecuritySettings(
    boolean privileged,
    List<String> capabilitiesAdded,
    List<String> capabilitiesDropped,
    boolean noNewPrivileges,
    Optional<String> seccompProfile,
    Optional<List<String>> maskedPaths,
    Optional<List<String>> readonlyPaths) {
  public static final SecuritySettings DEFAULT =
      new SecuritySettings(
          false, List.of(), List.of(), false, Optional.empty(), Optional.empty(), Optional.empty());

  /** Docker's default; what tells of a processor's temperature is masked beside it. */
  public static final List<String> MASKED_PATHS =
      List.of(
          "/proc/asound",
          "/proc/acpi",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/sys/firmware",
          "/sys/devices/virtual/powercap");

  /** Docker's default. */
  public static final List<String> READONLY_PATHS =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  public SecuritySettings {
    capabilitiesAdded = capabilitiesAdded == null ? List.of() : List.copyOf(capabilitiesAdded);
    capabilitiesDropped =
        capabilitiesDropped == null ? List.of() : List.copyOf(capabilitiesDropped);
  }
}
