package dev.taffrail.http.docker;

import static dev.taffrail.core.network.NetworkDriver.NETWORK_DRIVER;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.container.Containers;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.linux.ControlGroups;
import dev.taffrail.core.log.LogInfo;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.plugin.DaemonSettings;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntSupplier;

/** {@code _ping}, {@code version} and {@code info}. */
final class SystemEndpoints {
  private static final String DEFAULT_RUNTIME = "crun";

  private final PluginContext host;
  private final Vertx vertx;
  private final Containers containers;
  private final Images images;
  private final IntSupplier listeners;
  private final BuildFacts build = BuildFacts.load();

  /**
   * @param listeners how many clients follow the events
   */
  SystemEndpoints(
      PluginContext host,
      Vertx vertx,
      Containers containers,
      Images images,
      IntSupplier listeners) {
    this.listeners = listeners;
    this.host = host;
    this.vertx = vertx;
    this.containers = containers;
    this.images = images;
  }

  void addTo(EndpointTable table) {
    table
        .get("/_ping", this::ping)
        .head("/_ping", this::ping)
        .get("/version", this::version)
        .get("/info", this::info);
  }

  private Future<Void> ping(Exchange exchange) {
    var response =
        exchange
            .response()
            .putHeader("Content-Type", "text/plain; charset=utf-8")
            .putHeader("Cache-Control", "no-cache, no-store, must-revalidate")
            .putHeader("Pragma", "no-cache")
            .putHeader("Builder-Version", "1")
            .putHeader("Swarm", "inactive");
    return exchange.request().method().equals(HttpMethod.HEAD)
        ? response.putHeader("Content-Length", "0").end()
        : response.end("OK");
  }

  private Future<Void> version(Exchange exchange) {
    return facts().compose(facts -> exchange.json(version(facts)));
  }

  private Future<HostFacts> facts() {
    return vertx.executeBlocking(
        () -> HostFacts.read(host.port(ControlGroups.class).abilities()), false);
  }

  private ObjectNode version(HostFacts facts) {
    String version = host.daemon().version();
    String runtime = "Java " + System.getProperty("java.version");
    ObjectNode answer = Json.object();
    answer.putObject("Platform").put("Name", "Taffrail " + version);
    ObjectNode engine = answer.putArray("Components").addObject();
    engine.put("Name", "Engine").put("Version", version);
    engine
        .putObject("Details")
        .put("ApiVersion", ApiVersion.NEWEST.text())
        .put("Arch", HostFacts.goArchitecture())
        .put("BuildTime", build.time())
        .put("Experimental", "false")
        .put("GitCommit", build.commit())
        .put("GoVersion", runtime)
        .put("KernelVersion", facts.kernel())
        .put("MinAPIVersion", ApiVersion.OLDEST.text())
        .put("Os", "linux");
    return answer
        .put("Version", version)
        .put("ApiVersion", ApiVersion.NEWEST.text())
        .put("MinAPIVersion", ApiVersion.OLDEST.text())
        .put("GitCommit", build.commit())
        .put("GoVersion", runtime)
        .put("Os", "linux")
        .put("Arch", HostFacts.goArchitecture())
        .put("KernelVersion", facts.kernel())
        .put("BuildTime", build.time());
  }

  private Future<Void> info(Exchange exchange) {
    return containers
        .list(exchange.call())
        .compose(
            all ->
                images
                    .list(exchange.call())
                    .compose(
                        known ->
                            facts()
                                .compose(facts -> exchange.json(info(facts, all, known.size())))));
  }

  private ObjectNode info(HostFacts facts, List<ContainerView> all, int imageCount) {
    ControlGroups.Abilities able = facts.controlGroups();
    LogInfo log = host.log().info();
    DaemonSettings daemon = host.daemon();
    ObjectNode answer =
        Json.object()
            .put("ID", log.logId())
            .put("Containers", all.size())
            .put("ContainersRunning", count(all, true))
            .put("ContainersPaused", 0)
            .put("ContainersStopped", count(all, false))
            .put("Images", imageCount)
            .put("Driver", "overlay");
    ArrayNode driver = answer.putArray("DriverStatus");
    driver.addArray().add("Snapshotter").add("snapshot.overlay");
    driver.addArray().add("Event log").add(log.mode() == LogMode.DURABLE ? "durable" : "relaxed");
    driver.addArray().add("Event log head").add(log.head().toString());
    ObjectNode plugins = answer.putObject("Plugins");
    plugins.putArray("Volume");
    plugins.set("Network", Json.strings(networkDrivers()));
    plugins.putNull("Authorization");
    plugins.putArray("Log").add("json-file");
    answer
        .put("MemoryLimit", able.memory())
        .put("SwapLimit", able.swap())
        .put("CpuCfsPeriod", able.cpuQuota())
        .put("CpuCfsQuota", able.cpuQuota())
        .put("CPUShares", able.cpuShares())
        .put("CPUSet", able.cpuset())
        .put("PidsLimit", able.pids())
        .put("IPv4Forwarding", facts.forwardsIpv4())
        .put("OomKillDisable", able.outOfMemoryKillDisable())
        .put("Debug", daemon.debug())
        .put("NFd", facts.openFiles())
        .put("NGoroutines", Thread.activeCount())
        .put("SystemTime", Instant.now().toString())
        .put("LoggingDriver", "json-file")
        .put("CgroupDriver", "cgroupfs")
        .put("CgroupVersion", able.unified() ? "2" : "1")
        .put("NEventsListener", listeners.getAsInt())
        .put("KernelVersion", facts.kernel())
        .put("OperatingSystem", facts.operatingSystem())
        .put("OSVersion", facts.operatingSystemVersion())
        .put("OSType", "linux")
        .put("Architecture", facts.architecture())
        .put("IndexServerAddress", "https://index.docker.io/v1/");
    ObjectNode registry = answer.putObject("RegistryConfig");
    registry.putArray("InsecureRegistryCIDRs");
    registry.putObject("IndexConfigs");
    registry.putArray("Mirrors");
    answer
        .put("NCPU", facts.processors())
        .put("MemTotal", facts.memory())
        .putNull("GenericResources");
    answer
        .put("DockerRootDir", daemon.dataRoot().toString())
        .put("HttpProxy", "")
        .put("HttpsProxy", "")
        .put("NoProxy", "")
        .put("Name", facts.name());
    answer.putArray("Labels");
    answer.put("ExperimentalBuild", false).put("ServerVersion", daemon.version());
    answer.set("Runtimes", runtimes(daemon.configuration()));
    answer.put(
        "DefaultRuntime", daemon.configuration().path("default-runtime").asText(DEFAULT_RUNTIME));
    ObjectNode swarm =
        answer
            .putObject("Swarm")
            .put("NodeID", "")
            .put("NodeAddr", "")
            .put("LocalNodeState", "inactive")
            .put("ControlAvailable", false)
            .put("Error", "");
    swarm.putNull("RemoteManagers");
    answer.put("LiveRestoreEnabled", true).put("Isolation", "").put("InitBinary", "");
    for (String component : List.of("ContainerdCommit", "RuncCommit", "InitCommit")) {
      answer.putObject(component).put("ID", "");
    }
    ArrayNode security = answer.putArray("SecurityOptions");
    if (facts.filtersSystemCalls()) {
      security.add("name=seccomp,profile=builtin");
    }
    if (able.unified()) {
      // As Docker tells it: containers have a namespace of control groups by default.
      security.add("name=cgroupns");
    }
    answer.putNull("CDISpecDirs");
    answer.set("Warnings", warnings(log, facts));
    return answer;
  }

  /** Those of the two networks that are none, and those of plugins: {@code network-driver.*}. */
  private Set<String> networkDrivers() {
    Set<String> drivers = new TreeSet<>(List.of("host", "null"));
    for (PluginId id : host.providers(NETWORK_DRIVER)) {
      drivers.add(id.value().substring(id.value().indexOf('.') + 1));
    }
    return drivers;
  }

  private static void warn(ArrayNode warnings, boolean supported, String what) {
    if (!supported) {
      warnings.add("WARNING: " + what);
    }
  }

  private static long count(List<ContainerView> all, boolean running) {
    return all.stream().filter(view -> ContainerJson.isUp(view.status()) == running).count();
  }

  private static ObjectNode runtimes(JsonNode configuration) {
    ObjectNode runtimes = Json.object();
    runtimes.putObject(DEFAULT_RUNTIME).put("path", DEFAULT_RUNTIME);
    configuration
        .path("runtimes")
        .properties()
        .forEach(
            runtime ->
                runtimes
                    .putObject(runtime.getKey())
                    .put("path", runtime.getValue().path("path").asText(runtime.getKey())));
    return runtimes;
  }

  private static ArrayNode warnings(LogInfo log, HostFacts facts) {
    ControlGroups.Abilities able = facts.controlGroups();
    ArrayNode warnings = Json.array();
    warn(warnings, able.memory(), "No memory limit support");
    warn(warnings, able.swap(), "No swap limit support");
    warn(warnings, able.cpuQuota(), "No cpu cfs quota support");
    warn(warnings, able.cpuQuota(), "No cpu cfs period support");
    warn(warnings, able.cpuShares(), "No cpu shares support");
    warn(warnings, able.cpuset(), "No cpuset support");
    warn(warnings, able.pids(), "No pids limit support");
    warn(warnings, facts.filtersSystemCalls(), "No seccomp support");
    log.salvage().ifPresent(text -> warnings.add("WARNING: event log: " + text));
    if (log.mode() == LogMode.RELAXED) {
      warnings.add("WARNING: event log: relaxed mode, a crash may lose acknowledged events");
    }
    return warnings;
  }
}
