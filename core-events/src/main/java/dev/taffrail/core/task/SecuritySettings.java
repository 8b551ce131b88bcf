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

  public SecuritySettings {
    capabilitiesAdded = capabilitiesAdded == null ? List.of() : List.copyOf(capabilitiesAdded);
    capabilitiesDropped =
        capabilitiesDropped == null ? List.of() : List.copyOf(capabilitiesDropped);
  }
}
