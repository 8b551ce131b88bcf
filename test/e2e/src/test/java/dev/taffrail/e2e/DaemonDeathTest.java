package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Containers survive the daemon. */
class DaemonDeathTest {
  private static final int LINES = 300;

  @Test
  void noLineAndNoExitCodeIsLostWhenTheDaemonIsKilled() {
    try (DaemonProcess daemon = DaemonProcess.start()) {
      daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
      String id =
          daemon
              .docker(
                  "run",
                  "-d",
                  "--network",
                  "none",
                  "busybox",
                  "sh",
                  "-c",
                  "i=1; while [ $i -le "
                      + LINES
                      + " ]; do echo $i; i=$((i+1)); usleep 10000; done;"
                      + " exit 5")
              .succeeded()
              .out()
              .strip();
      daemon.kill();
      daemon.restart();
      assertThat(daemon.docker("wait", id).succeeded().out()).isEqualTo("5\n");
      assertThat(daemon.docker("logs", id).succeeded().out())
          .isEqualTo(
              IntStream.rangeClosed(1, LINES)
                  .mapToObj(i -> i + "\n")
                  .collect(Collectors.joining()));
      String exited =
          daemon
              .taffrail("events", "--json", "--type", "dev.taffrail.container.exited.*")
              .succeeded()
              .out();
      assertThat(exited).contains(id).contains("\"code\":5").contains("\"time\"");
      assertThat(daemon.taffrail("verify", "--full").succeeded().out()).contains("verified");
    }
  }

  @Test
  void anExitWhileTheDaemonIsDeadIsLearntAtTheNextStart() {
    try (DaemonProcess daemon = DaemonProcess.start()) {
      daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
      String id =
          daemon
              .docker("run", "-d", "--network", "none", "busybox", "sh", "-c", "sleep 1; exit 5")
              .succeeded()
              .out()
              .strip();
      String pid = daemon.docker("inspect", "-f", "{{.State.Pid}}", id).succeeded().out().strip();
      daemon.kill();
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(task -> task.onExit().join());
      daemon.restart();
      assertThat(daemon.docker("wait", id).succeeded().out()).isEqualTo("5\n");
      assertThat(daemon.stop()).isZero();
      assertThat(
              daemon
                  .taffrail("verify", "--full", "--data-root", daemon.dataRoot().toString())
                  .succeeded()
                  .out())
          .contains("verified");
    }
  }
}
