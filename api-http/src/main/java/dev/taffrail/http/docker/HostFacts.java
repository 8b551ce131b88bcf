package dev.taffrail.http.docker;

import dev.taffrail.core.linux.ControlGroups;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the host says about itself; {@link #read} blocks.
 *
 * @param operatingSystem {@code PRETTY_NAME} of os-release(5)
 * @param operatingSystemVersion {@code VERSION_ID} of os-release(5)
 * @param architecture as uname(2) names it, {@code x86_64}
 * @param memory bytes, {@code MemTotal} of proc(5)
 * @param openFiles descriptors of this process
 * @param forwardsIpv4 whether this host routes; see ip-sysctl of the kernel
 * @param filtersSystemCalls whether the kernel has seccomp(2)
 */
record HostFacts(
    String name,
    String kernel,
    String operatingSystem,
    String operatingSystemVersion,
    String architecture,
    int processors,
    long memory,
    int openFiles,
    boolean forwardsIpv4,
    boolean filtersSystemCalls,
    ControlGroups.Abilities controlGroups) {
  static HostFacts read(ControlGroups.Abilities controlGroups) {
    return new HostFacts(
        hostName(),
        line(Path.of("/proc/sys/kernel/osrelease")).orElse(""),
        release("PRETTY_NAME").orElse("Linux"),
        release("VERSION_ID").orElse(""),
        machine(),
        Runtime.getRuntime().availableProcessors(),
        totalMemory(),
        countOpenFiles(),
        line(Path.of("/proc/sys/net/ipv4/ip_forward")).equals(Optional.of("1")),
        lineWith(Path.of("/proc/self/status"), "Seccomp:").isPresent(),
        controlGroups);
  }

  /** Go's name, {@code amd64}, as in OCI images. */
  static String goArchitecture() {
    return switch (System.getProperty("os.arch")) {
      case "x86_64", "amd64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> System.getProperty("os.arch");
    };
  }

  private static String machine() {
    return switch (goArchitecture()) {
      case "amd64" -> "x86_64";
      case "arm64" -> "aarch64";
      default -> goArchitecture();
    };
  }

  private static String hostName() {
    return line(Path.of("/proc/sys/kernel/hostname"))
        .orElseGet(
            () -> {
              try {
                return InetAddress.getLocalHost().getHostName();
              } catch (UnknownHostException e) {
                return "localhost";
              }
            });
  }

  private static long totalMemory() {
    return lineWith(Path.of("/proc/meminfo"), "MemTotal:")
        .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .orElse(0L);
  }

  private static int countOpenFiles() {
    String[] names = Path.of("/proc/self/fd").toFile().list();
    return names == null ? 0 : names.length;
  }

  private static Optional<String> release(String key) {
    Path file = Path.of("/etc/os-release");
    Path readable = Files.isReadable(file) ? file : Path.of("/usr/lib/os-release");
    return lineWith(readable, key + "=")
        .map(line -> line.substring(key.length() + 1).replaceAll("^[\"']|[\"']$", ""));
  }

  private static Optional<String> line(Path file) {
    return lineWith(file, "");
  }

  private static Optional<String> lineWith(Path file, String prefix) {
    try {
      return Files.readAllLines(file).stream().filter(text -> text.startsWith(prefix)).findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
