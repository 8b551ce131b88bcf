package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/debugging.md} as it happens: its commands print what it says. {@code
 * -Dtaffrail.docs=write} writes what they print into it.
 */
class DebuggingStoryTest {
  private static final Path DOCUMENT = Path.of("../../docs/debugging.md");

  @Test
  void theDocumentShowsWhatItsCommandsPrint() throws IOException {
    Story story = new Story(DOCUMENT);
    try (DaemonProcess daemon = DaemonProcess.start()) {
      happen(daemon);
      if ("write".equals(System.getProperty("taffrail.docs"))) {
        story.rewrite(command -> run(daemon, command));
        return;
      }
      assertThat(story.steps()).isNotEmpty();
      for (Story.Step step : story.steps()) {
        assertThat(Story.normal(run(daemon, step.command())))
            .as(step.command())
            .isEqualTo(Story.normal(step.output()));
      }
    }
  }

  /** What the document begins with: somebody has stopped a container that does not listen. */
  private static void happen(DaemonProcess daemon) {
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
    for (String name : List.of("web", "db")) {
      daemon
          .docker("run", "-d", "--network", "none", "--name", name, "busybox", "sleep", "1000")
          .succeeded();
    }
    daemon.docker("stop", "--time", "1", "web").succeeded();
  }

  private static String run(DaemonProcess daemon, String command) {
    CommandResult result =
        Commands.run(
            Map.of(
                "DOCKER_HOST",
                daemon.host(),
                "TAFFRAIL_HOST",
                daemon.host(),
                "SOCKET",
                daemon.host().substring("unix://".length()),
                "DOCKER_CONFIG",
                daemon.directory().resolve("docker-config").toString(),
                "LC_ALL",
                "C.UTF-8",
                "PATH",
                System.getProperty("taffrail.home") + "/bin:" + System.getenv("PATH")),
            new byte[0],
            List.of("sh", "-c", command));
    assertThat(result.code()).as("%s", result).isZero();
    return result.out();
  }
}
