package dev.taffrail.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process of its own. */
class TaffraildTest {
  private static final int PATIENCE_SECONDS = 60;

  @TempDir Path root;
  private final List<Process> started = new ArrayList<>();
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> seen = new ArrayList<>();
  private Path file;

  @BeforeEach
  void writeAConfiguration() throws IOException {
    file = root.resolve("daemon.json");
    Files.writeString(file, "{}");
  }

  @AfterEach
  void endWhatRuns() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void itRunsWithoutPluginsUntilSigterm() throws Exception {
    Process daemon = daemon();
    await("Taffrail runs without plugins");
    assertThat(root.resolve("run/taffraild.pid")).hasContent(Long.toString(daemon.pid()));
    signal("TERM", daemon);
    assertThat(exitCode(daemon)).isZero();
    await("Taffrail has stopped");
    assertThat(root.resolve("run/taffraild.pid")).doesNotExist();
  }

  @Test
  void sighupReadsTheFileAgainAndSigintStops() throws Exception {
    Process daemon = daemon();
    await("Taffrail runs without plugins");
    Files.writeString(file, "{\"debug\": true, \"group\": \"root\"}");
    signal("HUP", daemon);
    await("debug has changed: applied");
    await("group has changed: it needs a restart");
    Files.writeString(file, "{\"debug\": 1}");
    signal("HUP", daemon);
    await("debug must be true or false, not 1; nothing was changed");
    signal("INT", daemon);
    assertThat(exitCode(daemon)).isZero();
  }

  @Test
  void aStartAfterKillNineReplacesWhatIsStale() throws Exception {
    Process killed = daemon();
    await("Taffrail runs without plugins");
    killed.destroyForcibly().waitFor();
    Process daemon = daemon();
    await("Taffrail runs without plugins");
    assertThat(root.resolve("run/taffraild.pid")).hasContent(Long.toString(daemon.pid()));
    signal("TERM", daemon);
    assertThat(exitCode(daemon)).isZero();
  }

  @Test
  void aConfigurationThatCannotBeRightEndsItWithOne() throws Exception {
    Files.writeString(file, "{\"graph\": \"/x\"}");
    Process daemon = daemon();
    assertThat(exitCode(daemon)).isEqualTo(1);
    await("failed to start daemon: unable to configure the Taffrail daemon with file " + file);
    assertThat(root.resolve("data")).doesNotExist();
    assertThat(exitCode(daemon("--no-such-flag"))).isEqualTo(1);
  }

  @Test
  void validateAndVersionStartNothing() throws Exception {
    assertThat(exitCode(daemon("--validate"))).isZero();
    await("configuration OK");
    assertThat(exitCode(daemon("--version"))).isZero();
    await("Taffrail version " + BuildVersion.get());
    assertThat(root.resolve("data")).doesNotExist();
  }

  private Process daemon(String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                // Whoever runs the tests in the background may ignore signals, and that is
                // inherited.
                "env",
                "--default-signal=HUP,INT,TERM",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                FakeTaffraild.class.getName(),
                "--config-file",
                file.toString(),
                "--data-root",
                root.resolve("data").toString(),
                "--exec-root",
                root.resolve("run").toString()));
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    started.add(process);
    Thread reader = new Thread(() -> read(process), "output of " + process.pid());
    reader.setDaemon(true);
    reader.start();
    return process;
  }

  private void read(Process process) {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      output.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      lines.add("cannot read on: " + e);
    }
  }

  private void await(String words) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    String line;
    do {
      line = lines.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      assertThat(line).as("waiting for '%s' after %s", words, seen).isNotNull();
      seen.add(line);
    } while (!line.contains(words));
  }

  private static int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
    return process.exitValue();
  }

  private static void signal(String name, Process process) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }
}
