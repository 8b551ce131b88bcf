package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The unmodified docker command against a real daemon and real containers. */
class DockerCommandTest {
  private static final String[] NONE = {"--network", "none", "busybox"};
  private static DaemonProcess daemon;

  @BeforeAll
  static void start() {
    daemon = DaemonProcess.start();
    System.out.println(daemon.docker("version").out());
    CommandResult imported =
        daemon.docker(
            BusyboxImage.tar(), "import", "--change", "CMD [\"echo\",\"default\"]", "-", "busybox");
    assertThat(imported.succeeded().out()).startsWith("sha256:");
  }

  @AfterAll
  static void stop() {
    if (daemon != null) {
      assertThat(daemon.taffrail("verify", "--full").succeeded().out()).contains("verified");
      daemon.close();
    }
  }

  private static CommandResult run(String... command) {
    return run(new byte[0], new String[0], command);
  }

  private static CommandResult run(byte[] input, String[] options, String... command) {
    return daemon.docker(input, words(words(new String[] {"run", "--rm"}, options), NONE, command));
  }

  private static String[] words(String[]... parts) {
    return Arrays.stream(parts).flatMap(Arrays::stream).toArray(String[]::new);
  }

  private static String detached(String... command) {
    return daemon
        .docker(words(new String[] {"run", "-d"}, NONE, command))
        .succeeded()
        .out()
        .strip();
  }

  private static String inspect(String id, String format) {
    return daemon.docker("inspect", "-f", format, id).succeeded().out().strip();
  }

  @Test
  void imagesListsWhatWasImported() {
    assertThat(daemon.docker("images").succeeded().out()).contains("busybox").contains("latest");
    String id = inspect("busybox", "{{.Id}}");
    assertThat(id).startsWith("sha256:");
    assertThat(inspect("busybox", "{{.Config.Cmd}}")).isEqualTo("[echo default]");
  }

  @Test
  void anImageInUseStaysAndOneNotInUseGoes() {
    daemon.docker(BusyboxImage.tar(), "import", "-", "spare:1").succeeded();
    assertThat(daemon.docker("rmi", "spare:1").succeeded().out()).contains("spare:1");
    assertThat(daemon.docker("images", "-q", "spare").out()).isBlank();
  }

  @Test
  void runPrintsAndEndsWithTheContainersCode() {
    assertThat(run("echo", "hello").succeeded().out()).isEqualTo("hello\n");
    assertThat(run().succeeded().out()).isEqualTo("default\n");
    assertThat(run("sh", "-c", "exit 7").code()).isEqualTo(7);
    CommandResult both = run("sh", "-c", "echo out; echo err >&2");
    assertThat(both.out()).isEqualTo("out\n");
    assertThat(both.err()).endsWith("err\n");
  }

  @Test
  void aMissingCommandIs127AndOneThatIsNoProgram126() {
    CommandResult missing = run("nope");
    assertThat(missing.code()).isEqualTo(127);
    assertThat(missing.err())
        .contains(
            "failed to create task for container: failed to create shim task: OCI runtime create"
                + " failed: crun create failed: unable to start container process: exec: \"nope\":"
                + " executable file not found in $PATH: unknown")
        .doesNotContain("unknown: failed")
        .startsWith("docker: Error response from daemon: ")
        .doesNotContain("Error waiting");
    CommandResult notExecutable = run("/etc/notexec");
    assertThat(notExecutable.code()).isEqualTo(126);
    assertThat(notExecutable.err()).contains("permission denied");
  }

  @Test
  void fiveMegabytesGoIn() {
    byte[] input = new byte[5_000_000];
    new Random(1).nextBytes(input);
    CommandResult counted = run(input, new String[] {"-i"}, "wc", "-c");
    assertThat(counted.succeeded().out().strip()).isEqualTo("5000000");
  }

  @Test
  void twentyMegabytesComeOut() {
    CommandResult zeros = run("head", "-c", "20000000", "/dev/zero");
    assertThat(zeros.succeeded().bytes()).hasSize(20_000_000).containsOnly((byte) 0);
  }

  @Test
  void theEndOfStdinReachesTheContainer() {
    CommandResult echoed = run("x\n".getBytes(StandardCharsets.UTF_8), new String[] {"-i"}, "cat");
    assertThat(echoed.succeeded().out()).isEqualTo("x\n");
  }

  @Test
  void theLogIsFollowedToTheEndOfTheContainer() throws Exception {
    String id = detached("sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done");
    assertThat(daemon.docker("logs", "-f", id).succeeded().out()).isEqualTo("1\n2\n3\n");
    assertThat(daemon.docker("logs", "--tail", "1", id).succeeded().out()).isEqualTo("3\n");
    assertThat(daemon.docker("logs", "-t", id).succeeded().out())
        .matches("(?s)\\d{4}-\\d\\d-\\d\\dT\\S+Z 1\n.*");
    assertThat(daemon.docker("wait", id).succeeded().out()).isEqualTo("0\n");
  }

  @Test
  void stopSendsTermAndThenKill() {
    String polite = detached("sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.05; done");
    daemon.docker("stop", polite).succeeded();
    assertThat(inspect(polite, "{{.State.ExitCode}} {{.State.Status}}")).isEqualTo("3 exited");
    String deaf = detached("sh", "-c", "trap '' TERM; while :; do sleep 0.05; done");
    daemon.docker("stop", "-t", "1", deaf).succeeded();
    assertThat(inspect(deaf, "{{.State.ExitCode}}")).isEqualTo("137");
  }

  @Test
  void killRemoveAndWaitActOnTheRunningContainer() {
    String id = detached("sleep", "1000");
    assertThat(inspect(id, "{{.State.Running}}")).isEqualTo("true");
    assertThat(daemon.docker("rm", id).err()).contains("container is running");
    daemon.docker("kill", "-s", "KILL", id).succeeded();
    assertThat(daemon.docker("wait", id).succeeded().out()).isEqualTo("137\n");
    assertThat(daemon.docker("ps", "-a", "--filter", "id=" + id).out()).contains("Exited (137)");
    daemon.docker("rm", id).succeeded();
    String second = detached("sleep", "1000");
    daemon.docker("rm", "-f", second).succeeded();
    assertThat(daemon.docker("inspect", second).code()).isEqualTo(1);
  }

  @Test
  void aNameIsGivenOnce() {
    String id =
        daemon
            .docker(words(new String[] {"create", "--name", "argo"}, NONE, new String[] {"true"}))
            .succeeded()
            .out();
    CommandResult second = daemon.docker(words(new String[] {"create", "--name", "argo"}, NONE));
    assertThat(second.err()).contains("Conflict. The container name \"/argo\" is already in use");
    daemon.docker("rm", id.strip()).succeeded();
  }

  @Test
  void eventsTellWhatHappened() {
    long before = System.currentTimeMillis() / 1000 - 1;
    run("true").succeeded();
    long after = System.currentTimeMillis() / 1000 + 1;
    String events =
        daemon
            .docker("events", "--since", Long.toString(before), "--until", Long.toString(after))
            .succeeded()
            .out();
    assertThat(events)
        .contains("container create")
        .contains("container start")
        .contains("container die")
        .contains("container destroy");
  }

  @Test
  void containersAreOnTheDefaultBridge() {
    CommandResult unnamed = daemon.docker("run", "--rm", "busybox", "ip", "-4", "-o", "addr");
    assertThat(unnamed.succeeded().out()).contains(" eth0 ").contains("inet 172.17.0.");
    assertThat(unnamed.err()).isEmpty();
    CommandResult named = daemon.docker("run", "--rm", "--network", "bridge", "busybox", "ip", "r");
    assertThat(named.succeeded().out()).startsWith("default via 172.17.0.1 dev eth0");
  }

  @Test
  void theHostsNetworkIsThere() {
    CommandResult host = daemon.docker("run", "--rm", "--network", "host", "busybox", "hostname");
    assertThat(host.succeeded().out()).isNotBlank();
  }

  @Test
  void attachedClientsSeeTheOutputWhileItComes() throws IOException, InterruptedException {
    File output = File.createTempFile("taffrail", ".out");
    try {
      Process client =
          daemon.dockerInBackground(
              output,
              words(
                  new String[] {"run", "--rm"},
                  NONE,
                  new String[] {"sh", "-c", "echo first; sleep 0.3; echo second"}));
      assertThat(client.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(output.toPath())).isEqualTo("first\nsecond\n");
    } finally {
      Files.delete(output.toPath());
    }
  }
}
