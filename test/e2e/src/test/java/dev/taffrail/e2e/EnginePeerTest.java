package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import dev.taffrail.testkit.daemon.EngineProcess;
import dev.taffrail.testkit.daemon.NetworkNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * The same shell snippets with Docker Engine and with ours: exit code, output and the first line of
 * errors are the same. The snippets are in {@code engine-peer/*.txt}, whose heads say how to add
 * one; a new table is a new {@code @TestFactory}.
 */
class EnginePeerTest {
  /** The newest that Debian's Docker Engine knows. */
  private static final String API_VERSION = "1.41";

  private static EngineProcess engine;
  private static DaemonProcess ours;
  private static List<Side> sides;

  /** One of the two engines. */
  private record Side(String host, Path directory, NetworkNamespace network) {
    CommandResult run(String script) {
      return Commands.run(
          Map.of(
              "DOCKER_HOST",
              host,
              "DOCKER_API_VERSION",
              API_VERSION,
              "DOCKER_CONTEXT",
              "",
              "DOCKER_CONFIG",
              directory.resolve("docker-config").toString(),
              "SOCKET",
              host.substring("unix://".length())),
          new byte[0],
          network.entering(List.of("sh", "-c", "cd " + directory + " && { " + script + "\n}")));
    }

    /** Containers and networks do not outlive their snippet, images do. */
    CommandResult runAndClean(String script) {
      try {
        return run(script);
      } finally {
        run("docker ps -aq | xargs -r docker rm -f; docker network prune -f");
      }
    }
  }

  /** One line of a table. */
  private record Snippet(String script, boolean wordsChanged) {
    static Snippet of(String line) {
      return line.startsWith("~ ")
          ? new Snippet(line.substring(2), true)
          : new Snippet(line, false);
    }
  }

  @BeforeAll
  static void startBoth() throws IOException, InterruptedException {
    assumeTrue(EngineProcess.isInstalled(), "Docker Engine is not installed");
    engine = EngineProcess.start();
    ours = DaemonProcess.start();
    sides =
        List.of(
            new Side(engine.host(), engine.directory(), engine.network()),
            new Side(ours.host(), ours.directory(), ours.network()));
    byte[] image = BusyboxImage.tar();
    String passwd = "root:x:0:0:root:/root:/bin/sh\\nu1:x:1000:1000::/home/u1:/bin/sh\\n";
    String group = "root:x:0:\\nwheel:x:10:u1\\nu1:x:1000:\\n";
    for (Side side : sides) {
      Files.write(side.directory().resolve("busybox.tar"), image);
      side.run(
              "mkdir -p more/etc more/www && printf '"
                  + passwd
                  + "' > more/etc/passwd && printf '"
                  + group
                  + "' > more/etc/group && echo ahoy > more/www/index.html"
                  + " && tar -C more -rf busybox.tar ./etc/passwd ./etc/group ./www"
                  + " && docker import -c 'CMD [\"sh\"]' busybox.tar bb"
                  + " && docker import -c 'EXPOSE 80 53/udp' busybox.tar exposing")
          .succeeded();
    }
    System.out.println(
        "Docker Engine "
            + engine.docker(new byte[0], "version", "--format", "{{.Server.Version}}").out().strip()
            + ", "
            + Commands.run(Map.of(), new byte[0], List.of("docker", "--version")).out().strip());
  }

  @AfterAll
  static void stopBoth() {
    try {
      if (engine != null) {
        engine.close();
      }
    } finally {
      if (ours != null) {
        ours.close();
      }
    }
  }

  @Tag("peer")
  @TestFactory
  Stream<DynamicTest> keel() throws IOException {
    return table("keel.txt");
  }

  @TestFactory
  Stream<DynamicTest> networks() throws IOException {
    return table("networks.txt");
  }

  @Tag("peer")
  @TestFactory
  Stream<DynamicTest> containerNetworks() throws IOException {
    return table("container-networks.txt");
  }

  private static Stream<DynamicTest> table(String name) throws IOException {
    try (InputStream in = EnginePeerTest.class.getResourceAsStream("/engine-peer/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .map(Snippet::of)
              .toList()
              .stream()
              .map(snippet -> DynamicTest.dynamicTest(snippet.script(), () -> compare(snippet)));
    }
  }

  private static void compare(Snippet snippet) {
    CommandResult theirs = sides.get(0).runAndClean(snippet.script());
    CommandResult mine = sides.get(1).runAndClean(snippet.script());
    assertThat(mine.code())
        .as("exit code; Docker Engine: %s; ours: %s", theirs, mine)
        .isEqualTo(theirs.code());
    assertThat(normal(mine.out())).as("stdout").isEqualTo(normal(theirs.out()));
    String words = firstLine(theirs.err());
    if (snippet.wordsChanged()) {
      assertThat(firstLine(mine.err()).isEmpty()).as("stderr: %s", mine).isEqualTo(words.isEmpty());
    } else {
      assertThat(firstLine(mine.err())).as("first line of stderr").isEqualTo(words);
    }
  }

  private static String firstLine(String text) {
    return normal(text.lines().findFirst().orElse(""));
  }

  /** What cannot be the same: ids, times, names of the runtime and the bridge, control groups. */
  private static String normal(String text) {
    return text.replaceAll("[0-9a-f]{64}", "<id>")
        .replaceAll("\\b[0-9a-f]{12}\\b", "<short id>")
        .replaceAll("\\d{4}-\\d{2}-\\d{2}T[0-9:.]+Z", "<time>")
        .replaceAll("\\b(runc|crun)\\b", "<runtime>")
        .replaceAll("\\b(docker0|taffrail0)\\b", "<bridge>")
        .replaceAll("/(docker|taffrail)/", "/<engine>/")
        // Docker Engine 28 says it since it has containerd 2.
        .replace("failed to create task for container: ", "");
  }
}
