package dev.taffrail.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Others than the daemon die, hang or misbehave; nothing is left, and nobody else is delayed. */
class OtherDeathsTest {
  private static DaemonProcess daemon;
  private static Inspection inspection;
  private static Path directory;

  @BeforeAll
  static void start() throws IOException {
    directory = Files.createTempDirectory("taffrail-deaths");
    daemon = DaemonProcess.start("--config-file", BadRuntimes.configuration(directory).toString());
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
    inspection = new Inspection(daemon, Invariant.NOTHING_LEFT);
  }

  @AfterAll
  static void stop() {
    try {
      if (daemon != null) {
        assertThat(daemon.taffrail("verify").succeeded().out()).contains("verified");
        daemon.close();
      }
    } finally {
      Commands.run(Map.of(), new byte[0], List.of("rm", "-rf", directory.toString()));
    }
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    daemon.docker("ps", "-aq").out().lines().forEach(id -> daemon.docker("rm", "-f", id));
    inspection.settle();
  }

  private static CommandResult run(String options, String... command) {
    return daemon.docker(line("run --network none " + options + " busybox", command));
  }

  private static String[] line(String head, String... rest) {
    List<String> words = new ArrayList<>(Arrays.asList(head.strip().split(" +", -1)));
    words.addAll(Arrays.asList(rest));
    return words.toArray(String[]::new);
  }

  private static String detached(String options, String... command) {
    return run("-d " + options, command).succeeded().out().strip();
  }

  private static String inspect(String id, String format) {
    return daemon.docker("inspect", "-f", format, id).succeeded().out().strip();
  }

  private static JsonNode status(String id) throws IOException {
    return daemon.api().get("/taffrail/v1/state/containers/default/" + id).json().path("value");
  }

  private static List<String> events(String id) throws IOException {
    inspection.log().read(daemon.api());
    return inspection.log().of(id).stream()
        .map(LogBook::typeOf)
        .map(type -> type.substring("container.".length()))
        .toList();
  }

  @Test
  void aDeadMonitorEndsItsContainerWithTheTrueCode() throws Exception {
    String id = detached("", "sleep", "1000");
    kill(status(id).path("task").path("monitorPid").asLong());
    assertThat(daemon.docker("wait", id).succeeded().out()).isEqualTo("137\n");
    assertThat(events(id))
        .containsExactly(
            "created", "starting", "started", "monitor-lost", "kill-requested", "exited");
    assertThat(status(id).path("exitReason").asText()).isEqualTo("monitor_lost");
  }

  @Test
  void aContainerThatLostItsMonitorIsRestartedAsItsPolicySays() throws Exception {
    String id = detached("--restart always", "sleep", "1000");
    kill(status(id).path("task").path("monitorPid").asLong());
    await(id, "{{.RestartCount}} {{.State.Status}}", "1 running");
  }

  private static void kill(long pid) {
    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
  }

  private static void await(String id, String format, String value) throws IOException {
    boolean unused =
        new Until(format + " " + value, (api, name) -> inspect(name, format).equals(value))
            .run(daemon.api(), id, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"killed-create", "hung-create", "loud-create"})
  void aRuntimeThatFailsInCreateLeavesNothing(String runtime) throws Exception {
    startFails("--runtime " + runtime);
  }

  @ParameterizedTest
  @ValueSource(strings = {"killed-start", "hung-start", "loud-start"})
  void aRuntimeThatFailsInStartLeavesNothing(String runtime) throws Exception {
    startFails("--runtime " + runtime);
  }

  private void startFails(String options) throws Exception {
    String name = "failing";
    CommandResult failed = run("--name " + name + " " + options, "echo", "hello");
    assertThat(failed.code()).as(failed.toString()).isBetween(125, 127);
    // A megabyte of errors is told in part.
    assertThat(failed.err().length()).isBetween(40, 20_000);
    assertThat(inspect(name, "{{.State.Status}}")).isEqualTo("created");
    inspection.settle();
    daemon.docker("rm", name).succeeded();
    // With --rm it removes itself.
    assertThat(run("--rm --name " + name + " " + options, "echo", "hello").code()).isNotZero();
    assertThat(daemon.docker("ps", "-aq").out()).isBlank();
    inspection.settle();
  }

  @ParameterizedTest
  @ValueSource(strings = {"killed-delete", "hung-delete", "loud-delete"})
  void aRuntimeThatFailsInDeleteIsDoneWithout(String runtime) throws Exception {
    CommandResult result = run("--runtime " + runtime, "sh", "-c", "echo hello; exit 3");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.out()).isEqualTo("hello\n");
    inspection.settle();
    assertThat(run("--rm --runtime " + runtime, "sh", "-c", "exit 4").code()).isEqualTo(4);
    inspection.settle();
  }

  @Test
  void aMissingRuntimeIsNamed() throws Exception {
    CommandResult failed = run("--runtime missing --name none", "true");
    assertThat(failed.code()).isEqualTo(125);
    assertThat(failed.err()).contains("/no/such/runtime");
    inspection.settle();
  }

  @Test
  void aContainerWhoseRuntimeIsUninstalledEndsAllTheSame() throws Exception {
    Path script = directory.resolve("bad-runtime");
    Path away = directory.resolve("away");
    String id = detached("--runtime killed-delete", "sleep", "1000");
    Files.move(script, away);
    try {
      daemon.docker("kill", id).succeeded();
      assertThat(daemon.docker("wait", id).succeeded().out()).isEqualTo("137\n");
      inspection.settle();
    } finally {
      Files.move(away, script);
    }
  }

  @Test
  void whoHangsDelaysNobodyElse() throws Exception {
    File output = File.createTempFile("taffrail", ".out");
    Process hung =
        daemon.dockerInBackground(
            output, line("run --name hung --network none --runtime hung-create busybox true"));
    try {
      boolean unused =
          new Until("start", (api, name) -> api.get("/containers/hung/json").status() == 200)
              .run(daemon.api(), "hung", false);
      assertThat(run("--rm", "echo", "free").succeeded().out()).isEqualTo("free\n");
      assertThat(daemon.docker("ps", "-a").succeeded().out()).contains("hung");
      assertThat(inspect("hung", "{{.State.Status}}")).isEqualTo("created");
      assertThat(hung.isAlive()).as("the start still hangs").isTrue();
    } finally {
      assertThat(hung.waitFor(60, TimeUnit.SECONDS)).isTrue();
      Files.delete(output.toPath());
    }
    inspection.settle();
  }

  @Test
  void whoHangsDelaysNobodyWhenTheDaemonStarts() throws Exception {
    File output = File.createTempFile("taffrail", ".out");
    String ends = detached("", "sh", "-c", "sleep 1; exit 6");
    String always = detached("--restart always", "sleep", "1000");
    Process hung =
        daemon.dockerInBackground(
            output, line("run --name hung --network none --runtime hung-create busybox true"));
    try {
      boolean unused =
          new Until(
                  "monitor of the hung container",
                  (api, name) ->
                      daemon.docker("ps", "-aqf", "name=hung").out().length() > 1
                          && Files.exists(bundle("hung").resolve("conmon-pidfile")))
              .run(daemon.api(), "hung", false);
      daemon.kill();
      assertThat(hung.waitFor(60, TimeUnit.SECONDS)).isTrue();
      daemon.restart();
      assertThat(daemon.docker("ps", "-q", "--no-trunc").succeeded().out()).contains(always);
      assertThat(daemon.docker("wait", ends).succeeded().out()).isEqualTo("6\n");
      // The runtime that hangs is ended, and the start with it.
      await("hung", "{{.State.Status}} {{.State.ExitCode}}", "created 128");
    } finally {
      Files.delete(output.toPath());
    }
    daemon.docker("rm", "-f", always).succeeded();
    inspection.settle();
  }

  private static Path bundle(String name) {
    return daemon.execRoot().resolve("task.conmon").resolve(inspect(name, "{{.Id}}"));
  }

  @Test
  void aContainerForksUntilItsLimit() throws Exception {
    String id =
        detached(
            "--pids-limit 20 --name bomb",
            "sh",
            "-c",
            "sh -c 'while :; do sleep 1000 & done'; exec sleep 1000");
    boolean unused =
        new Until("as many processes as allowed", (api, name) -> processesOf(id) >= 19)
            .run(daemon.api(), id, false);
    assertThat(run("--rm", "echo", "free").succeeded().out()).isEqualTo("free\n");
    daemon.docker("kill", id).succeeded();
    assertThat(daemon.docker("wait", id).succeeded().out()).isEqualTo("137\n");
    inspection.settle();
  }

  private static long processesOf(String id) throws IOException {
    String cgroup = status(id).path("task").path("cgroup").asText();
    try (Stream<Path> roots = Files.list(Path.of("/sys/fs/cgroup"))) {
      for (Path root : (Iterable<Path>) roots::iterator) {
        Path group = root.resolve(cgroup.substring(1)).resolve("cgroup.procs");
        if (Files.exists(group)) {
          return Files.readAllLines(group).size();
        }
      }
    }
    return 0;
  }

  @Test
  void containersOutliveADaemonThatIsToldToEnd() throws Exception {
    String id =
        detached("", "sh", "-c", "trap 'echo bye; exit 8' TERM; echo hello; sleep 1000 & wait");
    String pid = inspect(id, "{{.State.Pid}}");
    assertThat(daemon.stop()).isZero();
    assertThat(ProcessHandle.of(Long.parseLong(pid))).isPresent();
    daemon.restart();
    assertThat(inspect(id, "{{.State.Status}} {{.State.Pid}}")).isEqualTo("running " + pid);
    daemon.docker("stop", id).succeeded();
    assertThat(daemon.docker("logs", id).succeeded().out()).isEqualTo("hello\nbye\n");
    assertThat(inspect(id, "{{.State.ExitCode}}")).isEqualTo("8");
    assertThat(events(id))
        .containsExactly("created", "starting", "started", "stop-requested", "exited");
  }
}
