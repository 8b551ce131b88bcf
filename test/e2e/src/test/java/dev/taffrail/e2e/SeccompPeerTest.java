package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import dev.taffrail.testkit.daemon.EngineProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the seccomp profile denies is what Docker Engine's denies. */
@Tag("peer")
class SeccompPeerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theSameSystemCallsAreDenied() throws Exception {
    assumeTrue(EngineProcess.isInstalled(), "Docker Engine is not installed");
    Set<String> engine;
    try (EngineProcess peer = EngineProcess.start()) {
      peer.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
      engine = allowed(peer.directory(), runDetached(peer.host()));
    }
    try (DaemonProcess daemon = DaemonProcess.start()) {
      daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
      Set<String> ours = allowed(daemon.directory(), runDetached(daemon.host()));
      Set<String> deniedByUsAlone = new TreeSet<>(engine);
      deniedByUsAlone.removeAll(ours);
      Set<String> allowedByUsAlone = new TreeSet<>(ours);
      allowedByUsAlone.removeAll(engine);
      System.out.println("Denied by Taffrail alone: " + deniedByUsAlone);
      System.out.println("Allowed by Taffrail alone: " + allowedByUsAlone);
      assertThat(deniedByUsAlone).isSubsetOf(SeccompDifferences.DENIED_SINCE);
      assertThat(allowedByUsAlone).isSubsetOf(SeccompDifferences.ALLOWED_SINCE);
    }
  }

  private static CommandResult docker(String host, byte[] input, String... arguments) {
    return Commands.run(
        Map.of("DOCKER_HOST", host),
        input,
        Stream.concat(Stream.of("docker"), Stream.of(arguments)).toList());
  }

  private static String runDetached(String host) {
    return docker(host, new byte[0], "run", "-d", "--network", "none", "busybox", "sleep", "1000")
        .succeeded()
        .out()
        .strip();
  }

  /** Names that some rule of the OCI configuration allows, with or without conditions. */
  private static Set<String> allowed(Path below, String id) throws IOException {
    Path configuration;
    try (Stream<Path> files = Files.walk(below)) {
      configuration =
          files
              .filter(file -> file.endsWith("config.json"))
              .filter(file -> file.getParent().getFileName().toString().equals(id))
              .filter(SeccompPeerTest::isOci)
              .findFirst()
              .orElseThrow();
    }
    JsonNode seccomp = JSON.readTree(configuration.toFile()).path("linux").path("seccomp");
    assertThat(seccomp.path("defaultAction").asText()).isEqualTo("SCMP_ACT_ERRNO");
    Set<String> names = new TreeSet<>();
    for (JsonNode rule : seccomp.path("syscalls")) {
      if (rule.path("action").asText().equals("SCMP_ACT_ALLOW")) {
        rule.path("names").forEach(name -> names.add(name.asText()));
      }
    }
    return names;
  }

  private static boolean isOci(Path file) {
    try {
      return JSON.readTree(file.toFile()).has("ociVersion");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
