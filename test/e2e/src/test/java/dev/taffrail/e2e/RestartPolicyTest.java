package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.testkit.daemon.ApiClient;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * {@code docker run --restart}, {@code docker restart}, and what the daemon's death does to them.
 */
class RestartPolicyTest {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static DaemonProcess daemon;

  @BeforeAll
  static void start() {
    daemon = DaemonProcess.start();
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
  }

  @AfterAll
  static void stop() {
    if (daemon != null) {
      assertThat(daemon.taffrail("verify").succeeded().out()).contains("verified");
      daemon.close();
    }
  }

  private static String run(String options, String script) {
    List<String> words = new ArrayList<>(List.of("run", "-d", "--network", "none"));
    words.addAll(Arrays.asList(options.split(" +", -1)));
    words.addAll(List.of("busybox", "sh", "-c", script));
    return daemon.docker(words.toArray(String[]::new)).succeeded().out().strip();
  }

  private static String inspect(String id, String format) {
    return daemon.docker("inspect", "-f", format, id).succeeded().out().strip();
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private static int restarts(String id) {
    return Integer.parseInt(inspect(id, "{{.RestartCount}}"));
  }

  private static List<JsonNode> events(String id) {
    try {
      return daemon.api().get("/taffrail/v1/events?subject=default/containers/" + id).lines();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<JsonNode> events(String id, String type) {
    return events(id).stream()
        .filter(event -> event.path("type").asText().contains("." + type + "."))
        .toList();
  }

  private static String phase(JsonNode event, String id) {
    try {
      return daemon
          .api()
          .get(
              "/taffrail/v1/state/containers/default/"
                  + id
                  + "?at="
                  + event.path("cursor").asText())
          .json()
          .path("value")
          .path("phase")
          .asText();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void alwaysIsNeverSeenAsExited() {
    String id = run("--restart always", "echo run; exit 3");
    Set<String> seen = new TreeSet<>();
    await(
        "three restarts",
        () -> {
          seen.add(inspect(id, "{{.State.Status}}"));
          return restarts(id) >= 3;
        });
    assertThat(seen).isSubsetOf("running", "restarting");
    daemon.docker("stop", "-t", "0", id).succeeded();
    assertThat(inspect(id, "{{.State.Status}}")).isEqualTo("exited");
    // Not only when somebody looked: at no moment in its history.
    Set<String> phases =
        events(id).stream()
            .dropWhile(event -> !event.path("type").asText().contains(".started."))
            .takeWhile(event -> !event.path("type").asText().contains(".stop-requested."))
            .map(event -> phase(event, id))
            .collect(Collectors.toSet());
    assertThat(phases).isSubsetOf("running", "restarting", "starting");
    List<JsonNode> exits = events(id, "exited");
    assertThat(
            exits.stream()
                .limit(3)
                .map(exit -> exit.path("data").path("restart").path("delayMillis").asLong()))
        .containsExactly(100L, 200L, 400L);
    // Every run's output, in one log.
    assertThat(daemon.docker("logs", id).succeeded().out())
        .isEqualTo("run\n".repeat(events(id, "started").size()));
    daemon.docker("rm", id).succeeded();
  }

  @Test
  void onFailureCountsItsRetries() {
    String id = run("--restart on-failure:2", "exit 5");
    await("the last run", () -> inspect(id, "{{.State.Status}}").equals("exited"));
    assertThat(inspect(id, "{{.RestartCount}} {{.State.ExitCode}}")).isEqualTo("2 5");
    assertThat(events(id, "exited")).hasSize(3);
    String well = run("--restart on-failure", "exit 0");
    assertThat(daemon.docker("wait", well).succeeded().out()).isEqualTo("0\n");
    assertThat(inspect(well, "{{.State.Status}} {{.RestartCount}}")).isEqualTo("exited 0");
    // A start by a client counts anew.
    daemon.docker("start", id).succeeded();
    await("the last run", () -> inspect(id, "{{.State.Status}}").equals("exited"));
    assertThat(inspect(id, "{{.RestartCount}}")).isEqualTo("2");
    daemon.docker("rm", id, well).succeeded();
  }

  @Test
  void aStopInTheBackOffIsHeard() {
    String id = run("--restart always", "exit 1");
    await(
        "a long back-off",
        () -> restarts(id) >= 3 && inspect(id, "{{.State.Status}}").equals("restarting"));
    daemon.docker("stop", id).succeeded();
    assertThat(inspect(id, "{{.State.Status}} {{.State.ExitCode}}")).isEqualTo("exited 1");
    int runs = events(id, "starting").size();
    daemon.docker("start", id).succeeded();
    assertThat(events(id, "starting").size()).isGreaterThan(runs);
    daemon.docker("rm", "-f", id).succeeded();
  }

  @Test
  void waitAnswersAtTheEndOfARun() {
    String id = run("--restart always", "sleep 0.2; exit 4");
    assertThat(daemon.docker("wait", id).succeeded().out()).isEqualTo("4\n");
    await("the next run", () -> restarts(id) >= 1);
    daemon.docker("rm", "-f", id).succeeded();
  }

  @Test
  void aContainerThatRemovesItselfHasNoPolicy() throws IOException {
    CommandResult refused =
        daemon.docker("run", "--rm", "--restart", "always", "--network", "none", "busybox", "true");
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.err()).contains("--restart and --rm");
    String body =
        "{\"Image\":\"busybox\",\"HostConfig\":{\"NetworkMode\":\"none\",\"AutoRemove\":true,"
            + "\"RestartPolicy\":{\"Name\":\"always\"}}}";
    ApiClient.Answer answer =
        daemon.api().send("POST", "/containers/create", body.getBytes(StandardCharsets.UTF_8));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("can't create 'AutoRemove' container with restart policy");
  }

  @Test
  void anUpdateChangesThePolicy() {
    String id = run("--restart always", "exit 1");
    await("a restart", () -> restarts(id) >= 1);
    daemon.docker("update", "--restart", "on-failure:3", id).succeeded();
    assertThat(inspect(id, "{{.HostConfig.RestartPolicy}}")).isEqualTo("{on-failure 3}");
    await("the last run", () -> inspect(id, "{{.State.Status}}").equals("exited"));
    assertThat(restarts(id)).isEqualTo(3);
    CommandResult memory = daemon.docker("update", "--memory", "64m", id);
    assertThat(memory.code()).isEqualTo(1);
    assertThat(memory.err()).contains("Taffrail does not support Memory yet");
    daemon.docker("rm", id).succeeded();
  }

  @Test
  void restartEndsAndStarts() {
    long before = System.currentTimeMillis() / 1000 - 1;
    String id = run("--name again", "trap 'exit 0' TERM; echo run; sleep 1000 & wait");
    String pid = inspect(id, "{{.State.Pid}}");
    daemon.docker("restart", "again").succeeded();
    assertThat(inspect(id, "{{.State.Status}} {{.RestartCount}}")).isEqualTo("running 0");
    assertThat(inspect(id, "{{.State.Pid}}")).isNotEqualTo(pid);
    assertThat(events(id, "exited")).hasSize(1);
    String actions =
        daemon
            .docker(
                "events",
                "--since",
                Long.toString(before),
                "--until",
                Long.toString(System.currentTimeMillis() / 1000 + 1),
                "--filter",
                "container=" + id,
                "--format",
                "{{.Action}}")
            .succeeded()
            .out();
    assertThat(actions).isEqualTo("create\nstart\nkill\ndie\nstop\nstart\nrestart\n");
    daemon.docker("stop", "-t", "0", id).succeeded();
    // Of one that does not run it is a start.
    daemon.docker("restart", id).succeeded();
    assertThat(inspect(id, "{{.State.Status}}")).isEqualTo("running");
    daemon.docker("rm", "-f", id).succeeded();
  }

  @Test
  void theDaemonsRestartStartsWhatShouldRun() {
    String always = run("--restart always", "sleep 1000");
    String stopped = run("--restart unless-stopped", "sleep 1000");
    String killed = run("--restart unless-stopped", "sleep 1000");
    String looping = run("--restart unless-stopped", "exit 2");
    daemon.docker("stop", "-t", "0", always, stopped).succeeded();
    daemon.docker("kill", killed).succeeded();
    daemon.docker("wait", killed).succeeded();
    await("a back-off", () -> restarts(looping) >= 2);
    daemon.kill();
    daemon.restart();
    await("always runs", () -> inspect(always, "{{.State.Status}}").equals("running"));
    int runs = restarts(looping);
    await("the loop goes on", () -> restarts(looping) > runs);
    assertThat(inspect(stopped, "{{.State.Status}}")).isEqualTo("exited");
    assertThat(inspect(killed, "{{.State.Status}}")).isEqualTo("exited");
    daemon.docker("rm", "-f", always, stopped, killed, looping).succeeded();
  }
}
