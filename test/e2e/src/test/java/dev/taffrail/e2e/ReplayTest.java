package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of a real daemon replayed, bisected and drawn by the packaged command. */
class ReplayTest {
  private static final String[] NONE = {"--network", "none", "busybox"};
  private static DaemonProcess daemon;

  @TempDir Path directory;

  @BeforeAll
  static void aContainerIsKilled() {
    daemon = DaemonProcess.start();
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
    docker("run", "-d", "--name", "web").with("sleep", "1000");
    docker("run", "--rm").with("true");
    daemon.docker("kill", "web").succeeded();
    daemon.docker("wait", "web").succeeded();
    docker("create", "--name", "db").with("true");
  }

  @AfterAll
  static void stop() {
    if (daemon != null) {
      daemon.close();
    }
  }

  /** A docker command with the image and network of all. */
  private record Docker(List<String> words) {
    void with(String... command) {
      List<String> all = new ArrayList<>(words);
      all.addAll(List.of(NONE));
      all.addAll(List.of(command));
      daemon.docker(all.toArray(new String[0])).succeeded();
    }
  }

  private static Docker docker(String... words) {
    return new Docker(List.of(words));
  }

  private static CommandResult shell(String script) {
    return Commands.run(
        Map.of(
            "TAFFRAIL_HOST",
            daemon.host(),
            "PATH",
            System.getProperty("taffrail.home") + "/bin:" + System.getenv("PATH")),
        new byte[0],
        List.of("bash", "-c", script));
  }

  private static String cursorOfExit() {
    String line =
        daemon
            .taffrail("replay", "--quiet", "--until", "named.web.exitCode == 137")
            .succeeded()
            .out();
    assertThat(line).matches("(?s)at 1-\\d+ after \\d+ events: .* holds\nstate [0-9a-f]{64}\n");
    return line.split(" ", 3)[1];
  }

  @Test
  void aLiveLogIsReplayedToTheStateThatTheDaemonHas() {
    String exit = cursorOfExit();
    CommandResult watched =
        daemon.taffrail("replay", "-q", "--to", exit, "--watch", "named.web.phase").succeeded();
    assertThat(watched.out())
        .containsSubsequence("\"created\"", "\"starting\"", "\"running\"", exit, "\"exited\"");
    CommandResult from =
        daemon.taffrail("replay", "-q", "--from", exit, "--watch", "size(state.containers)");
    assertThat(from.succeeded().out()).startsWith(exit + " size(state.containers) = 1\n");
  }

  @Test
  void bisectNamesTheEventThatTheReplayStopsAt() {
    String exit = cursorOfExit();
    String started =
        daemon
            .taffrail("replay", "-q", "--until", "named.web.phase == 'running'")
            .succeeded()
            .out()
            .split(" ", 3)[1];
    String expression = "named.web.phase == 'running'";
    assertThat(
            daemon
                .taffrail("bisect", "--good", started, "--bad", exit, "--expr", expression)
                .succeeded()
                .out())
        .startsWith(exit + " is the first bad event")
        .contains("dev.taffrail.container.exited.v1 default/containers/")
        .containsPattern("exitCode: 0 (->|→) 137");
    assertThat(
            daemon
                .taffrail(
                    "bisect",
                    "--good",
                    started,
                    "--bad",
                    "head",
                    "--run",
                    "grep -q '\"phase\":\"running\"' && test -n \"$TAFFRAIL_HOST\"")
                .succeeded()
                .out())
        .startsWith(exit + " is the first bad event");
  }

  @Test
  void aScriptStepsThroughTheLiveLog() {
    String exit = cursorOfExit();
    CommandResult stepped =
        shell(
            "printf 'g "
                + exit
                + "\\nv before.containers == state.containers\\np\\nv named.web.phase\\n'"
                + " | taffrail replay --step");
    assertThat(stepped.succeeded().out())
        .contains(exit + " ", "\nfalse\nundone " + exit, "\n\"running\"\n");
  }

  @Test
  void theTimelineShowsTheKill() {
    CommandResult drawn = shell("COLUMNS=100 LC_ALL=C taffrail timeline --scale event");
    assertThat(drawn.succeeded().out()).containsPattern("web +[0-9a-f]{12} o[.>-]+=+x137");
    assertThat(daemon.taffrail("timeline", "web").succeeded().out())
        .contains("kill-requested signal=SIGKILL")
        .contains("by docker kill web (uid 0, pid ")
        .contains("exited exit.code=137");
  }

  @Test
  void aReaderThatLeavesIsNoFailureThatIsTold() {
    CommandResult cut =
        shell("set -o pipefail; for i in 1 2 3; do taffrail replay --json; done | head -c 100");
    assertThat(cut.err()).isEmpty();
    assertThat(cut.out()).hasSize(100);
  }

  @Test
  void coloursAreForTerminalsOnly() {
    String plain = shell("TERM=xterm taffrail timeline web").succeeded().out();
    assertThat(plain).doesNotContain("\u001b[");
    // script(1) runs a command on a terminal of its own.
    String terminal = "script -qec 'taffrail timeline web' /dev/null </dev/null";
    assertThat(shell("TERM=xterm NO_COLOR= " + terminal).out()).contains("\u001b[");
    assertThat(shell("TERM=xterm NO_COLOR=1 " + terminal).out()).doesNotContain("\u001b[");
    assertThat(shell("TERM=dumb " + terminal).out()).doesNotContain("\u001b[");
  }

  @Test
  void bashCompletesThePackagedCommand() {
    CommandResult completed =
        shell(
            "source <(taffrail completion bash); compopt() { :; }; COMP_WORDS=(taffrail bi);"
                + " COMP_CWORD=1; _complete_taffrail; echo ${COMPREPLY[*]}");
    assertThat(completed.succeeded().out()).isEqualTo("bisect\n");
  }

  @Test
  void aStoppedLogIsReadAsTheLiveOneWasAndWithoutRoot() throws IOException {
    String live = daemon.taffrail("replay", "--json").succeeded().out();
    Path copy = directory.resolve("data");
    daemon.stop();
    try {
      copy(daemon.dataRoot().resolve("log"), copy.resolve("log"));
    } finally {
      daemon.restart();
    }
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    CommandResult stopped =
        shell(
            "setpriv --reuid 65534 --regid 65534 --clear-groups taffrail replay --json --data-root "
                + copy);
    List<String> lines = new ArrayList<>(stopped.succeeded().out().lines().toList());
    // The daemon told of its stop; the rest is the same, to the last byte.
    assertThat(lines.get(lines.size() - 2)).contains("dev.taffrail.daemon.stopped.v1");
    List<String> before = live.lines().toList();
    assertThat(lines.subList(0, before.size() - 1)).isEqualTo(before.subList(0, before.size() - 1));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
          Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        } else {
          Files.copy(file, target);
          Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));
        }
      }
    }
    Files.setPosixFilePermissions(to.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** The replay of first-party events is the same in other places and other JVMs. */
  @Test
  void theStateIsTheSameInEveryPlace() throws IOException {
    String script = "taffrail replay --quiet --to " + cursorOfExit();
    String here = shell(script).succeeded().out();
    assertThat(
            shell(
                    "TZ=Asia/Tokyo TAFFRAIL_JAVA_OPTIONS='-Duser.language=tr -Duser.country=TR"
                        + " -Dfile.encoding=ISO-8859-9' "
                        + script)
                .succeeded()
                .out())
        .isEqualTo(here);
    Path other = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64");
    if (Files.isDirectory(other)) {
      CommandResult there = shell("JAVA_HOME=" + other + " " + script).succeeded();
      assertThat(there.out()).isEqualTo(here);
      assertThat(there.err()).isEmpty();
    }
  }
}
