package dev.taffrail.core.container;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.event.Kept;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.snapshot.SnapshotKey;
import dev.taffrail.core.task.DeviceMapping;
import dev.taffrail.core.task.NamespaceModes;
import dev.taffrail.core.task.ResourceLimits;
import dev.taffrail.core.task.SecuritySettings;
import dev.taffrail.core.task.TaskSpec;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What a container is; it never changes. Image defaults are merged in. Also a state row, by
 * container id.
 *
 * @param imageName as the client wrote it
 * @param snapshot key of the container's active snapshot in {@code snapshotter}
 * @param networkMode {@code none}, {@code host}, {@code container:<id>}, or a network as the client
 *     wrote it
 * @param networking its endpoints, ports and names; absent for a container of an older daemon
 * @param entrypoint and {@code command}: what runs is the first followed by the second
 * @param exposedPorts {@code 80/tcp}
 * @param binds as the client wrote them, for inspect; {@code mounts} has them resolved
 * @param tmpfs container path → options, as the client wrote them
 * @param nanoCpus as the client gave it; {@code resources} has quota and period
 * @param logDriver {@code json-file} unless the client named another that is supported
 * @param shim what Docker calls the runtime name
 */
public record ContainerSpecification(
    String imageName,
    Digest image,
    @Kept String snapshotter,
    SnapshotKey snapshot,
    Instant created,
    String hostname,
    Optional<String> domainname,
    String user,
    boolean attachStdin,
    boolean attachStdout,
    boolean attachStderr,
    boolean terminal,
    boolean openStdin,
    boolean stdinOnce,
    List<String> environment,
    Optional<List<String>> entrypoint,
    Optional<List<String>> command,
    String workingDirectory,
    Map<String, String> labels,
    List<String> exposedPorts,
    @Kept Optional<String> stopSignal,
    OptionalInt stopTimeoutSeconds,
    @Kept String networkMode,
    Optional<Networking> networking,
    boolean autoRemove,
    RestartPolicy restartPolicy,
    boolean readonlyRootfs,
    List<String> binds,
    Map<String, String> tmpfs,
    List<TaskSpec.BindMount> mounts,
    NamespaceModes namespaces,
    ResourceLimits resources,
    OptionalLong nanoCpus,
    SecuritySettings security,
    List<String> securityOptions,
    List<DeviceMapping> devices,
    List<String> additionalGroups,
    Map<String, String> sysctls,
    OptionalLong sharedMemory,
    OptionalInt oomScoreAdjust,
    @Kept Optional<String> cgroupParent,
    @Kept String logDriver,
    Map<String, String> annotations,
    @Kept Optional<String> shim) {
  public ContainerSpecification {
    Objects.requireNonNull(imageName, "imageName");
    Objects.requireNonNull(image, "image");
    Objects.requireNonNull(restartPolicy, "restartPolicy");
    Objects.requireNonNull(networking, "networking");
    environment = List.copyOf(environment);
    labels = sorted(labels);
    exposedPorts = List.copyOf(exposedPorts);
    binds = List.copyOf(binds);
    tmpfs = sorted(tmpfs);
    mounts = List.copyOf(mounts);
    securityOptions = List.copyOf(securityOptions);
    devices = List.copyOf(devices);
    additionalGroups = List.copyOf(additionalGroups);
    sysctls = sorted(sysctls);
    annotations = sorted(annotations);
  }

  private static Map<String, String> sorted(Map<String, String> map) {
    return Collections.unmodifiableMap(new TreeMap<>(map));
  }
}
