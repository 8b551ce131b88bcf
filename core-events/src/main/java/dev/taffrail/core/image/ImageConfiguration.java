package dev.taffrail.core.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a container inherits from its image: the {@code config} member of OCI image-spec config.md.
 *
 * @param entrypoint absent means none, which differs from empty only in how it is shown
 * @param exposedPorts {@code 80/tcp}
 * @param volumes container paths
 * @param shell for the shell form of build instructions
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ImageConfiguration(
    Optional<String> user,
    List<String> environment,
    Optional<List<String>> entrypoint,
    Optional<List<String>> command,
    Optional<String> workingDirectory,
    Map<String, String> labels,
    List<String> exposedPorts,
    List<String> volumes,
    Optional<String> stopSignal,
    List<String> onBuild,
    Optional<List<String>> shell) {
  public static final ImageConfiguration EMPTY =
      new ImageConfiguration(
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          List.of(),
          List.of(),
          Optional.empty(),
          List.of(),
          Optional.empty());

  public ImageConfiguration {
    environment = environment == null ? List.of() : List.copyOf(environment);
    labels = labels == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(labels));
    exposedPorts = exposedPorts == null ? List.of() : List.copyOf(exposedPorts);
    volumes = volumes == null ? List.of() : List.copyOf(volumes);
    onBuild = onBuild == null ? List.of() : List.copyOf(onBuild);
  }
}
