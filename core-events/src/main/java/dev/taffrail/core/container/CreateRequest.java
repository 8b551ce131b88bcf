package dev.taffrail.core.container;

import dev.taffrail.core.network.Networking;
import dev.taffrail.core.task.DeviceMapping;
import dev.taffrail.core.task.NamespaceModes;
import dev.taffrail.core.task.ResourceLimits;
import dev.taffrail.core.task.SecuritySettings;
import dev.taffrail.core.task.TaskSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a client asks for; whatever is absent comes from the image or from Docker's defaults.
 *
 * @param name without a leading slash; one is made up when absent
 * @param networkMode {@code none}, {@code host}, {@code container:NAME}, {@code default} or empty
 *     for the default bridge, else a network's name or id
 * @param entrypoint present and empty clears the image's, and with it the image's command
 */
public record CreateRequest(
    Optional<String> name,
    String image,
    Optional<String> platform,
    Optional<String> hostname,
    Optional<String> domainname,
    Optional<String> user,
    boolean attachStdin,
    boolean attachStdout,
    boolean attachStderr,
    boolean terminal,
    boolean openStdin,
    boolean stdinOnce,
    List<String> environment,
    Optional<List<String>> entrypoint,
    Optional<List<String>> command,
    Optional<String> workingDirectory,
    Map<String, String> labels,
    List<String> exposedPorts,
    Optional<String> stopSignal,
    OptionalInt stopTimeoutSeconds,
    String networkMode,
    Networking networking,
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
    Optional<String> cgroupParent,
    Map<String, String> annotations,
    Optional<String> runtime) {}
