package dev.taffrail.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The real docker command against the API over fakes. */
@Timeout(60)
@EnabledIf(
    value = "dockerIsInstalled",
    disabledReason = "There is no docker command on the path of this machine")
class DockerCommandTest {
  @TempDir Path directory;
  private Daemon daemon;

  static boolean dockerIsInstalled() {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(entry -> Files.isExecutable(Path.of(entry, "docker")));
  }

  @BeforeEach
  void start() throws Exception {
    daemon = new Daemon(directory);
  }

  @AfterEach
  void stop() throws Exception {
    daemon.close();
  }

  private record Result(int code, String out, String err) {}

  private Result docker(String... arguments) throws Exception {
    return dockerWithInput("", arguments);
  }

  private Result dockerWithInput(String input, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    Path in = Files.writeString(Files.createTempFile(directory, "in", ""), input);
    Path out = Files.createTempFile(directory, "out", "");
    Path err = Files.createTempFile(directory, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("DOCKER_HOST", "unix://" + daemon.socket);
    builder.environment().put("DOCKER_CONFIG", directory.resolve("config").toString());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(30, SECONDS)).as("docker %s ends", command).isTrue();
      return new Result(process.exitValue(), text(out), text(err));
    } finally {
      process.destroyForcibly();
    }
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, UTF_8);
  }

  @Test
  void versionNamesTheProduct() throws Exception {
    Result result = docker("version");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("Taffrail 0.1.0").contains("1.50 (minimum version 1.24)");
  }

  @Test
  void infoShowsTheWarningsOfTheLog() throws Exception {
    Result result = docker("info");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("Storage Driver: overlay").contains("Swarm: inactive");
    assertThat(result.err()).contains("lost 3 to 5").contains("relaxed mode");
  }

  @Test
  void runShowsOutputAndExitCode() throws Exception {
    Result echo = docker("run", "--rm", "busybox", "echo", "ahoy");
    assertThat(echo).isEqualTo(new Result(0, "ahoy\n", ""));
    Result fail = docker("run", "busybox", "fail", "leak");
    assertThat(fail).isEqualTo(new Result(7, "", "leak\n"));
    assertThat(docker("ps", "-a", "--format", "{{.Status}}").out())
        .startsWith("Exited (7) Less than a second ago");
  }

  @Test
  void runKeepsOutputThatComesAfterTheEndOfInput() throws Exception {
    Result result = dockerWithInput("one\ntwo\n", "run", "--rm", "-i", "busybox", "cat");
    assertThat(result).isEqualTo(new Result(0, "one\ntwo\nlate\n", ""));
  }

  @Test
  void runTakesFiveMegabytesIn() throws Exception {
    String input = "0123456789abcde\n".repeat(5 * 1024 * 64);
    Result result = dockerWithInput(input, "run", "--rm", "-i", "busybox", "cat");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).isEqualTo(input + "late\n");
  }

  @Test
  void runGivesTwentyMegabytesOut() throws Exception {
    Result result = docker("run", "--rm", "busybox", "flood", "20000000");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).hasSize(20_000_000);
  }

  @Test
  void runOfWhatCannotBeStartedEndsWith127() throws Exception {
    Result result = docker("run", "--rm", "busybox", "broken");
    assertThat(result.code()).isEqualTo(127);
    assertThat(result.err()).contains("executable file not found");
  }

  @Test
  void runOfAMissingImageSaysThatThereAreNoRegistries() throws Exception {
    Result result = docker("run", "nosuch", "true");
    assertThat(result.code()).isEqualTo(125);
    assertThat(result.err())
        .contains("pull access denied for nosuch: Taffrail does not pull from registries yet");
  }

  @Test
  void runNamesTheOptionThatIsNotSupported() throws Exception {
    assertThat(docker("run", "--init", "busybox", "echo", "x"))
        .isEqualTo(
            new Result(
                125,
                "",
                "docker: Error response from daemon: Taffrail does not support"
                    + " HostConfig.Init yet\n\nRun 'docker run --help' for more"
                    + " information\n"));
    assertThat(docker("create", "--health-cmd", "x", "busybox", "x").err()).contains("Healthcheck");
  }

  @Test
  void restartPoliciesAreKept() throws Exception {
    String id = docker("create", "--restart", "on-failure:3", "busybox", "x").out().strip();
    assertThat(docker("inspect", "-f", "{{json .HostConfig.RestartPolicy}}", id).out())
        .isEqualTo("{\"Name\":\"on-failure\",\"MaximumRetryCount\":3}\n");
  }

  @Test
  void detachedContainersAreListedFollowedStoppedAndRemoved() throws Exception {
    String id = docker("run", "-d", "--name", "c1", "-l", "a=b", "busybox", "wait").out().strip();
    assertThat(id).hasSize(64);
    assertThat(docker("ps", "-q", "--no-trunc", "--filter", "label=a=b").out().strip())
        .isEqualTo(id);
    assertThat(docker("inspect", "-f", "{{.State.Pid}} {{.Name}}", "c1").out())
        .isEqualTo("4711 /c1\n");
    assertThat(docker("stop", "c1").out()).isEqualTo("c1\n");
    assertThat(docker("wait", "c1").out()).isEqualTo("143\n");
    assertThat(docker("rm", "c1").out()).isEqualTo("c1\n");
    assertThat(docker("inspect", "c1").err()).contains("No such object: c1");
  }

  @Test
  void logsShowsBothStreams() throws Exception {
    docker("run", "--name", "c1", "busybox", "fail", "leak");
    assertThat(docker("logs", "c1")).isEqualTo(new Result(0, "", "leak\n"));
    assertThat(docker("logs", "-f", "-t", "c1").err())
        .isEqualTo("2026-01-02T03:04:05.006000000Z leak\n");
  }

  @Test
  void startAttachesBeforeTheContainerRuns() throws Exception {
    docker("create", "--name", "c1", "busybox", "echo", "ahoy");
    assertThat(docker("start", "-a", "c1")).isEqualTo(new Result(0, "ahoy\n", ""));
    assertThat(docker("start", "-a", "c1")).isEqualTo(new Result(0, "ahoy\n", ""));
  }

  @Test
  void eventsAreReplayedInDockersWords() throws Exception {
    docker("run", "--rm", "--name", "c1", "busybox", "fail", "leak");
    // The command sends whole seconds, so the end lies ahead: the replay goes on live until then.
    String until = Long.toString(java.time.Instant.now().getEpochSecond() + 1);
    Result result =
        docker("events", "--since", "10m", "--until", until, "--format", "{{.Type}} {{.Action}}");
    assertThat(result.out())
        .isEqualTo(
            """
            container create
            network connect
            container start
            container die
            network disconnect
            container destroy
            """);
  }

  @Test
  void imagesAreListedImportedAndRemoved() throws Exception {
    // The docker command goes through a map, in no order.
    assertThat(docker("images", "--format", "{{.Repository}}:{{.Tag}}").out().lines())
        .containsExactlyInAnyOrder("busybox:latest", "localhost:5000/a/b:1");
    assertThat(docker("images", "-q", "--filter", "reference=busy*").out().lines()).hasSize(1);
    Result imported =
        dockerWithInput("x".repeat(3_000_000), "import", "-c", "CMD sh", "-", "me/it:1");
    assertThat(imported.out().strip()).isEqualTo(FakeImages.ID.toString());
    assertThat(daemon.images.imported).hasValue(3_000_000);
    assertThat(daemon.images.imports.get(0).reference().orElseThrow())
        .hasToString("docker.io/me/it:1");
    Result refused = dockerWithInput("x".repeat(3_000_000), "import", "-c", "BREAK", "-", "me/it");
    assertThat(refused.err()).contains("BREAK is not a valid change command");
    assertThat(docker("rmi", "busybox").out())
        .isEqualTo("Untagged: busybox:latest\nDeleted: " + FakeImages.ID + "\n");
  }

  @Test
  void networksAreMadeUsedShownAndRemoved() throws Exception {
    Result made =
        docker(
            "network",
            "create",
            "--subnet",
            "10.7.0.0/16",
            "--gateway",
            "10.7.0.1",
            "--label",
            "a=b",
            "back");
    assertThat(made.out().strip()).hasSize(64);
    assertThat(docker("network", "ls", "--format", "{{.Name}} {{.Driver}}").out())
        .isEqualTo("back bridge\nbridge bridge\nhost host\nnone null\n");
    Result run =
        docker(
            "run",
            "-d",
            "--name",
            "web",
            "--network",
            "back",
            "--ip",
            "10.7.0.9",
            "--network-alias",
            "www",
            "-p",
            "127.0.0.1:8080:80",
            "-p",
            "53/udp",
            "busybox",
            "wait");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(docker("port", "web").out())
        .isEqualTo("53/udp -> 0.0.0.0:32768\n80/tcp -> 127.0.0.1:8080\n");
    assertThat(docker("ps", "--format", "{{.Ports}} {{.Networks}}").out())
        .isEqualTo("0.0.0.0:32768->53/udp, 127.0.0.1:8080->80/tcp back\n");
    assertThat(docker("inspect", "-f", "{{.NetworkSettings.Networks.back.IPAddress}}", "web").out())
        .isEqualTo("10.7.0.9\n");
    assertThat(
            docker(
                    "network",
                    "inspect",
                    "-f",
                    "{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}",
                    "back")
                .out())
        .isEqualTo("web 10.7.0.9/16\n");
    assertThat(docker("network", "connect", "--alias", "x", "bridge", "web").err())
        .contains("network-scoped alias is supported only for containers in user defined networks");
    assertThat(docker("network", "connect", "bridge", "web").code()).isZero();
    // The docker command has them in no order.
    assertThat(docker("ps", "--format", "{{.Networks}}", "--filter", "network=bridge").out())
        .isIn("back,bridge\n", "bridge,back\n");
    assertThat(docker("network", "disconnect", "bridge", "web").code()).isZero();
    assertThat(docker("network", "rm", "back").err()).contains("network back has active endpoints");
    assertThat(docker("rm", "-f", "web").code()).isZero();
    assertThat(docker("network", "prune", "-f").out()).contains("Deleted Networks:\nback\n");
    assertThat(docker("network", "rm", "back").err()).contains("network back not found");
  }

  @Test
  void thereAreNoVolumes() throws Exception {
    assertThat(docker("network", "inspect", "none").code()).isZero();
    assertThat(docker("volume", "ls", "-q").out()).isEmpty();
    assertThat(docker("inspect", "nosuch").err()).contains("No such object: nosuch");
  }
}
