package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a create may ask of Docker and not yet of Taffrail, refused by name. Zero values, which
 * clients always send, pass.
 */
final class Refusals {
  private static final Set<String> CONFIG =
      Set.of("ArgsEscaped", "NetworkDisabled", "OnBuild", "Shell", "Volumes");

  private static final Set<String> HOST_CONFIG =
      Set.of(
          "BlkioDeviceReadBps",
          "BlkioDeviceReadIOps",
          "BlkioDeviceWriteBps",
          "BlkioDeviceWriteIOps",
          "BlkioWeightDevice",
          "Cgroup",
          "CpuCount",
          "CpuPercent",
          "CpuRealtimePeriod",
          "CpuRealtimeRuntime",
          "DeviceCgroupRules",
          "DeviceRequests",
          "Init",
          "IOMaximumBandwidth",
          "IOMaximumIOps",
          "KernelMemory",
          "KernelMemoryTCP",
          "OomKillDisable",
          "StorageOpt",
          "VolumeDriver",
          "VolumesFrom");

  /** Values that mean what happens anyway. */
  private static final Map<String, Set<String>> ACCEPTED =
      Map.of(
          "CgroupnsMode", Set.of("host", "private"),
          "IpcMode", Set.of("host", "private", "shareable"),
          "PidMode", Set.of("host"),
          "UTSMode", Set.of("host"),
          "UsernsMode", Set.of("host"));

  private static final Set<String> LOG_DRIVERS = Set.of("json-file", "local");

  private Refusals() {}

  /** UNIMPLEMENTED for the first member that asks for more than there is. */
  static void check(Body config) {
    refuse(config, CONFIG);
    health(config);
    Body host = config.object("HostConfig");
    refuse(host, HOST_CONFIG);
    ACCEPTED.forEach(
        (name, values) ->
            host.text(name)
                .filter(value -> !values.contains(value))
                .ifPresent(
                    value -> {
                      throw unsupported(host.pathOf(name) + " " + value);
                    }));
    host.text("Isolation")
        .filter(isolation -> !isolation.equals("default"))
        .ifPresent(
            isolation -> {
              throw new RuntimeFailure(
                  Kind.INVALID_ARGUMENT,
                  "invalid isolation (" + isolation + "): linux only supports 'default'");
            });
    logging(host.object("LogConfig"));
    host.number("MemorySwappiness")
        .ifPresent(
            value -> {
              if (value != -1) {
                throw unsupported(host.pathOf("MemorySwappiness"));
              }
            });
  }

  /** UNIMPLEMENTED for the first member besides one that asks for anything. */
  static void refuseAllBut(Body body, String served) {
    Set<String> names = new TreeSet<>();
    body.node().fieldNames().forEachRemaining(names::add);
    names.remove(served);
    refuse(body, names);
  }

  private static void refuse(Body body, Set<String> names) {
    for (String name : names.stream().sorted().toList()) {
      if (body.find(name).filter(Refusals::isAsked).isPresent()) {
        throw unsupported(body.pathOf(name));
      }
    }
  }

  private static void health(Body config) {
    Body check = config.object("Healthcheck");
    List<String> test = check.list("Test").orElse(List.of());
    if (!test.equals(List.of("NONE")) && !isZero(check.node())) {
      throw unsupported(config.pathOf("Healthcheck"));
    }
  }

  private static void logging(Body log) {
    log.text("Type")
        .filter(driver -> !LOG_DRIVERS.contains(driver))
        .ifPresent(
            driver -> {
              throw unsupported("log driver " + driver);
            });
    log.keys("Config").stream()
        .findFirst()
        .ifPresent(
            option -> {
              throw unsupported("log option " + option);
            });
  }

  /** Null, false, 0, and whatever is empty or has only such members. */
  private static boolean isZero(JsonNode value) {
    if (value.isContainerNode()) {
      for (JsonNode element : value) {
        if (value.isArray() || !isZero(element)) {
          return false;
        }
      }
      return true;
    }
    return value.isNull()
        || (value.isBoolean() && !value.booleanValue())
        || (value.isNumber() && value.doubleValue() == 0)
        || (value.isTextual() && value.textValue().isEmpty());
  }

  /** A map that has keys asks for something, whatever their values are. */
  private static boolean isAsked(JsonNode value) {
    return value.isContainerNode() ? !value.isEmpty() : !isZero(value);
  }

  /** UNIMPLEMENTED, naming what was asked for. */
  static RuntimeFailure unsupported(String what) {
    return new RuntimeFailure(Kind.UNIMPLEMENTED, "Taffrail does not support " + what + " yet");
  }
}
