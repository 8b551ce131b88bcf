package dev.taffrail.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.LooseFiles;
import dev.taffrail.testkit.daemon.ApiClient;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * A file of the log is damaged under containers that run: the daemon starts, says what it lost, and
 * has the containers as before.
 */
class DamagedLogTest {
  private static DaemonProcess daemon;
  private String runs;
  private String ends;
  private String stops;
  private long head;
  private int salvages;
  private int rebuilds;

  @BeforeAll
  static void start() {
    daemon = DaemonProcess.start();
    daemon.docker(BusyboxImage.tar(), "import", "-", CrashHarness.IMAGE).succeeded();
  }

  @AfterAll
  static void stop() {
    if (daemon != null) {
      daemon.close();
    }
  }

  @BeforeEach
  void containersRun() throws IOException {
    runs = running(Program.deaf());
    ends = running(Program.murdered());
    stops = running(Program.polite());
  }

  /** What the log has so far lies in tables afterwards. */
  private static void moveIntoTables() {
    daemon.kill();
    daemon.restart();
  }

  private static Inspection inspection() {
    // A new one each time: it remembers what it has read, and some of that is lost on purpose.
    return new Inspection(daemon, Invariant.NOTHING_LEFT);
  }

  @AfterEach
  void containersAreAsTheyWere(TestInfo test) throws IOException {
    try {
      assertThat(daemon.docker("ps", "-q", "--no-trunc").succeeded().out().lines())
          .contains(runs, stops)
          .doesNotContain(ends);
      // Killed while the daemon was dead.
      assertThat(exitOf(ends)).isEqualTo("137\n");
      daemon.docker("stop", stops).succeeded();
      assertThat(exitOf(stops)).isEqualTo(Program.POLITE + "\n");
      assertThat(daemon.docker("logs", stops).succeeded().out()).isEqualTo("1\n");
      daemon.docker("rm", "-f", runs, ends, stops).succeeded();
      assertThat(daemon.docker("ps", "-aq").succeeded().out()).isBlank();
      Inspection inspection = inspection();
      inspection.settle();
      inspection.verify();
    } catch (IOException | AssertionError e) {
      throw new AssertionError(test.getDisplayName() + ": " + daemon.logText(), e);
    }
  }

  private static String running(Program program) throws IOException {
    ApiClient api = daemon.api();
    String id =
        api.send("POST", "/containers/create", program.json().getBytes(StandardCharsets.UTF_8))
            .json()
            .path("Id")
            .asText();
    assertThat(api.send("POST", "/containers/" + id + "/start", new byte[0]).status())
        .isEqualTo(204);
    boolean unused =
        new Until(
                "output",
                (of, name) -> of.get("/containers/" + name + "/logs?stdout=1").body().length > 0)
            .run(api, id, false);
    return id;
  }

  private static String exitOf(String id) {
    return daemon.docker("wait", id).succeeded().out();
  }

  private static Path log() {
    return daemon.dataRoot().resolve("log");
  }

  /** Damages files between a death of the daemon and its next start; a container dies meanwhile. */
  private void restart(Damage damage) throws IOException {
    head = headOf(daemon.api());
    salvages = told("salvaged").size();
    rebuilds = told("rebuilt").size();
    daemon.kill();
    Path pid = daemon.execRoot().resolve("task.conmon").resolve(ends).resolve("pidfile");
    long process = Long.parseLong(Files.readString(pid, StandardCharsets.US_ASCII).strip());
    assertThat(ProcessHandle.of(process).orElseThrow().destroyForcibly()).isTrue();
    damage.make();
    daemon.restart();
  }

  private interface Damage {
    void make() throws IOException;
  }

  private static long headOf(ApiClient api) throws IOException {
    String cursor = api.get("/taffrail/v1/log").json().path("head").asText();
    return Long.parseLong(cursor.split("-", 2)[1]);
  }

  private static Path newest(String pattern) throws IOException {
    try (Stream<Path> files = Files.list(log().resolve("db"))) {
      return files
          .filter(file -> file.getFileName().toString().matches(pattern))
          .max(Path::compareTo)
          .orElseThrow();
    }
  }

  private static List<Path> tablesOf(ColumnFamily family) throws IOException {
    return LooseFiles.tables(log().resolve("db")).stream()
        .filter(
            table -> {
              Set<ColumnFamily> families = EnumSet.noneOf(ColumnFamily.class);
              LooseFiles.read(table, (of, key, value) -> families.add(of));
              return families.contains(family);
            })
        .toList();
  }

  /** One byte near the beginning. */
  private static void flip(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long place = Math.min(60, bytes.length() / 2);
      bytes.seek(place);
      int before = bytes.read();
      bytes.seek(place);
      bytes.write(before ^ 0x5a);
    }
  }

  private static List<JsonNode> told(String type) throws IOException {
    return daemon.api().get("/taffrail/v1/events").lines().stream()
        .filter(event -> event.path("type").asText().equals("dev.taffrail.log." + type + ".v1"))
        .toList();
  }

  private void saysWhatIsLost() throws IOException {
    assertThat(told("salvaged")).hasSize(salvages + 1);
    String loss = daemon.api().get("/taffrail/v1/log").json().path("salvage").asText();
    assertThat(loss).isNotBlank();
    assertThat(daemon.docker("info").succeeded().err()).contains("WARNING: event log: " + loss);
  }

  private void nothingIsLost() throws IOException {
    assertThat(headOf(daemon.api())).isGreaterThan(head);
    assertThat(told("salvaged")).hasSize(salvages);
  }

  @Test
  void aDamagedCurrentIsMadeAgain() throws IOException {
    restart(() -> Files.writeString(log().resolve("db/CURRENT"), "\0\0\0\0"));
    nothingIsLost();
  }

  @Test
  void withoutTheManifestEverythingIsDerivedAgain() throws IOException {
    restart(() -> Files.writeString(newest("MANIFEST-.*"), "not a manifest"));
    nothingIsLost();
    assertThat(told("rebuilt")).hasSize(rebuilds + 1);
  }

  @Test
  void damagedStateIsDerivedAgain() throws IOException {
    moveIntoTables();
    restart(() -> damage(ColumnFamily.STATE));
    nothingIsLost();
    assertThat(told("rebuilt")).hasSize(rebuilds + 1);
  }

  private static void damage(ColumnFamily family) throws IOException {
    List<Path> tables = tablesOf(family);
    assertThat(tables).isNotEmpty();
    for (Path table : tables) {
      flip(table);
    }
  }

  @Test
  void damagedEventsAreLostAndTheStateIsNot() throws IOException {
    moveIntoTables();
    restart(() -> flip(tablesOf(ColumnFamily.EVENTS).get(0)));
    saysWhatIsLost();
    for (String path : List.of("docker/containers/json?all=1&", "state/containers?")) {
      ApiClient.Answer gone = daemon.api().get("/taffrail/v1/" + path + "at=1");
      assertThat(gone.status()).as(gone.text()).isEqualTo(410);
      assertThat(gone.json().path("oldest").asLong()).isGreaterThan(1);
      assertThat(gone.json().path("head").asText()).matches("[0-9]+-[0-9]+");
    }
  }

  @Test
  void withoutTheHeadFileAnEpochBegins() throws IOException {
    int epochs = told("epoch-started").size();
    restart(() -> Files.write(log().resolve("head"), new byte[256]));
    nothingIsLost();
    assertThat(told("epoch-started")).hasSize(epochs + 1);
  }

  /** What only the damaged end of the log knew is lost, and nothing of it may stay. */
  @Test
  void aContainerThatTheLostEndOfTheLogStartedIsClearedAway() throws Exception {
    moveIntoTables();
    String lost = running(Program.deaf());
    JsonNode task =
        daemon.api().get("/taffrail/v1/state/containers/default/" + lost).json().path("value");
    long pid = task.path("task").path("pid").asLong();
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    awaitHeadFile();
    restart(() -> flip(newest(".*\\.log")));
    saysWhatIsLost();
    assertThat(daemon.docker("ps", "-aq", "--no-trunc").succeeded().out()).doesNotContain(lost);
    assertThat(process.onExit().get(60, TimeUnit.SECONDS).isAlive()).isFalse();
    for (Path root : List.of(daemon.execRoot().resolve("task.conmon"), containers())) {
      boolean unused =
          new Until("end of " + root, (api, name) -> Files.notExists(root.resolve(name)))
              .run(daemon.api(), lost, false);
    }
    assertThat(mounts()).noneMatch(line -> line.contains(lost));
    try (Stream<Path> roots = Files.list(Path.of("/sys/fs/cgroup"))) {
      assertThat(roots.map(root -> root.resolve("taffrail").resolve(lost)))
          .noneMatch(Files::exists);
    }
  }

  /** What the head file, written every second, does not know of can be lost unnoticed. */
  private static void awaitHeadFile() throws IOException {
    FileTime now = Files.getLastModifiedTime(Files.createTempFile(daemon.directory(), "now", ""));
    daemon.docker("tag", "busybox", "busybox:marked").succeeded();
    boolean unused =
        new Until(
                "head file",
                (api, name) -> Files.getLastModifiedTime(log().resolve("head")).compareTo(now) > 0)
            .run(daemon.api(), "the log", false);
  }

  private static Path containers() {
    return daemon.dataRoot().resolve("containers.default");
  }

  private static List<String> mounts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mounts"));
  }
}
