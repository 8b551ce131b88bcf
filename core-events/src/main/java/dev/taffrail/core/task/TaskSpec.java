package dev.taffrail.core.task;

import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.network.Sandbox;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * All that a task needs; image and container settings are merged already.
 *
 * @param id the container's
 * @param rootfs mounts of the root file system, in order
 * @param arguments of the first process, not empty
 * @param environment {@code NAME=value}, in order
 * @param workingDirectory absolute; made when it does not exist
 * @param user {@code name|uid[:group|gid]}, looked up in the container; empty for root
 * @param additionalGroups names or ids
 * @param openStdin give the process a stdin
 * @param stdinOnce close it when the first client that attached stdin leaves
 * @param hostname in the UTS namespace
 * @param sandbox its network namespace and files; without it, it gets a namespace with a loopback
 *     only, unless it is in the host's
 * @param mounts more mounts inside the container: binds, tmpfs; targets are container paths
 * @param sharedMemory bytes of /dev/shm
 * @param annotations of the OCI configuration
 * @param runtime the name of a configured OCI runtime; the default one when absent
 * @param log where output goes, in CRI's format (see the task package); no colons in the path
 */
public record TaskSpec(
    String id,
    List<Mount> rootfs,
    boolean readonlyRootfs,
    List<String> arguments,
    List<String> environment,
    String workingDirectory,
    String user,
    List<String> additionalGroups,
    boolean terminal,
    boolean openStdin,
    boolean stdinOnce,
    String hostname,
    Optional<String> domainname,
    Optional<Sandbox> sandbox,
    List<BindMount> mounts,
    NamespaceModes namespaces,
    ResourceLimits resources,
    SecuritySettings security,
    List<DeviceMapping> devices,
    Map<String, String> sysctls,
    long sharedMemory,
    OptionalInt oomScoreAdjust,
    Optional<String> cgroupParent,
    Map<String, String> annotations,
    Optional<String> runtime,
    Path log) {
  public TaskSpec {
    Objects.requireNonNull(id, "id");
    rootfs = List.copyOf(rootfs);
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
    additionalGroups = List.copyOf(additionalGroups);
    mounts = List.copyOf(mounts);
    devices = List.copyOf(devices);
    sysctls = Collections.unmodifiableMap(new TreeMap<>(sysctls));
    annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("A task needs arguments: " + id);
    }
  }

  /**
   * A mount inside the container.
   *
   * @param type {@code bind} or {@code tmpfs}
   * @param source a host path for bind, ignored for tmpfs
   * @param options as in the OCI configuration
   */
  public record BindMount(String type, String source, String target, List<String> options) {
    public BindMount {
      options = List.copyOf(options);
    }
  }
}
