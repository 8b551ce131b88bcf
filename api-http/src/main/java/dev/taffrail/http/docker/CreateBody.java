package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.container.CreateRequest;
import dev.taffrail.core.container.RestartPolicy;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.task.DeviceMapping;
import dev.taffrail.core.task.NamespaceModes;
import dev.taffrail.core.task.ResourceLimits;
import dev.taffrail.core.task.SecuritySettings;
import dev.taffrail.core.task.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Reads the body of {@code POST /containers/create}. */
final class CreateBody {
  private static final long NANOS_PER_CPU = 1_000_000_000L;
  private static final long PERIOD_MICROS = 100_000;
  private static final Set<String> PROPAGATIONS =
      Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave");

  private static final Set<String> BESIDE_CONFIG = Set.of("HostConfig", "NetworkingConfig");

  private final Body config;
  private final Body host;
  private final ApiVersion version;
  private final boolean unified;
  private final List<String> warnings = new ArrayList<>();

  private CreateBody(Body config, ApiVersion version, boolean unified) {
    this.config = config;
    this.host = config.object("HostConfig");
    this.version = version;
    this.unified = unified;
  }

  /**
   * What a body asks for.
   *
   * @param warnings what the client should be told about how it asks
   */
  record Asked(CreateRequest request, List<String> warnings) {}

  /**
   * INVALID_ARGUMENT for what is malformed, UNIMPLEMENTED for what {@link Refusals} names.
   *
   * @param unified whether the host has control groups of version 2 alone
   */
  static Asked read(
      JsonNode json,
      ApiVersion version,
      Optional<String> name,
      Optional<String> platform,
      boolean unified) {
    if (json.isNull()) {
      throw emptyConfig();
    }
    Body config = Body.top(json);
    Refusals.check(config);
    CreateBody body = new CreateBody(config, version, unified);
    CreateRequest request = body.request(name, platform);
    if (BESIDE_CONFIG.containsAll(names(json))) {
      throw emptyConfig();
    }
    return new Asked(request, List.copyOf(body.warnings));
  }

  private static RuntimeFailure emptyConfig() {
    return invalid("config cannot be empty in order to create a container");
  }

  private static List<String> names(JsonNode body) {
    return body.properties().stream().map(Map.Entry::getKey).toList();
  }

  private CreateRequest request(Optional<String> name, Optional<String> platform) {
    return new CreateRequest(
        name.map(text -> text.startsWith("/") ? text.substring(1) : text),
        config.text("Image").orElse(""),
        platform,
        config.text("Hostname"),
        config.text("Domainname"),
        config.text("User"),
        config.flag("AttachStdin"),
        config.flag("AttachStdout"),
        config.flag("AttachStderr"),
        config.flag("Tty"),
        config.flag("OpenStdin"),
        config.flag("StdinOnce"),
        config.list("Env").orElse(List.of()),
        config.words("Entrypoint"),
        config.words("Cmd"),
        config.text("WorkingDir"),
        config.map("Labels"),
        config.keys("ExposedPorts").stream().map(PortsBody::port).toList(),
        config.text("StopSignal"),
        config.integer("StopTimeout"),
        NetworkingBody.mode(host),
        NetworkingBody.read(config, version, warnings),
        host.flag("AutoRemove"),
        restartPolicy(host),
        host.flag("ReadonlyRootfs"),
        host.list("Binds").orElse(List.of()),
        host.map("Tmpfs"),
        host.objects("Mounts").stream().map(CreateBody::mount).toList(),
        namespaces(),
        resources(),
        host.positive("NanoCpus"),
        security(),
        host.list("SecurityOpt").orElse(List.of()),
        host.objects("Devices").stream().map(CreateBody::device).toList(),
        host.list("GroupAdd").orElse(List.of()),
        host.map("Sysctls"),
        sharedMemory(),
        oomScore(),
        host.text("CgroupParent"),
        host.map("Annotations"),
        host.text("Runtime"));
  }

  /** The member {@code RestartPolicy} of a body. */
  static RestartPolicy restartPolicy(Body parent) {
    Body policy = parent.object("RestartPolicy");
    String name = policy.text("Name").filter(text -> !text.isEmpty()).orElse("no");
    RestartPolicy.Mode mode =
        switch (name) {
          case "no" -> RestartPolicy.Mode.NO;
          case "always" -> RestartPolicy.Mode.ALWAYS;
          case "unless-stopped" -> RestartPolicy.Mode.UNLESS_STOPPED;
          case "on-failure" -> RestartPolicy.Mode.ON_FAILURE;
          default ->
              throw invalid(
                  "invalid restart policy: unknown policy '"
                      + name
                      + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
        };
    int retries = policy.integer("MaximumRetryCount").orElse(0);
    if (retries != 0 && mode != RestartPolicy.Mode.ON_FAILURE) {
      throw invalid(
          "invalid restart policy: maximum retry count can only be used with 'on-failure'"
              + (retries < 0 ? " and cannot be negative" : ""));
    }
    if (retries < 0) {
      throw invalid("invalid restart policy: maximum retry count cannot be negative");
    }
    return new RestartPolicy(mode, retries);
  }

  private OptionalLong sharedMemory() {
    OptionalLong bytes = host.positive("ShmSize");
    if (bytes.isPresent() && bytes.getAsLong() < 0) {
      throw invalid("SHM size can not be less than 0");
    }
    return bytes;
  }

  private OptionalInt oomScore() {
    OptionalInt score = host.integer("OomScoreAdj");
    if (score.isPresent() && (score.getAsInt() < -1000 || score.getAsInt() > 1000)) {
      throw invalid(
          "Invalid value " + score.getAsInt() + ", range for oom score adj is [-1000, 1000]");
    }
    return score.isPresent() && score.getAsInt() == 0 ? OptionalInt.empty() : score;
  }

  private NamespaceModes namespaces() {
    return new NamespaceModes(
        is("NetworkMode"), is("PidMode"), is("IpcMode"), is("UTSMode"), hostCgroup());
  }

  /** Docker's default: private with version 2, the host's with version 1. */
  private boolean hostCgroup() {
    return host.text("CgroupnsMode").map("host"::equals).orElse(!unified);
  }

  private boolean is(String mode) {
    return host.text(mode).equals(Optional.of("host"));
  }

  private ResourceLimits resources() {
    OptionalLong quota = host.positive("CpuQuota");
    OptionalLong period = host.positive("CpuPeriod");
    OptionalLong nanoCpus = host.positive("NanoCpus");
    if (nanoCpus.isPresent()) {
      if (quota.isPresent() || period.isPresent()) {
        throw invalid(
            "Conflicting options: Nano CPUs and CPU "
                + (quota.isPresent() ? "Quota" : "Period")
                + " cannot both be set.");
      }
      period = OptionalLong.of(PERIOD_MICROS);
      quota = OptionalLong.of(nanoCpus.getAsLong() * PERIOD_MICROS / NANOS_PER_CPU);
    }
    OptionalLong pids = host.positive("PidsLimit");
    return new ResourceLimits(
        host.positive("Memory"),
        host.positive("MemoryReservation"),
        host.positive("MemorySwap"),
        host.positive("CpuShares"),
        quota,
        period,
        host.text("CpusetCpus"),
        host.text("CpusetMems"),
        pids.isPresent() && pids.getAsLong() < 0 ? OptionalLong.empty() : pids,
        host.positive("BlkioWeight"),
        host.objects("Ulimits").stream().map(CreateBody::ulimit).toList());
  }

  private static ResourceLimits.Ulimit ulimit(Body limit) {
    return new ResourceLimits.Ulimit(
        limit.text("Name").orElseThrow(() -> invalid("a ulimit needs a Name")),
        limit.number("Soft").orElse(0),
        limit.number("Hard").orElse(0));
  }

  private static DeviceMapping device(Body device) {
    String path =
        device.text("PathOnHost").orElseThrow(() -> invalid("a device needs a PathOnHost"));
    return new DeviceMapping(
        path,
        device.text("PathInContainer").orElse(path),
        device.text("CgroupPermissions").orElse("rwm"));
  }

  private SecuritySettings security() {
    boolean noNewPrivileges = false;
    Optional<String> seccomp = Optional.empty();
    for (String option : host.list("SecurityOpt").orElse(List.of())) {
      int separator = option.indexOf('=') >= 0 ? option.indexOf('=') : option.indexOf(':');
      String key = separator < 0 ? option : option.substring(0, separator);
      String value = separator < 0 ? "" : option.substring(separator + 1);
      switch (key) {
        case "no-new-privileges" -> noNewPrivileges = noNewPrivileges(option, value);
        case "seccomp" ->
            seccomp = value.equals("builtin") ? Optional.empty() : Optional.of(seccomp(value));
        case "label" -> accept(option, value.equals("disable"));
        case "apparmor" -> accept(option, value.equals("unconfined"));
        default -> throw invalid("invalid --security-opt 2: \"" + option + "\"");
      }
    }
    return new SecuritySettings(
        host.flag("Privileged"),
        Capabilities.normalise(host.list("CapAdd").orElse(List.of()), "CapAdd"),
        Capabilities.normalise(host.list("CapDrop").orElse(List.of()), "CapDrop"),
        noNewPrivileges,
        seccomp,
        host.list("MaskedPaths"),
        host.list("ReadonlyPaths"));
  }

  private static boolean noNewPrivileges(String option, String value) {
    return switch (value) {
      case "", "true" -> true;
      case "false" -> false;
      default -> throw invalid("invalid --security-opt: \"" + option + "\"");
    };
  }

  private static String seccomp(String value) {
    if (!value.equals("unconfined") && !Json.parse(value, "seccomp profile").isObject()) {
      throw invalid("the seccomp profile is no JSON object");
    }
    return value;
  }

  private static void accept(String option, boolean supported) {
    if (!supported) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, "Taffrail does not support the security option " + option + " yet");
    }
  }

  private static TaskSpec.BindMount mount(Body mount) {
    String type = mount.text("Type").orElse("volume");
    String target =
        mount
            .text("Target")
            .or(() -> mount.text("Destination"))
            .orElseThrow(() -> invalidMount(type, "field Target must not be empty"));
    if (!target.startsWith("/")) {
      throw invalidMount(type, "invalid mount path: '" + target + "' mount path must be absolute");
    }
    for (String kind : List.of("Bind", "Image", "Tmpfs", "Volume")) {
      String options = kind + "Options";
      if (!kind.equalsIgnoreCase(type) && !mount.object(options).node().isEmpty()) {
        throw invalidMount(type, "field " + options + " must not be specified");
      }
    }
    return switch (type) {
      case "bind" -> bind(mount, target);
      case "tmpfs" -> tmpfs(mount, target);
      case "volume", "image", "npipe", "cluster" ->
          throw new RuntimeFailure(
              Kind.UNIMPLEMENTED, "Taffrail does not support mounts of type " + type + " yet");
      default -> throw invalidMount(type, "mount type unknown");
    };
  }

  private static TaskSpec.BindMount bind(Body mount, String target) {
    String source =
        mount
            .text("Source")
            .orElseThrow(() -> invalidMount("bind", "field Source must not be empty"));
    if (!source.startsWith("/")) {
      throw invalidMount(
          "bind", "invalid mount path: '" + source + "' mount path must be absolute");
    }
    Body options = mount.object("BindOptions");
    for (String option :
        List.of("CreateMountpoint", "ReadOnlyForceRecursive", "ReadOnlyNonRecursive")) {
      if (options.flag(option)) {
        throw new RuntimeFailure(
            Kind.UNIMPLEMENTED, "Taffrail does not support " + options.pathOf(option) + " yet");
      }
    }
    String propagation = options.text("Propagation").orElse("rprivate");
    if (!PROPAGATIONS.contains(propagation)) {
      throw invalidMount("bind", "invalid propagation mode: " + propagation);
    }
    return new TaskSpec.BindMount(
        "bind",
        source,
        target,
        List.of(
            options.flag("NonRecursive") ? "bind" : "rbind",
            propagation,
            mount.flag("ReadOnly") ? "ro" : "rw"));
  }

  private static TaskSpec.BindMount tmpfs(Body mount, String target) {
    if (mount.text("Source").isPresent()) {
      throw invalidMount("tmpfs", "field Source must not be specified");
    }
    Body options = mount.object("TmpfsOptions");
    if (options.find("Options").isPresent()) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, "Taffrail does not support " + options.pathOf("Options") + " yet");
    }
    List<String> flags = new ArrayList<>();
    if (mount.flag("ReadOnly")) {
      flags.add("ro");
    }
    options.positive("SizeBytes").ifPresent(bytes -> flags.add("size=" + bytes));
    options.positive("Mode").ifPresent(mode -> flags.add("mode=" + Long.toOctalString(mode)));
    return new TaskSpec.BindMount("tmpfs", "tmpfs", target, flags);
  }

  private static RuntimeFailure invalidMount(String type, String reason) {
    return invalid("invalid mount config for type \"" + type + "\": " + reason);
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
