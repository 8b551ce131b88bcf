package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** docker-py, unmodified, as Debian packages it. */
class DockerPyTest {
  private static DaemonProcess daemon;
  private static Moorings moorings;
  private static List<String> before;

  @BeforeAll
  static void start() {
    daemon = DaemonProcess.start();
    moorings = new Moorings(daemon);
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
    before = moorings.traces();
  }

  @AfterAll
  static void stop() {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Test
  void twoServicesFindEachOtherByNameAndPublishPorts() throws IOException {
    try (InputStream script =
        DockerPyTest.class.getResourceAsStream("/docker-py/two_services.py")) {
      String said =
          Commands.run(
                  Map.of("DOCKER_HOST", daemon.host()),
                  script.readAllBytes(),
                  daemon.network().entering(List.of("/usr/bin/python3", "-")))
              .succeeded()
              .out();
      assertThat(said).startsWith("two services");
    } finally {
      moorings.clear();
    }
    moorings.returnTo(before);
  }
}
