package dev.taffrail.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The file system of bundles, sockets and exit files is full, at whatever step that shows. */
class ExecRootFullTest {
  private static final int PAGE = 4096;
  private static final int PAGES_OF_A_RUN = 24;
  private static DaemonProcess daemon;
  private static Inspection inspection;
  private static Path ballast;

  @BeforeAll
  static void start() throws IOException {
    Path directory = Files.createTempDirectory("taffrail-full");
    Path execRoot = Files.createDirectory(directory.resolve("run"));
    command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", execRoot.toString());
    daemon = DaemonProcess.start(directory, Map.of(), () -> command("umount", execRoot.toString()));
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
    ballast = execRoot.resolve("ballast");
    inspection = new Inspection(daemon, Invariant.NOTHING_LEFT);
  }

  @AfterAll
  static void stop() {
    if (daemon != null) {
      assertThat(daemon.taffrail("verify").succeeded().out()).contains("verified");
      daemon.close();
    }
  }

  @AfterEach
  void makeRoom() throws IOException {
    Files.deleteIfExists(ballast);
    daemon.docker("ps", "-aq").out().lines().forEach(id -> daemon.docker("rm", "-f", id));
    inspection.settle();
  }

  private static void command(String... words) {
    Commands.run(Map.of(), new byte[0], List.of(words)).succeeded();
  }

  /** Writes until nothing more fits, then gives pages back. */
  private static void leave(int pages) throws IOException {
    Files.deleteIfExists(ballast);
    byte[] page = new byte[PAGE];
    long written = 0;
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(page);
        written += PAGE;
      }
    } catch (IOException full) {
      command(
          "truncate",
          "-s",
          Long.toString(Math.max(0, written - (long) pages * PAGE)),
          ballast.toString());
    }
  }

  @Test
  void aStartFailsCleanlyOrSucceeds() throws IOException {
    int failed = 0;
    for (int pages = 0; pages <= PAGES_OF_A_RUN; pages += 2) {
      leave(pages);
      CommandResult run =
          daemon.docker("run", "--rm", "--network", "none", "busybox", "echo", "hello");
      if (run.code() == 0) {
        assertThat(run.out()).isEqualTo("hello\n");
      } else {
        assertThat(run.code()).as(run.toString()).isBetween(125, 128);
        assertThat(run.err()).contains("docker: Error response from daemon: ");
        failed++;
      }
      Files.delete(ballast);
      inspection.settle();
      assertThat(daemon.docker("ps", "-aq").succeeded().out()).isBlank();
    }
    assertThat(failed).as("starts that failed").isPositive();
    assertThat(
            daemon
                .docker("run", "--rm", "--network", "none", "busybox", "echo", "again")
                .succeeded()
                .out())
        .isEqualTo("again\n");
  }

  @Test
  void anExitThatCannotBeWrittenDownIsToldByTheKernel() throws IOException {
    String id =
        daemon
            .docker("run", "-d", "--network", "none", "busybox", "sleep", "1000")
            .succeeded()
            .out()
            .strip();
    leave(0);
    daemon.docker("kill", id).succeeded();
    assertThat(daemon.docker("wait", id).succeeded().out()).isEqualTo("137\n");
  }
}
