package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A running daemon's log, read over its API, with an event in it whose payload is redacted. */
class RedactedLogTest {
  private static final String SECRET = "hunter2-q8Zx0vKpLm3RtYw7";
  private static final String WORD = "[redacted]";
  private static DaemonProcess daemon;
  private static long created;

  @BeforeAll
  static void aSecretIsRedacted() throws IOException {
    daemon = DaemonProcess.start();
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
    String[] run = {
      "run", "--network", "none", "--name", "web", "-e", "KEY=" + SECRET, "busybox", "true"
    };
    daemon.docker(run).succeeded();
    created =
        daemon.api().get("/taffrail/v1/events").lines().stream()
            .filter(event -> event.path("type").asText().contains("container.created"))
            .mapToLong(event -> event.path("id").asLong())
            .findFirst()
            .orElseThrow();
    daemon.taffrail("redact", Long.toString(created), "--reason", "a key").succeeded();
    daemon.docker("start", "web");
    daemon.docker("wait", "web").succeeded();
  }

  @AfterAll
  static void stop() {
    if (daemon != null) {
      daemon.close();
    }
  }

  private static String taffrail(Object... words) {
    List<String> all = new ArrayList<>();
    for (Object word : words) {
      all.add(word.toString());
    }
    String out = daemon.taffrail(all.toArray(new String[0])).succeeded().out();
    assertThat(out).doesNotContain(SECRET);
    return out;
  }

  private static String stateIn(String replay) {
    return replay.substring(replay.lastIndexOf("state ")).strip();
  }

  @Test
  void itIsReplayedToTheStateThatIsStored() {
    String whole = taffrail("replay", "--quiet");
    assertThat(stateIn(taffrail("replay", "--quiet", "--from", created + 1)))
        .isEqualTo(stateIn(whole));
    assertThat(taffrail("replay", "--to", created)).contains("it is redacted");
    assertThat(taffrail("replay", "--quiet", "--until", "named.web.exitCode == 0"))
        .contains(" holds\n");
    assertThat(taffrail("verify")).contains(": verified ");
    assertThat(daemon.stop()).isZero();
    try {
      String moment = whole.split(" ", 3)[1];
      String stopped =
          taffrail("replay", "--quiet", "--to", moment, "--data-root", daemon.dataRoot());
      assertThat(stateIn(stopped)).isEqualTo(stateIn(whole));
    } finally {
      daemon.restart();
    }
  }

  @Test
  void thePastIsToldWithoutIt() throws IOException {
    assertThat(taffrail("diff", created - 1, created))
        .contains("container_specifications/", "\"imageName\":\"" + WORD);
    assertThat(taffrail("blame", "web", "environment"))
        .contains("environment = [\"" + WORD + "\"]", "container.created", "-e KEY=***");
    assertThat(taffrail("state", "get", "container_specifications", "web", "--at", created))
        .contains("environment = [\"" + WORD + "\"]", "snapshotter = \"snapshot.overlay\"");
    assertThat(taffrail("history", "web")).contains("container.created", "container.exited");
    assertThat(taffrail("trace", created)).contains("container.created");
    assertThat(taffrail("events", "--json")).contains("\"redacted\":true");
    assertThat(taffrail("timeline", "web")).contains("exited exit.code=0");
    assertThat(
            taffrail(
                "bisect",
                "--good",
                created - 1,
                "--bad",
                "head",
                "--expr",
                "size(state.containers) == 0"))
        .startsWith("1-" + created + " is the first bad event");
    JsonNode then =
        daemon.api().get("/taffrail/v1/docker/containers/web/json?at=" + created).json();
    assertThat(then.path("Config").path("Env").path(0).asText()).isEqualTo(WORD);
    assertThat(then.path("Name").asText()).isEqualTo("/web");
  }
}
