package dev.taffrail.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** After a reboot of the host, containers come back as their restart policies say. */
class RebootTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void policiesDecideWhoComesBack() throws Exception {
    try (DaemonProcess daemon = start()) {
      run(daemon, "always", "--restart", "always");
      run(daemon, "unless", "--restart", "unless-stopped");
      run(daemon, "stopped", "--restart", "unless-stopped");
      run(daemon, "halted", "--restart", "always");
      run(daemon, "failing", "--restart", "on-failure");
      run(daemon, "no");
      run(daemon, "removed", "--rm");
      daemon.docker("stop", "-t", "0", "stopped", "halted").succeeded();
      List<String> ids = daemon.docker("ps", "-aq", "--no-trunc").out().lines().toList();
      daemon.kill();
      Reboot.of(daemon, ids);
      daemon.restart();
      Inspection inspection = new Inspection(daemon, Invariant.NOTHING_LEFT);
      for (String name : List.of("always", "unless", "halted")) {
        await(daemon, name, "running");
      }
      for (String name : List.of("stopped", "failing", "no")) {
        await(daemon, name, "exited");
      }
      inspection.settle();
      assertThat(inspect(daemon, "no", "{{.State.ExitCode}}")).isEqualTo("255");
      assertThat(inspect(daemon, "stopped", "{{.State.ExitCode}}")).isEqualTo("137");
      assertThat(inspect(daemon, "always", "{{.RestartCount}}")).isEqualTo("1");
      assertThat(daemon.docker("inspect", "removed").code()).isEqualTo(1);
      assertThat(daemon.docker("logs", "always").succeeded().out()).isEqualTo("up\nup\n");
      inspection.verify();
    }
  }

  /** Bridges, links and rules are made again; who comes back is found as before. */
  @Test
  void networksComeBackWithTheirContainers() throws Exception {
    try (DaemonProcess daemon = start()) {
      daemon.docker("network", "create", "blue").succeeded();
      String[] alwaysOnBlue = {"--restart", "always", "--network", "blue"};
      serve(daemon, "server", alwaysOnBlue, "--network-alias", "known", "-p", "8080:80");
      serve(daemon, "bridged", new String[] {"--restart", "always"}, "-P", "--expose", "80");
      serve(daemon, "both", alwaysOnBlue);
      daemon.docker("network", "connect", "bridge", "both").succeeded();
      serve(daemon, "once", new String[] {"--network", "blue"}, "-p", "8081:80");
      serve(daemon, "halted", alwaysOnBlue, "-p", "8082:80");
      daemon.docker("stop", "-t", "0", "halted").succeeded();
      String port = daemon.docker("port", "bridged", "80/tcp").succeeded().out();
      List<String> ids = daemon.docker("ps", "-aq", "--no-trunc").out().lines().toList();
      daemon.kill();
      Reboot.of(daemon, ids);
      daemon.restart();
      for (String name : List.of("server", "bridged", "both", "halted")) {
        await(daemon, name, "running");
      }
      await(daemon, "once", "exited");
      Inspection inspection = new Inspection(daemon, Invariant.NOTHING_LEFT);
      inspection.settle();
      assertThat(daemon.docker("port", "bridged", "80/tcp").succeeded().out()).isEqualTo(port);
      String bridged = port.lines().findFirst().orElseThrow().replaceFirst(".*:", "");
      for (String published : List.of("8080", "8082", bridged)) {
        awaitAnswer(daemon, published);
      }
      assertThat(daemon.docker("port", "once").succeeded().out()).isEmpty();
      String ask = "until nc known 80 </dev/null | grep pong; do usleep 10000; done";
      String[] client = {"run", "--rm", "--network", "blue", "busybox", "sh", "-c", ask};
      assertThat(daemon.docker(client).succeeded().out()).isEqualTo("pong\n");
      daemon.docker("start", "once").succeeded();
      awaitAnswer(daemon, "8081");
      inspection.settle();
      inspection.verify();
    }
  }

  private static void serve(DaemonProcess daemon, String name, String[] options, String... more) {
    List<String> words = new ArrayList<>(List.of("run", "-d", "--name", name));
    words.addAll(List.of(options));
    words.addAll(List.of(more));
    words.addAll(List.of("busybox", "nc", "-ll", "-p", "80", "-e", "echo", "pong"));
    daemon.docker(words.toArray(String[]::new)).succeeded();
  }

  private static void awaitAnswer(DaemonProcess daemon, String port) throws IOException {
    boolean unused =
        new Until(
                "answer at port " + port,
                (api, whoever) ->
                    daemon
                        .network()
                        .run("busybox", "nc", "-w", "3", "127.0.0.1", port)
                        .out()
                        .equals("pong\n"))
            .run(daemon.api(), port, false);
  }

  /** The files of a run survived, and its process ids are those of somebody else by now. */
  @Test
  void aProcessThatHasTheIdOfAContainersIsLeftAlone() throws Exception {
    Process other = new ProcessBuilder("sleep", "1000").start();
    try (DaemonProcess daemon = start()) {
      String known = run(daemon, "known");
      String searched = run(daemon, "searched");
      Path tasks = daemon.execRoot().resolve("task.conmon");
      byte[] record = Files.readAllBytes(tasks.resolve(known).resolve("task.json"));
      daemon.kill();
      Reboot.of(daemon, List.of(known, searched));
      leaveFiles(tasks.resolve(known), record, other.pid(), true);
      leaveFiles(tasks.resolve(searched), record, other.pid(), false);
      daemon.restart();
      await(daemon, "known", "exited");
      await(daemon, "searched", "exited");
      Inspection inspection = new Inspection(daemon, Invariant.NOTHING_LEFT);
      inspection.settle();
      assertThat(inspect(daemon, "known", "{{.State.ExitCode}}")).isEqualTo("255");
      assertThat(inspect(daemon, "searched", "{{.State.ExitCode}}")).isEqualTo("255");
      assertThat(other.isAlive()).isTrue();
      inspection.verify();
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  private static void leaveFiles(Path bundle, byte[] record, long pid, boolean named)
      throws IOException {
    Files.createDirectories(bundle.resolve("exit"));
    ObjectNode task = (ObjectNode) JSON.readTree(record);
    task.put("pid", named ? pid : 0).put("monitorPid", named ? pid : 0);
    task.put("cgroup", "/taffrail/" + bundle.getFileName());
    JSON.writeValue(bundle.resolve("task.json").toFile(), task);
    for (String file : List.of("pidfile", "conmon-pidfile")) {
      Files.writeString(bundle.resolve(file), Long.toString(pid), StandardCharsets.US_ASCII);
    }
  }

  private static DaemonProcess start() {
    DaemonProcess daemon = DaemonProcess.start();
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
    return daemon;
  }

  private static String run(DaemonProcess daemon, String name, String... options) {
    String[] head = {"run", "-d", "--network", "none", "--name", name};
    String[] tail = {"busybox", "sh", "-c", "echo up; exec sleep 1000"};
    String[] words = new String[head.length + options.length + tail.length];
    System.arraycopy(head, 0, words, 0, head.length);
    System.arraycopy(options, 0, words, head.length, options.length);
    System.arraycopy(tail, 0, words, head.length + options.length, tail.length);
    return daemon.docker(words).succeeded().out().strip();
  }

  private static String inspect(DaemonProcess daemon, String name, String format) {
    return daemon.docker("inspect", "-f", format, name).succeeded().out().strip();
  }

  private static void await(DaemonProcess daemon, String name, String status) throws IOException {
    boolean unused =
        new Until(
                "status " + status,
                (api, container) -> inspect(daemon, container, "{{.State.Status}}").equals(status))
            .run(daemon.api(), name, false);
  }
}
