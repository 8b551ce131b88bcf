package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.CreateRequest;
import dev.taffrail.core.container.RestartPolicy;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageConfiguration;
import dev.taffrail.core.linux.ControlGroups;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.snapshot.SnapshotKey;
import dev.taffrail.core.task.NamespaceModes;
import dev.taffrail.core.task.ResourceLimits;
import dev.taffrail.core.task.TaskSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Merges what a client asks for with what the image says, as Docker Engine does: the client's
 * environment comes first and wins, its entrypoint clears the image's command, labels and ports add
 * up.
 */
final class SpecificationMerge {
  private static final String LOG_DRIVER = "json-file";
  private static final int SHORT_ID = 12;
  private final CreateRequest request;
  private final Image image;
  private final ImageConfiguration inherited;

  /**
   * A specification and what the client should be told about it.
   *
   * @param warnings shown by the docker command
   */
  record Merged(ContainerSpecification specification, List<String> warnings) {}

  SpecificationMerge(CreateRequest request, Image image) {
    this.request = request;
    this.image = image;
    this.inherited = image.configuration();
  }

  /** INVALID_ARGUMENT in Docker's words; UNIMPLEMENTED names what is not there yet. */
  Merged merge(String id, Instant now, String hostHostname, ControlGroups.Abilities controlGroups) {
    check();
    List<String> warnings = new ArrayList<>();
    ResourceLimits resources =
        ResourceRules.apply(
            request.resources(),
            request.nanoCpus(),
            Runtime.getRuntime().availableProcessors(),
            controlGroups,
            warnings);
    NetworkRules.Merged network =
        NetworkRules.merge(
            request.networkMode(), request.networking(), present(request.hostname()), warnings);
    boolean hostNetwork = network.mode().equals(NetworkNames.HOST);
    Optional<List<String>> entrypoint = entrypoint();
    Optional<List<String>> command = command();
    if (entrypoint.orElse(List.of()).isEmpty() && command.orElse(List.of()).isEmpty()) {
      throw invalid("no command specified");
    }
    ContainerSpecification specification =
        new ContainerSpecification(
            request.image(),
            image.id(),
            image.snapshotter(),
            new SnapshotKey(id),
            now,
            present(request.hostname())
                .orElse(hostNetwork ? hostHostname : id.substring(0, SHORT_ID)),
            present(request.domainname()),
            present(request.user()).or(inherited::user).orElse(""),
            request.attachStdin(),
            request.attachStdout(),
            request.attachStderr(),
            request.terminal(),
            request.openStdin(),
            request.stdinOnce(),
            environment(),
            entrypoint,
            command,
            workingDirectory(),
            labels(),
            exposedPorts(),
            stopSignal(),
            request.stopTimeoutSeconds(),
            network.mode(),
            Optional.of(network.networking()),
            request.autoRemove(),
            request.restartPolicy(),
            request.readonlyRootfs(),
            request.binds(),
            request.tmpfs(),
            mounts(),
            namespaces(hostNetwork),
            resources,
            request.nanoCpus(),
            request.security(),
            request.securityOptions(),
            request.devices(),
            request.additionalGroups(),
            request.sysctls(),
            request.sharedMemory(),
            request.oomScoreAdjust(),
            present(request.cgroupParent()),
            LOG_DRIVER,
            request.annotations(),
            present(request.runtime()));
    return new Merged(specification, warnings);
  }

  private void check() {
    if (request.namespaces().hostUts() && present(request.hostname()).isPresent()) {
      throw invalid("conflicting options: hostname and the UTS mode");
    }
    if (!inherited.volumes().isEmpty()) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED,
          "image "
              + request.image()
              + " declares VOLUME "
              + String.join(" ", inherited.volumes())
              + ": anonymous volumes are not supported yet");
    }
    if (request.autoRemove() && request.restartPolicy().mode() != RestartPolicy.Mode.NO) {
      throw invalid("can't create 'AutoRemove' container with restart policy");
    }
    for (String variable : request.environment()) {
      if (variable.isEmpty() || variable.startsWith("=")) {
        throw invalid("invalid environment variable: " + variable);
      }
    }
  }

  private NamespaceModes namespaces(boolean hostNetwork) {
    NamespaceModes asked = request.namespaces();
    return new NamespaceModes(
        hostNetwork, asked.hostPid(), asked.hostIpc(), asked.hostUts(), asked.hostCgroup());
  }

  // An entrypoint of one empty string clears the image's.
  private Optional<List<String>> entrypoint() {
    Optional<List<String>> merged =
        request.entrypoint().isPresent() ? request.entrypoint() : inherited.entrypoint();
    return merged.filter(words -> !words.equals(List.of("")) && !words.isEmpty());
  }

  // Only a client without an entrypoint of its own gets the image's command.
  private Optional<List<String>> command() {
    boolean ownCommand = !request.command().orElse(List.of()).isEmpty();
    boolean ownEntrypoint = !request.entrypoint().orElse(List.of()).isEmpty();
    return ownCommand || ownEntrypoint ? request.command() : inherited.command();
  }

  private List<String> environment() {
    List<String> merged = new ArrayList<>(request.environment());
    Set<String> known = new HashSet<>();
    merged.forEach(variable -> known.add(nameOf(variable)));
    inherited.environment().stream()
        .filter(variable -> !known.contains(nameOf(variable)))
        .forEach(merged::add);
    return merged;
  }

  private static String nameOf(String variable) {
    int equals = variable.indexOf('=');
    return equals < 0 ? variable : variable.substring(0, equals);
  }

  private String workingDirectory() {
    String directory =
        present(request.workingDirectory())
            .or(() -> present(inherited.workingDirectory()))
            .orElse("");
    if (!directory.isEmpty() && !directory.startsWith("/")) {
      throw invalid(
          "the working directory '" + directory + "' is invalid, it needs to be an absolute path");
    }
    return directory;
  }

  private Map<String, String> labels() {
    Map<String, String> merged = new TreeMap<>(inherited.labels());
    merged.putAll(request.labels());
    return merged;
  }

  private List<String> exposedPorts() {
    Set<String> merged = new TreeSet<>(inherited.exposedPorts());
    merged.addAll(request.exposedPorts());
    return List.copyOf(merged);
  }

  private Optional<String> stopSignal() {
    Optional<String> signal =
        present(request.stopSignal()).or(() -> present(inherited.stopSignal()));
    signal.ifPresent(Signal::parse);
    return signal;
  }

  private List<TaskSpec.BindMount> mounts() {
    List<TaskSpec.BindMount> merged = new ArrayList<>();
    request.binds().forEach(bind -> merged.add(BindSpecification.parse(bind).mount()));
    for (TaskSpec.BindMount mount : request.mounts()) {
      merged.add(
          mount.type().equals("tmpfs")
              ? TmpfsOptions.mount(mount.target(), mount.options())
              : mount);
    }
    for (Map.Entry<String, String> tmpfs : new TreeMap<>(request.tmpfs()).entrySet()) {
      List<String> options =
          tmpfs.getValue().isEmpty() ? List.of() : List.of(tmpfs.getValue().split(","));
      merged.add(TmpfsOptions.mount(tmpfs.getKey(), options));
    }
    Set<Path> targets = new LinkedHashSet<>();
    for (TaskSpec.BindMount mount : merged) {
      if (!targets.add(Path.of(mount.target()).normalize())) {
        throw invalid("Duplicate mount point: " + mount.target());
      }
    }
    return merged;
  }

  private static Optional<String> present(Optional<String> text) {
    return text.filter(value -> !value.isEmpty());
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
