package dev.taffrail.shim.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.network.Sandbox;
import dev.taffrail.core.task.DeviceMapping;
import dev.taffrail.core.task.NamespaceModes;
import dev.taffrail.core.task.ResourceLimits;
import dev.taffrail.core.task.SecuritySettings;
import dev.taffrail.core.task.TaskSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** One task as {@code config.json}; see OCI runtime-spec config.md and config-linux.md. */
final class OciConfiguration {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** A filter in base64 that crun takes as it is; see crun(1). */
  private static final String COMPILED_SECCOMP = "run.oci.seccomp_bpf_data";

  /** Set in every network namespace of its own, where the kernel has them. */
  private static final Map<String, String> NETWORK_SYSCTLS =
      Map.of(
          "net.ipv4.ip_unprivileged_port_start", "0",
          "net.ipv4.ping_group_range", "0 2147483647");

  private final TaskSpec spec;
  private final HostFacts host;
  private final SeccompProfiles profiles;
  private final ContainerUser user;
  private final Path rootfs;
  private final List<EtcFiles.EtcFile> files;
  private final String cgroup;
  private final List<String> capabilities;
  private final List<HostDevice> devices;

  OciConfiguration(
      TaskSpec spec,
      HostFacts host,
      SeccompProfiles profiles,
      ContainerUser user,
      Path rootfs,
      List<EtcFiles.EtcFile> files,
      String cgroup) {
    this.spec = spec;
    this.host = host;
    this.profiles = profiles;
    this.user = user;
    this.rootfs = rootfs;
    this.files = files;
    this.cgroup = cgroup;
    this.capabilities = Capabilities.of(spec.security(), host.capabilities());
    this.devices = devices(spec);
  }

  private static List<HostDevice> devices(TaskSpec spec) {
    if (spec.security().privileged()) {
      return HostDevice.all();
    }
    List<HostDevice> found = new ArrayList<>();
    spec.devices().forEach(mapping -> found.addAll(HostDevice.of(mapping)));
    return found;
  }

  /**
   * The whole configuration.
   *
   * @param compiled whether to add the compiled seccomp filter. The profile is there all the same:
   *     for readers, and for a crun too old to know better.
   */
  ObjectNode build(boolean compiled) {
    ObjectNode root = object();
    root.put("ociVersion", "1.0.2");
    root.set("process", process());
    root.set(
        "root", object().put("path", rootfs.toString()).put("readonly", spec.readonlyRootfs()));
    if (!spec.namespaces().hostUts()) {
      root.put("hostname", spec.hostname());
    }
    root.set("mounts", new ContainerMounts(spec, files).build());
    Map<String, String> annotations = new LinkedHashMap<>(spec.annotations());
    if (compiled) {
      profiles
          .program(spec.security(), capabilities, host)
          .ifPresent(program -> annotations.put(COMPILED_SECCOMP, program));
    }
    if (!annotations.isEmpty()) {
      annotations.forEach(root.putObject("annotations")::put);
    }
    root.set("linux", linux());
    return root;
  }

  private ObjectNode process() {
    ObjectNode process = object();
    process.put("terminal", spec.terminal());
    ObjectNode owner = process.putObject("user");
    owner.put("uid", user.uid()).put("gid", user.gid());
    ArrayNode groups = owner.putArray("additionalGids");
    user.additionalGroups().forEach(groups::add);
    spec.arguments().forEach(process.putArray("args")::add);
    environment().forEach(process.putArray("env")::add);
    process.put("cwd", Path.of("/").resolve(spec.workingDirectory()).normalize().toString());
    process.set("capabilities", capabilities());
    ArrayNode limits = process.putArray("rlimits");
    for (ResourceLimits.Ulimit limit : spec.resources().ulimits()) {
      limits
          .addObject()
          .put("type", "RLIMIT_" + limit.name().toUpperCase(Locale.ROOT))
          .put("hard", limit.hard())
          .put("soft", limit.soft());
    }
    process.put("noNewPrivileges", spec.security().noNewPrivileges());
    spec.oomScoreAdjust().ifPresent(score -> process.put("oomScoreAdj", score));
    return process;
  }

  /** The task's variables over Docker's defaults; a name without a value takes a default away. */
  private List<String> environment() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("PATH", DEFAULT_PATH);
    variables.put("HOSTNAME", spec.hostname());
    if (spec.terminal()) {
      variables.put("TERM", "xterm");
    }
    for (String entry : spec.environment()) {
      int equals = entry.indexOf('=');
      if (equals < 0) {
        variables.remove(entry);
      } else {
        variables.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    variables.putIfAbsent("HOME", user.home());
    return variables.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .toList();
  }

  /** Users other than root get a bounding set only, as execve(2) would leave them. */
  private ObjectNode capabilities() {
    ObjectNode sets = object();
    capabilities.forEach(sets.putArray("bounding")::add);
    if (user.uid() == 0) {
      capabilities.forEach(sets.putArray("effective")::add);
      capabilities.forEach(sets.putArray("permitted")::add);
    }
    return sets;
  }

  private ObjectNode linux() {
    ObjectNode linux = object();
    linux.put("cgroupsPath", cgroup);
    linux.set("namespaces", namespaces());
    linux.set("resources", resources());
    ArrayNode nodes = linux.putArray("devices");
    for (HostDevice device : devices) {
      nodes
          .addObject()
          .put("path", device.path())
          .put("type", device.type())
          .put("major", device.major())
          .put("minor", device.minor())
          .put("fileMode", device.mode())
          .put("uid", device.uid())
          .put("gid", device.gid());
    }
    ObjectNode sysctls = linux.putObject("sysctl");
    sysctls().forEach(sysctls::put);
    boolean privileged = spec.security().privileged();
    ArrayNode masked = linux.putArray("maskedPaths");
    spec.security()
        .maskedPaths()
        .orElseGet(() -> privileged ? List.of() : maskedPaths())
        .forEach(masked::add);
    ArrayNode readonly = linux.putArray("readonlyPaths");
    spec.security()
        .readonlyPaths()
        .orElse(privileged ? List.of() : SecuritySettings.READONLY_PATHS)
        .forEach(readonly::add);
    propagation().ifPresent(propagation -> linux.put("rootfsPropagation", propagation));
    profiles
        .profile(spec.security(), capabilities, host)
        .ifPresent(profile -> linux.set("seccomp", profile));
    return linux;
  }

  private List<String> maskedPaths() {
    List<String> paths = new ArrayList<>(SecuritySettings.MASKED_PATHS);
    for (int processor = 0; processor < host.processors(); processor++) {
      String path = "/sys/devices/system/cpu/cpu" + processor + "/thermal_throttle";
      if (Files.exists(Path.of(path))) {
        paths.add(path);
      }
    }
    return paths;
  }

  private Map<String, String> sysctls() {
    Map<String, String> sysctls = new TreeMap<>();
    if (!spec.namespaces().hostNetwork()) {
      NETWORK_SYSCTLS.forEach(
          (name, value) -> {
            if (Files.exists(Path.of("/proc/sys").resolve(name.replace('.', '/')))) {
              sysctls.put(name, value);
            }
          });
    }
    if (!spec.namespaces().hostUts()) {
      spec.domainname().ifPresent(name -> sysctls.put("kernel.domainname", name));
    }
    sysctls.putAll(spec.sysctls());
    return sysctls;
  }

  /** Mounts that shall see the host's later mounts need a root that does. */
  private Optional<String> propagation() {
    List<String> options =
        spec.mounts().stream().flatMap(mount -> mount.options().stream()).toList();
    if (options.contains("shared") || options.contains("rshared")) {
      return Optional.of("shared");
    }
    return options.contains("slave") || options.contains("rslave")
        ? Optional.of("rslave")
        : Optional.empty();
  }

  private ArrayNode namespaces() {
    NamespaceModes modes = spec.namespaces();
    ArrayNode namespaces = array();
    namespaces.addObject().put("type", "mount");
    Optional<Path> network = spec.sandbox().flatMap(Sandbox::namespace);
    if (network.isPresent()) {
      namespaces.addObject().put("type", "network").put("path", network.get().toString());
    } else {
      addNamespace(namespaces, "network", modes.hostNetwork());
    }
    addNamespace(namespaces, "uts", modes.hostUts());
    addNamespace(namespaces, "pid", modes.hostPid());
    addNamespace(namespaces, "ipc", modes.hostIpc());
    addNamespace(namespaces, "cgroup", modes.hostCgroup());
    return namespaces;
  }

  private static void addNamespace(ArrayNode namespaces, String type, boolean shared) {
    if (!shared) {
      namespaces.addObject().put("type", type);
    }
  }

  private ObjectNode resources() {
    ObjectNode resources = object();
    resources.set("devices", deviceRules());
    ResourceLimits limits = spec.resources();
    ObjectNode memory = object();
    put(memory, "limit", limits.memory());
    put(memory, "reservation", limits.memoryReservation());
    put(memory, "swap", swap(limits));
    set(resources, "memory", memory);
    ObjectNode cpu = object();
    put(cpu, "shares", limits.cpuShares());
    put(cpu, "quota", limits.cpuQuota());
    put(cpu, "period", limits.cpuPeriod());
    limits.cpusetCpus().ifPresent(cpus -> cpu.put("cpus", cpus));
    limits.cpusetMems().ifPresent(nodes -> cpu.put("mems", nodes));
    set(resources, "cpu", cpu);
    ObjectNode pids = object();
    put(pids, "limit", limits.pids());
    set(resources, "pids", pids);
    ObjectNode blockIo = object();
    put(blockIo, "weight", limits.blockIoWeight());
    set(resources, "blockIO", blockIo);
    return resources;
  }

  /** As much swap as memory unless said otherwise, as Docker does; nothing where it cannot be. */
  private OptionalLong swap(ResourceLimits limits) {
    if (!host.swapAccounting()) {
      return OptionalLong.empty();
    }
    return limits.memorySwap().isPresent() || limits.memory().isEmpty()
        ? limits.memorySwap()
        : OptionalLong.of(limits.memory().getAsLong() * 2);
  }

  private ArrayNode deviceRules() {
    ArrayNode rules = array();
    if (spec.security().privileged()) {
      rules.addObject().put("allow", true).put("access", "rwm");
      return rules;
    }
    rules.addObject().put("allow", false).put("access", "rwm");
    allow(rules, "c", -1, -1, "m");
    allow(rules, "b", -1, -1, "m");
    allow(rules, "c", 1, 3, "rwm"); // null
    allow(rules, "c", 1, 5, "rwm"); // zero
    allow(rules, "c", 1, 7, "rwm"); // full
    allow(rules, "c", 1, 8, "rwm"); // random
    allow(rules, "c", 1, 9, "rwm"); // urandom
    allow(rules, "c", 5, 0, "rwm"); // tty
    allow(rules, "c", 5, 1, "rwm"); // console
    allow(rules, "c", 5, 2, "rwm"); // ptmx
    allow(rules, "c", 136, -1, "rwm"); // pts/*
    for (DeviceMapping mapping : spec.devices()) {
      for (HostDevice device : HostDevice.of(mapping)) {
        allow(rules, device.type(), device.major(), device.minor(), mapping.access());
      }
    }
    return rules;
  }

  /** A number below zero means any. */
  private static void allow(ArrayNode rules, String type, long major, long minor, String access) {
    ObjectNode rule = rules.addObject().put("allow", true).put("type", type);
    if (major >= 0) {
      rule.put("major", major);
    }
    if (minor >= 0) {
      rule.put("minor", minor);
    }
    rule.put("access", access);
  }

  private static void put(ObjectNode node, String name, OptionalLong value) {
    if (value.isPresent()) {
      node.put(name, value.getAsLong());
    }
  }

  private static void set(ObjectNode node, String name, ObjectNode value) {
    if (!value.isEmpty()) {
      node.set(name, value);
    }
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }
}
