package dev.taffrail.shim.oci;

import dev.taffrail.core.network.Sandbox;
import dev.taffrail.core.task.TaskSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * The files below {@code /etc} that a container shares with nobody: made in the bundle and mounted
 * over those of its image. A container in the host's network gets copies of the host's; one on
 * networks brings those that depend on them.
 */
final class EtcFiles {
  private static final Path HOST_HOSTS = Path.of("/etc/hosts");
  private static final Path HOST_RESOLVER = Path.of("/etc/resolv.conf");
  private static final String HOSTS =
      """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::\tip6-localnet
      ff00::\tip6-mcastprefix
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters
      """;

  private EtcFiles() {}

  /** A generated file and where it is mounted. */
  record EtcFile(Path source, String target) {}

  /** Writes them into {@code bundle}. */
  static List<EtcFile> write(Path bundle, TaskSpec spec) {
    boolean hostNetwork = spec.namespaces().hostNetwork();
    EtcFile resolver =
        spec.sandbox()
            .flatMap(Sandbox::resolver)
            .map(file -> new EtcFile(file, "/etc/resolv.conf"))
            .orElseGet(
                () ->
                    write(
                        bundle,
                        "resolv.conf",
                        hostNetwork ? read(HOST_RESOLVER) : withoutLoopback(read(HOST_RESOLVER))));
    EtcFile hosts =
        spec.sandbox()
            .flatMap(Sandbox::hosts)
            .map(file -> new EtcFile(file, "/etc/hosts"))
            .orElseGet(() -> write(bundle, "hosts", hostNetwork ? read(HOST_HOSTS) : HOSTS));
    return List.of(resolver, write(bundle, "hostname", spec.hostname() + "\n"), hosts);
  }

  /** A resolver on the host's loopback device cannot be reached from another namespace. */
  static String withoutLoopback(String text) {
    StringBuilder kept = new StringBuilder();
    for (String line : text.split("\n", -1)) {
      String[] words = line.strip().split("\\s+", -1);
      boolean local =
          words.length > 1
              && words[0].equals("nameserver")
              && (words[1].startsWith("127.") || words[1].equals("::1"));
      if (!local && !line.isBlank()) {
        kept.append(line).append('\n');
      }
    }
    return kept.toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException absent) {
      return "";
    }
  }

  private static EtcFile write(Path bundle, String name, String text) {
    Path file = bundle.resolve(name);
    try {
      Files.writeString(file, text, StandardCharsets.UTF_8);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write " + file, failure);
    }
    return new EtcFile(file, "/etc/" + name);
  }
}
