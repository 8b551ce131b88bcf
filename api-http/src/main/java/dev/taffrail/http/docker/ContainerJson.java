package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.container.RestartPolicy;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.task.DeviceMapping;
import dev.taffrail.core.task.ResourceLimits;
import dev.taffrail.core.task.SecuritySettings;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.core.task.TaskSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Containers in the shapes of Docker's API. */
final class ContainerJson {
  private static final long DEFAULT_SHARED_MEMORY = 64L * 1024 * 1024;
  private final NetworkSettingsJson networks;
  private final String defaultRuntime;
  private final InstantSource clock;
  private final List<String> maskedPaths;

  /**
   * Shows containers as they are at one time.
   *
   * @param clock says what time that is
   */
  ContainerJson(BuiltinNetworks builtin, String defaultRuntime, InstantSource clock) {
    this.networks = new NetworkSettingsJson(builtin);
    this.defaultRuntime = defaultRuntime;
    this.clock = clock;
    this.maskedPaths = maskedPaths();
  }

  NetworkSettingsJson networks() {
    return networks;
  }

  private static List<String> maskedPaths() {
    List<String> paths = new ArrayList<>(SecuritySettings.MASKED_PATHS);
    for (int cpu = 0; cpu < Runtime.getRuntime().availableProcessors(); cpu++) {
      String path = "/sys/devices/system/cpu/cpu" + cpu + "/thermal_throttle";
      if (Files.exists(Path.of(path))) {
        paths.add(path);
      }
    }
    return paths;
  }

  /** Docker's word for the state. */
  static String state(ContainerStatus status) {
    return switch (status.phase()) {
      case CREATED -> "created";
      case STARTING -> starting(status);
      case RUNNING -> "running";
      case EXITED -> "exited";
      case RESTARTING -> "restarting";
      case REMOVING -> "removing";
    };
  }

  /** Docker counts one that is being restarted among those that run. */
  static boolean isUp(ContainerStatus status) {
    return status.isRunning() || state(status).equals("restarting");
  }

  // A start by its policy is seen as the restart that it is, any other once it is done.
  private static String starting(ContainerStatus status) {
    if (status.restart().isPresent()) {
      return "restarting";
    }
    return status.finishedAt().isPresent() ? "exited" : "created";
  }

  /** As {@code docker ps} shows it: {@code Up 3 minutes}. */
  static String describe(ContainerStatus status, Instant now) {
    if (status.phase() == Phase.RUNNING) {
      return "Up " + since(status.startedAt(), now);
    }
    if (status.phase() == Phase.REMOVING) {
      return "Removal In Progress";
    }
    if (state(status).equals("restarting")) {
      return "Restarting (" + status.exitCode() + ") " + since(status.finishedAt(), now) + " ago";
    }
    return status.finishedAt().isPresent()
        ? "Exited (" + status.exitCode() + ") " + since(status.finishedAt(), now) + " ago"
        : "Created";
  }

  private static String since(Optional<Instant> start, Instant now) {
    return Times.human(Duration.between(start.orElse(now), now));
  }

  /** An element of {@code GET /containers/json}. */
  ObjectNode summary(ContainerView view, KnownNetworks known, ApiVersion version) {
    ContainerSpecification spec = view.specification();
    ObjectNode json = Json.object().put("Id", view.id());
    json.putArray("Names").add("/" + view.status().name());
    json.put("Image", spec.imageName())
        .put("ImageID", spec.image().toString())
        .put("Command", commandLine(spec))
        .put("Created", spec.created().getEpochSecond())
        .set("Ports", networks.portSummaries(view));
    json.set("Labels", Json.strings(spec.labels()));
    json.put("State", state(view.status())).put("Status", describe(view.status(), clock.instant()));
    ObjectNode host = json.putObject("HostConfig").put("NetworkMode", spec.networkMode());
    if (!spec.annotations().isEmpty() && version.atLeast(46)) {
      host.set("Annotations", Json.strings(spec.annotations()));
    }
    json.set("NetworkSettings", networks.summary(view, known, version));
    json.set("Mounts", mounts(spec));
    return json;
  }

  private static List<String> arguments(ContainerSpecification spec) {
    List<String> all = new ArrayList<>(spec.entrypoint().orElse(List.of()));
    all.addAll(spec.command().orElse(List.of()));
    return all;
  }

  private static String commandLine(ContainerSpecification spec) {
    StringBuilder line = new StringBuilder();
    for (String argument : arguments(spec)) {
      if (line.length() == 0) {
        line.append(argument);
      } else {
        line.append(' ').append(argument.contains(" ") ? "'" + argument + "'" : argument);
      }
    }
    return line.toString();
  }

  /** {@code GET /containers/{id}/json}. */
  ObjectNode inspect(ContainerView view, KnownNetworks known, ApiVersion version) {
    ContainerSpecification spec = view.specification();
    List<String> arguments = arguments(spec);
    ObjectNode json =
        Json.object()
            .put("Id", view.id())
            .put("Created", spec.created().toString())
            .put("Path", arguments.isEmpty() ? "" : arguments.get(0));
    json.set(
        "Args",
        Json.strings(arguments.isEmpty() ? arguments : arguments.subList(1, arguments.size())));
    json.set("State", state(view));
    json.put("Image", spec.image().toString())
        .put("ResolvConfPath", "")
        .put("HostnamePath", "")
        .put("HostsPath", "")
        .put("LogPath", view.log().toString())
        .put("Name", "/" + view.status().name())
        .put("RestartCount", view.status().restarts())
        .put("Driver", spec.snapshotter())
        .put("Platform", "linux")
        .put("MountLabel", "")
        .put("ProcessLabel", "")
        .put("AppArmorProfile", "")
        .putNull("ExecIDs");
    json.set("HostConfig", hostConfig(view));
    ObjectNode driver = json.putObject("GraphDriver");
    driver.putNull("Data");
    driver.put("Name", spec.snapshotter());
    json.set("Mounts", mounts(spec));
    json.set("Config", config(spec, networks.mac(view, known)));
    json.set("NetworkSettings", networks.settings(view, known, version));
    return json;
  }

  private static ObjectNode state(ContainerView view) {
    ContainerStatus status = view.status();
    return Json.object()
        .put("Status", state(status))
        .put("Running", isUp(status))
        .put("Paused", false)
        .put("Restarting", state(status).equals("restarting"))
        .put("OOMKilled", status.exitReason().equals(Optional.of(TaskExit.Reason.OUT_OF_MEMORY)))
        .put("Dead", false)
        .put("Pid", status.isRunning() ? status.task().map(StartedTask::pid).orElse(0) : 0)
        .put("ExitCode", status.exitCode())
        .put("Error", status.error())
        .put("StartedAt", Times.rfc3339(status.startedAt()))
        .put("FinishedAt", Times.rfc3339(status.finishedAt()));
  }

  private static ObjectNode config(ContainerSpecification spec, Optional<String> mac) {
    ObjectNode json =
        Json.object()
            .put("Hostname", spec.hostname())
            .put("Domainname", spec.domainname().orElse(""))
            .put("User", spec.user())
            .put("AttachStdin", spec.attachStdin())
            .put("AttachStdout", spec.attachStdout())
            .put("AttachStderr", spec.attachStderr());
    if (!spec.exposedPorts().isEmpty()) {
      json.set("ExposedPorts", Json.set(spec.exposedPorts()));
    }
    json.put("Tty", spec.terminal())
        .put("OpenStdin", spec.openStdin())
        .put("StdinOnce", spec.stdinOnce());
    json.set("Env", Json.strings(spec.environment()));
    json.set("Cmd", nullable(spec.command()));
    json.put("Image", spec.imageName());
    json.putNull("Volumes");
    json.put("WorkingDir", spec.workingDirectory());
    json.set("Entrypoint", nullable(spec.entrypoint()));
    mac.ifPresent(address -> json.put("MacAddress", address));
    json.putNull("OnBuild");
    json.set("Labels", Json.strings(spec.labels()));
    spec.stopSignal().ifPresent(signal -> json.put("StopSignal", signal));
    spec.stopTimeoutSeconds().ifPresent(seconds -> json.put("StopTimeout", seconds));
    return json;
  }

  private ObjectNode hostConfig(ContainerView view) {
    ContainerSpecification spec = view.specification();
    RestartPolicy policy = view.status().policy(spec);
    Networking networking = NetworkSettingsJson.networking(spec);
    ObjectNode json = Json.object();
    json.set("Binds", nullableIfEmpty(spec.binds()));
    json.put("ContainerIDFile", "");
    ObjectNode log = json.putObject("LogConfig").put("Type", spec.logDriver());
    log.putObject("Config");
    json.put("NetworkMode", spec.networkMode());
    json.set("PortBindings", NetworkSettingsJson.requested(networking));
    json.putObject("RestartPolicy")
        .put("Name", policyName(policy.mode()))
        .put("MaximumRetryCount", policy.maximumRetries());
    json.put("AutoRemove", spec.autoRemove()).put("VolumeDriver", "").putNull("VolumesFrom");
    json.putArray("ConsoleSize").add(0).add(0);
    if (!spec.annotations().isEmpty()) {
      json.set("Annotations", Json.strings(spec.annotations()));
    }
    SecuritySettings security = spec.security();
    json.set("CapAdd", nullableIfEmpty(security.capabilitiesAdded()));
    json.set("CapDrop", nullableIfEmpty(security.capabilitiesDropped()));
    json.put("CgroupnsMode", spec.namespaces().hostCgroup() ? "host" : "private");
    json.set("Dns", Json.strings(networking.dns()));
    json.set("DnsOptions", Json.strings(networking.dnsOptions()));
    json.set("DnsSearch", Json.strings(networking.dnsSearch()));
    json.set("ExtraHosts", nullableIfEmpty(networking.extraHosts()));
    json.set("GroupAdd", nullableIfEmpty(spec.additionalGroups()));
    json.put("IpcMode", spec.namespaces().hostIpc() ? "host" : "private")
        .put("Cgroup", "")
        .set("Links", NetworkSettingsJson.links(view));
    json.put("OomScoreAdj", spec.oomScoreAdjust().orElse(0))
        .put("PidMode", spec.namespaces().hostPid() ? "host" : "")
        .put("Privileged", security.privileged())
        .put("PublishAllPorts", networking.publishAll())
        .put("ReadonlyRootfs", spec.readonlyRootfs());
    json.set("SecurityOpt", nullableIfEmpty(spec.securityOptions()));
    if (!spec.tmpfs().isEmpty()) {
      json.set("Tmpfs", Json.strings(spec.tmpfs()));
    }
    json.put("UTSMode", spec.namespaces().hostUts() ? "host" : "")
        .put("UsernsMode", "")
        .put("ShmSize", spec.sharedMemory().orElse(DEFAULT_SHARED_MEMORY));
    if (!spec.sysctls().isEmpty()) {
      json.set("Sysctls", Json.strings(spec.sysctls()));
    }
    json.put("Runtime", spec.shim().orElse(defaultRuntime)).put("Isolation", "");
    resources(json, spec);
    boolean open = security.privileged();
    json.set("MaskedPaths", paths(security.maskedPaths(), maskedPaths, open));
    json.set(
        "ReadonlyPaths", paths(security.readonlyPaths(), SecuritySettings.READONLY_PATHS, open));
    return json;
  }

  private static String policyName(RestartPolicy.Mode mode) {
    return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void resources(ObjectNode json, ContainerSpecification spec) {
    ResourceLimits limits = spec.resources();
    boolean byCpus = spec.nanoCpus().isPresent();
    json.put("CpuShares", limits.cpuShares().orElse(0))
        .put("Memory", limits.memory().orElse(0))
        .put("NanoCpus", spec.nanoCpus().orElse(0))
        .put("CgroupParent", spec.cgroupParent().orElse(""))
        .put("BlkioWeight", limits.blockIoWeight().orElse(0));
    for (String list :
        List.of(
            "BlkioWeightDevice",
            "BlkioDeviceReadBps",
            "BlkioDeviceWriteBps",
            "BlkioDeviceReadIOps",
            "BlkioDeviceWriteIOps")) {
      json.putArray(list);
    }
    json.put("CpuPeriod", byCpus ? 0 : limits.cpuPeriod().orElse(0))
        .put("CpuQuota", byCpus ? 0 : limits.cpuQuota().orElse(0))
        .put("CpuRealtimePeriod", 0)
        .put("CpuRealtimeRuntime", 0)
        .put("CpusetCpus", limits.cpusetCpus().orElse(""))
        .put("CpusetMems", limits.cpusetMems().orElse(""));
    ArrayNode devices = json.putArray("Devices");
    for (DeviceMapping device : spec.devices()) {
      devices
          .addObject()
          .put("PathOnHost", device.hostPath())
          .put("PathInContainer", device.containerPath())
          .put("CgroupPermissions", device.access());
    }
    json.putNull("DeviceCgroupRules");
    json.putNull("DeviceRequests");
    json.put("MemoryReservation", limits.memoryReservation().orElse(0))
        .put("MemorySwap", limits.memorySwap().orElse(0))
        .putNull("MemorySwappiness");
    json.putNull("OomKillDisable");
    put(json, "PidsLimit", limits.pids());
    ArrayNode ulimits = json.putArray("Ulimits");
    for (ResourceLimits.Ulimit limit : limits.ulimits()) {
      ulimits
          .addObject()
          .put("Name", limit.name())
          .put("Hard", limit.hard())
          .put("Soft", limit.soft());
    }
    json.put("CpuCount", 0)
        .put("CpuPercent", 0)
        .put("IOMaximumIOps", 0)
        .put("IOMaximumBandwidth", 0);
  }

  private static JsonNode paths(
      Optional<List<String>> asked, List<String> usual, boolean privileged) {
    if (asked.isPresent()) {
      return Json.strings(asked.get());
    }
    return privileged ? NullNode.getInstance() : Json.strings(usual);
  }

  private static void put(ObjectNode json, String member, OptionalLong value) {
    if (value.isPresent()) {
      json.put(member, value.getAsLong());
    } else {
      json.putNull(member);
    }
  }

  private static ArrayNode mounts(ContainerSpecification spec) {
    ArrayNode mounts = Json.array();
    for (TaskSpec.BindMount mount : spec.mounts()) {
      boolean bind = mount.type().equals("bind");
      if (!bind && spec.tmpfs().containsKey(mount.target())) {
        continue; // Docker lists --tmpfs in HostConfig only.
      }
      mounts
          .addObject()
          .put("Type", mount.type())
          .put("Source", bind ? mount.source() : "")
          .put("Destination", mount.target())
          .put("Mode", mode(spec, mount))
          .put("RW", !mount.options().contains("ro"))
          .put("Propagation", bind ? propagation(mount) : "");
    }
    return mounts;
  }

  private static String mode(ContainerSpecification spec, TaskSpec.BindMount mount) {
    String start = mount.source() + ":" + mount.target() + ":";
    return spec.binds().stream()
        .filter(bind -> bind.startsWith(start))
        .map(bind -> bind.substring(start.length()))
        .findFirst()
        .orElse("");
  }

  private static String propagation(TaskSpec.BindMount mount) {
    return mount.options().stream()
        .filter(option -> option.matches("r?(private|shared|slave)"))
        .findFirst()
        .orElse("rprivate");
  }

  private static JsonNode nullable(Optional<List<String>> values) {
    return values.isPresent() ? Json.strings(values.get()) : NullNode.getInstance();
  }

  private static JsonNode nullableIfEmpty(Collection<String> values) {
    return values.isEmpty() ? NullNode.getInstance() : Json.strings(values);
  }
}
