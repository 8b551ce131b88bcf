package dev.taffrail.e2e.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.ArchivedLog;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventLogs;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogSettings;
import dev.taffrail.core.log.StoppedLog;
import dev.taffrail.core.log.VerifyReport;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What earlier formats left opens in this build, and means what it meant. */
class CorpusTest {
  @TempDir Path directory;

  /** With {@code -Dtaffrail.corpus=NAME} it is made first. */
  @BeforeAll
  static void write() throws IOException {
    String name = System.getProperty("taffrail.corpus");
    if (name != null) {
      new CorpusWriter(new Corpus(Corpus.home().resolve(name))).write();
    }
  }

  static List<Corpus> corpora() {
    return Corpus.all();
  }

  private Path log() {
    return directory.resolve("data/log");
  }

  private void assertSame(JsonNode found, JsonNode expected) {
    for (Map.Entry<String, JsonNode> part : expected.properties()) {
      assertThat(found.path(part.getKey())).as(part.getKey()).isEqualTo(part.getValue());
    }
  }

  @ParameterizedTest
  @MethodSource("corpora")
  void theLogVerifiesAndItsStateAndHistoryAreTheSame(Corpus corpus) {
    corpus.unpack(directory);
    try (StoppedLog log = StoppedLog.open(log(), Families.catalogue())) {
      VerifyReport report = log.verify().join();
      assertThat(report.problems()).isEmpty();
      assertThat(log.verifyRecent().join().problems()).isEmpty();
      JsonNode found = Corpus.reread(new Findings(log).all());
      assertSame(found, corpus.expected().path("log"));
      assertThat(found.path("state").toString())
          .doesNotContain("hunter2")
          .doesNotContain("swordfish");
    }
  }

  @ParameterizedTest
  @MethodSource("corpora")
  void theArchiveLeadsBackToTheFirstEvent(Corpus corpus) {
    corpus.unpack(directory);
    Path archive = directory.resolve("data/archive");
    assumeTrue(Files.exists(archive), "it was made before there were archives");
    try (ArchivedLog log =
        ArchivedLog.open(List.of(archive), Optional.of(log()), Families.catalogue())) {
      assertThat(log.oldest()).isEqualTo(Cursor.START);
      VerifyReport report = log.verify().join();
      assertThat(report.problems()).isEmpty();
      assertThat(report.events()).isEqualTo(log.head().sequence());
      JsonNode expected = corpus.expected().path("withArchive");
      assertThat(expected.path("histories")).isNotEmpty();
      assertSame(Corpus.reread(new Findings(log).all()), expected);
    }
    try (ArchivedLog log =
        ArchivedLog.open(List.of(archive), Optional.empty(), Families.catalogue())) {
      assertThat(log.verify().join().problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("corpora")
  void theLogGoesOn(Corpus corpus) throws Exception {
    corpus.unpack(directory);
    LogSettings settings =
        new LogSettings(log(), LogMode.DURABLE, CorpusTest::now, new Random(1), 256, 1000, 10);
    String id = anyContainer(corpus.expected().path("log"), "created");
    EventLogs.Open open = EventLogs.open(settings, Families.catalogue());
    try {
      Cursor before = open.log().head();
      assertThat(before).isEqualTo(Cursor.parse(corpus.expected().at("/log/head").asText()));
      Cursor after =
          open.log()
              .submit(
                  Command.request(
                      Origin.component("test"),
                      view ->
                          Decision.of(
                              ContainerEvent.subject(id), new ContainerEvent.TaskStarting(1))))
              .join()
              .cursor();
      assertThat(after).isEqualTo(new Cursor(before.epoch(), before.sequence() + 1));
      assertThat(open.log().verify().join().problems()).isEmpty();
    } finally {
      open.closer().close();
    }
  }

  private static long now() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }

  private static String anyContainer(JsonNode expected, String phase) {
    for (JsonNode row : expected.at("/state/containers")) {
      if (row.at("/value/phase").asText().equals(phase)) {
        return row.path("id").asText();
      }
    }
    throw new AssertionError("There is no container that is " + phase);
  }

  /** As after a reboot: nothing of what ran is there any more. */
  @ParameterizedTest
  @MethodSource("corpora")
  void aDaemonStartsOnItAndRunsItsContainers(Corpus corpus) {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "its program is for x86-64");
    corpus.unpack(directory);
    try (DaemonProcess daemon = DaemonProcess.start(directory, Map.of(), () -> {})) {
      assertThat(daemon.docker("ps", "-a", "--format", "{{.Names}}").succeeded().out().lines())
          .containsExactlyInAnyOrder(
              "first", "web", "failed", "never", "flaky", "killed", "steady", "halted", "late",
              "last", "plain");
      assertThat(inspect(daemon, "first")).isEqualTo("exited 3 0");
      assertThat(inspect(daemon, "web")).isEqualTo("exited 0 0");
      assertThat(inspect(daemon, "failed")).isEqualTo("exited 3 0");
      assertThat(inspect(daemon, "never")).isEqualTo("created 0 0");
      assertThat(inspect(daemon, "flaky")).isEqualTo("exited 1 2");
      assertThat(inspect(daemon, "killed")).isEqualTo("exited 137 0");
      assertThat(inspect(daemon, "halted")).startsWith("exited ");
      assertThat(inspect(daemon, "late")).isEqualTo("exited 4 0");
      assertThat(inspect(daemon, "last")).isEqualTo("exited 2 0");
      assertThat(inspect(daemon, "plain")).startsWith("exited ");
      assertThat(inspect(daemon, "steady")).startsWith("running ");
      assertThat(daemon.docker("logs", "web").succeeded().out()).isEqualTo("hello\n");
      assertThat(daemon.docker("inspect", "-f", "{{.Config.Labels}}", "web").succeeded().out())
          .contains("tier:front");
      daemon.docker("start", "web").succeeded();
      assertThat(daemon.docker("wait", "web").succeeded().out()).isEqualTo("0\n");
      assertThat(daemon.docker("logs", "web").succeeded().out()).isEqualTo("hello\nhello\n");
      assertThat(daemon.docker("start", "-a", "never").succeeded().out()).isEqualTo("never\n");
      assertThat(
              daemon
                  .docker("run", "--rm", "--network", "none", "tiny:stable", "/tiny", "new", "5")
                  .code())
          .isEqualTo(5);
      daemon.docker("rm", "first", "late").succeeded();
      assertThat(daemon.docker("images", "-q", "tiny").succeeded().out().lines()).hasSize(2);
      assertThat(daemon.taffrail("verify", "--full").succeeded().out()).contains("verified");
    }
  }

  private static String inspect(DaemonProcess daemon, String name) {
    return daemon
        .docker("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}", name)
        .succeeded()
        .out()
        .strip();
  }
}
