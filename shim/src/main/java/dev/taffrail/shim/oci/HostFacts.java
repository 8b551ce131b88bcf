package dev.taffrail.shim.oci;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the configuration depends on besides the task.
 *
 * @param capabilities the daemon's own bounding set, in kernel order
 * @param architecture as Go names it: {@code amd64}
 * @param kernel version
 * @param swapAccounting whether swap can be limited
 * @param processors possible ones, for paths below {@code /sys/devices/system/cpu}
 */
record HostFacts(
    List<String> capabilities,
    String architecture,
    KernelVersion kernel,
    boolean swapAccounting,
    int processors) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String BOUNDING = "CapBnd:";

  HostFacts {
    capabilities = List.copyOf(capabilities);
  }

  /** A kernel's version without its patch level. */
  record KernelVersion(int major, int minor) {
    private static final Pattern FORM = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);

    /** IllegalArgumentException when it does not start with two numbers. */
    static KernelVersion parse(String text) {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("Not a kernel version: " + text);
      }
      return new KernelVersion(
          Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    boolean isAtLeast(KernelVersion other) {
      return major > other.major || (major == other.major && minor >= other.minor);
    }
  }

  static HostFacts read(boolean swapAccounting) {
    return new HostFacts(
        boundingSet(),
        architecture(System.getProperty("os.arch")),
        KernelVersion.parse(System.getProperty("os.version")),
        swapAccounting,
        Runtime.getRuntime().availableProcessors());
  }

  private static String architecture(String java) {
    return switch (java.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> java;
    };
  }

  private static List<String> boundingSet() {
    try {
      for (String line : Files.readAllLines(STATUS, StandardCharsets.UTF_8)) {
        if (line.startsWith(BOUNDING)) {
          return Capabilities.names(
              Long.parseUnsignedLong(line.substring(BOUNDING.length()).strip(), 16));
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + STATUS, failure);
    }
    throw new IllegalStateException(STATUS + " has no " + BOUNDING);
  }
}
