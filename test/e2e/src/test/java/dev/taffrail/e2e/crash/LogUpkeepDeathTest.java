package dev.taffrail.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.testkit.daemon.ApiClient;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SIGKILL while the log's past is written anew, by a redaction or a rebuild, under a container that
 * runs.
 */
class LogUpkeepDeathTest {
  private static final String SECRET = "hunter2-q8Zx0vKpLm3RtYw7";
  private static final String CREATED = "dev.taffrail.container.created.v1";

  /** More than a rebuild derives at once. */
  private static final int EVENTS = 1100;

  private static final int CLIENTS = 8;
  private static final byte[] NOTHING = new byte[0];
  private static DaemonProcess daemon;
  private static Hold hold;
  private static Inspection inspection;
  private static String runs;

  @BeforeAll
  static void start() throws Exception {
    Path directory = Files.createTempDirectory("taffrail-upkeep");
    hold = new Hold(directory.resolve("hold"));
    daemon =
        DaemonProcess.start(directory, Map.of("TAFFRAILD_JAVA_OPTIONS", hold.option()), () -> {});
    daemon.docker(BusyboxImage.tar(), "import", "-", CrashHarness.IMAGE).succeeded();
    inspection = new Inspection(daemon, Invariant.NOTHING_LEFT);
    runs =
        daemon
            .docker("run", "-d", "--network", "none", CrashHarness.IMAGE, "sleep", "1000")
            .succeeded()
            .out()
            .strip();
    fill();
  }

  /** Makes events, each a tag of the image. */
  private static void fill() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int number = 0; number < EVENTS; number++) {
        String path = "/images/" + CrashHarness.IMAGE + "/tag?repo=tagged&tag=" + number;
        all.add(
            clients.submit(
                () ->
                    assertThat(daemon.api().send("POST", path, NOTHING).status()).isEqualTo(201)));
      }
      for (Future<?> one : all) {
        one.get(1, TimeUnit.MINUTES);
      }
    } finally {
      clients.shutdownNow();
    }
  }

  @AfterAll
  static void stop() {
    if (daemon != null) {
      daemon.close();
    }
  }

  @AfterEach
  void allIsAsItShouldBe() throws IOException {
    hold.withdraw();
    inspection.settle();
    inspection.verify();
    assertThat(daemon.docker("ps", "-q", "--no-trunc").succeeded().out()).isEqualTo(runs + "\n");
  }

  private static String secretive() {
    return daemon
        .docker("create", "--network", "none", "-e", "PASSWORD=" + SECRET, "busybox", "true")
        .succeeded()
        .out()
        .strip();
  }

  /** The event that tells the secret. */
  private static JsonNode event(String container) throws IOException {
    return daemon.api().get("/taffrail/v1/events?type=" + CREATED).lines().stream()
        .filter(event -> event.path("subject").asText().endsWith("/" + container))
        .findFirst()
        .orElseThrow();
  }

  private static long head() throws IOException {
    String cursor = daemon.api().get("/taffrail/v1/log").json().path("head").asText();
    return Long.parseLong(cursor.split("-", 2)[1]);
  }

  private static boolean isKnown(String container) throws IOException {
    ApiClient.Answer inspect = daemon.api().get("/containers/" + container + "/json");
    assertThat(inspect.status()).isEqualTo(200);
    return inspect.text().contains(SECRET);
  }

  private static boolean isOnDisk() {
    try (Stream<Path> files = Files.walk(daemon.dataRoot().resolve("log"))) {
      return files.filter(Files::isRegularFile).anyMatch(LogUpkeepDeathTest::tellsTheSecret);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean tellsTheSecret(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(SECRET);
    } catch (IOException gone) {
      // The log removes files while it is looked at.
      return false;
    }
  }

  private static void redact(String container) throws IOException {
    String cursor = event(container).path("cursor").asText();
    daemon.taffrail("redact", cursor, "--reason", "a password").succeeded();
  }

  private static void isGoneForGood(String container) throws IOException {
    assertThat(event(container).path("data").isMissingNode()).isTrue();
    // Nor does the header tell it, as the command line of who asked.
    assertThat(event(container).toString()).doesNotContain(SECRET);
    assertThat(isKnown(container)).isFalse();
    boolean unused =
        new Until("clean files", (api, name) -> !isOnDisk()).run(daemon.api(), "", false);
    // It can be removed still: not a word that the daemon needs for that is gone.
    daemon.docker("rm", container).succeeded();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRedactionHappensAsAWholeOrNotAtAll(boolean durable) throws Exception {
    String container = secretive();
    String cursor = event(container).path("cursor").asText();
    File output = File.createTempFile("taffrail", ".out");
    hold.order(durable, head() + 1);
    try {
      Process redacting =
          daemon.taffrailInBackground(Map.of(), output, "redact", cursor, "--reason", "a password");
      boolean unused =
          new Until("hold", (api, name) -> hold.isReached()).run(daemon.api(), "", false);
      daemon.kill();
      assertThat(redacting.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(redacting.exitValue()).isNotZero();
    } finally {
      Files.delete(output.toPath());
    }
    daemon.restart();
    inspection.verify();
    assertThat(isKnown(container)).isEqualTo(!durable);
    assertThat(event(container).has("data")).isEqualTo(!durable);
    if (!durable) {
      redact(container);
    }
    isGoneForGood(container);
  }

  /** The answer has come, the files are not clean yet, perhaps. */
  @Test
  void filesAreCleanedAfterADeath() throws Exception {
    String container = secretive();
    assertThat(isOnDisk()).isTrue();
    redact(container);
    daemon.kill();
    daemon.restart();
    isGoneForGood(container);
  }

  @Test
  void aRebuildOfAStoppedDirectoryIsResumed() throws Exception {
    int before = rebuilds();
    daemon.kill();
    File output = File.createTempFile("taffrail", ".out");
    hold.order(true, 1000);
    try {
      Process rebuilding =
          daemon.taffrailInBackground(
              Map.of("TAFFRAIL_JAVA_OPTIONS", hold.option()), output, rebuild());
      assertThat(reached(rebuilding)).as(Files.readString(output.toPath())).isTrue();
      assertThat(rebuilding.destroyForcibly().waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      Files.delete(output.toPath());
    }
    assertThat(daemon.dataRoot().resolve("log/db.rebuilding")).isDirectory();
    assertThat(daemon.taffrail(rebuild()).succeeded().out()).startsWith("rebuilt, as event ");
    daemon.restart();
    assertThat(rebuilds()).isEqualTo(before + 1);
    assertThat(daemon.dataRoot().resolve("log/db.rebuilding")).doesNotExist();
  }

  private static String[] rebuild() {
    return new String[] {"rebuild", "--data-root", daemon.dataRoot().toString()};
  }

  private static boolean reached(Process process) throws InterruptedException {
    while (!hold.isReached()) {
      if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return true;
  }

  private static int rebuilds() throws IOException {
    return daemon.api().get("/taffrail/v1/events?type=dev.taffrail.log.rebuilt.v1").lines().stream()
        .filter(line -> line.has("type"))
        .toList()
        .size();
  }

  /** As after an upgrade whose appliers do something else. */
  @Test
  void aRebuildAtTheStartIsResumed() throws Exception {
    int before = rebuilds();
    daemon.kill();
    try (RocksStore store = RocksStore.open(daemon.dataRoot().resolve("log/db"));
        Batch batch = store.newBatch()) {
      batch.put(ColumnFamily.META, ascii("appliers"), ascii("{\"" + CREATED + "\": 1000}"));
      store.write(batch, true);
    }
    hold.order(true, 1000);
    daemon.restart(hold::isReached);
    daemon.kill();
    assertThat(daemon.dataRoot().resolve("log/db.rebuilding")).isDirectory();
    daemon.restart();
    assertThat(rebuilds()).isEqualTo(before + 1);
    assertThat(daemon.dataRoot().resolve("log/db.rebuilding")).doesNotExist();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
