package dev.taffrail.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.testkit.daemon.ApiClient;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import dev.taffrail.testkit.linux.LoopDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The disk of the data root is full, at whatever step that shows: commands fail with a clear error,
 * what runs goes on, what ends is recorded, and with room again all goes on without a restart.
 */
class DataRootFullTest {
  private static final long DISK = 160L << 20;
  private static final long RESERVE = 16L << 20;
  private static final long KIB = 1 << 10;
  private static final String FULL = "no space left on device";
  private static final Random RANDOM = new Random(3);
  private static final byte[] ARCHIVE = BusyboxImage.tar();
  private static final byte[] OTHER = noise(1 << 20);

  private LoopDisk disk;
  private DaemonProcess daemon;
  private Inspection inspection;

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** An archive with one file, which nothing makes smaller. */
  private static byte[] noise(int bytes) {
    try {
      Path file = Files.createTempFile("taffrail-noise", "");
      try {
        Files.write(file, bytes(bytes));
        return Commands.run(
                Map.of(),
                new byte[0],
                List.of(
                    "tar", "-C", file.getParent().toString(), "-c", file.getFileName().toString()))
            .succeeded()
            .bytes();
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void start(String reserve) throws IOException {
    Path directory = Files.createTempDirectory("taffrail-full");
    Optional<LoopDisk> mounted = LoopDisk.mount(directory, "data", DISK);
    assumeTrue(mounted.isPresent(), "no loop device can be mounted here");
    disk = mounted.get();
    Path configuration = directory.resolve("daemon.json");
    Files.writeString(
        configuration, "{\"log-disk-reserve\": \"" + reserve + "\"}", StandardCharsets.UTF_8);
    daemon =
        DaemonProcess.start(
            directory, Map.of(), disk::close, "--config-file", configuration.toString());
    daemon.docker(ARCHIVE, "import", "-", CrashHarness.IMAGE).succeeded();
    inspection = new Inspection(daemon, Invariant.ALL);
  }

  @AfterEach
  void stop() throws IOException {
    if (daemon != null) {
      disk.empty();
      awaitLog();
      daemon.close();
    }
  }

  private String create(String name, Program program) throws IOException {
    ApiClient.Answer answer =
        daemon
            .api()
            .send(
                "POST",
                "/containers/create?name=" + name,
                program.json().getBytes(StandardCharsets.UTF_8));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.json().path("Id").asText();
  }

  private String running(String name, Program program) throws IOException {
    String id = create(name, program);
    daemon.docker("start", name).succeeded();
    // What it does about signals is arranged once it prints.
    await(
        "output",
        (api, of) -> api.get("/containers/" + of + "/logs?stdout=1").body().length > 0,
        name);
    return id;
  }

  private void await(String what, Until.Question question, String name) throws IOException {
    boolean unused = new Until(what, question).run(daemon.api(), name, false);
  }

  /** A log that could not be written is opened again within a second or so. */
  private void awaitLog() throws IOException {
    await("log", (api, name) -> api.get("/taffrail/v1/log").status() == 200, "the daemon");
  }

  private String inspect(String name, String format) {
    return daemon.docker("inspect", "-f", format, name).succeeded().out().strip();
  }

  /** A whole run that prints a line and ends with 5. */
  private CommandResult run() {
    return daemon.docker(
        "run",
        "--rm",
        "--network",
        "none",
        "--label",
        Program.EXIT_CODE + "=5",
        "--label",
        Program.LINES + "=1",
        CrashHarness.IMAGE,
        "sh",
        "-c",
        "echo 1; exit 5");
  }

  private void runs() {
    CommandResult run = run();
    assertThat(run.code()).as(run.toString()).isEqualTo(5);
    assertThat(run.out()).isEqualTo("1\n");
  }

  private static void isClear(CommandResult failed) {
    assertThat(failed.err()).as(failed.toString()).containsIgnoringCase(FULL);
  }

  private boolean refuses() throws IOException {
    return daemon.api().get("/taffrail/v1/log").json().hasNonNull("refusing");
  }

  private void whole() throws IOException {
    inspection.settle();
    inspection.verify();
  }

  @Test
  void belowTheReserveNothingBeginsAndWhatRunsMayEnd() throws Exception {
    start("64m");
    daemon.docker(ARCHIVE, "import", "--message", "other", "-", "other").succeeded();
    running("polite", Program.polite());
    running("deaf", Program.deaf());
    running("dies", Program.murdered());
    create("rests", Program.printing(3, 0));
    assertThat(refuses()).isFalse();
    disk.fill(RESERVE / 2);
    // The writer looks once a second when nobody asks for anything.
    await("refusal", (api, name) -> refuses(), "the log");
    for (CommandResult refused :
        List.of(
            run(),
            daemon.docker("create", CrashHarness.IMAGE, "true"),
            daemon.docker("start", "rests"),
            daemon.docker("tag", "other", "third"),
            daemon.docker(ARCHIVE, "import", "-", "another"))) {
      assertThat(refused.code()).as(refused.toString()).isNotZero();
      isClear(refused);
    }
    assertThat(daemon.docker("ps", "-q").succeeded().out().lines()).hasSize(3);
    assertThat(daemon.docker("logs", "deaf").succeeded().out()).isEqualTo("1\n");
    daemon.docker("stop", "polite").succeeded();
    assertThat(inspect("polite", "{{.State.Status}} {{.State.ExitCode}}")).isEqualTo("exited 3");
    daemon.docker("kill", "deaf").succeeded();
    assertThat(daemon.docker("wait", "deaf").succeeded().out()).isEqualTo("137\n");
    killFromOutside("dies");
    assertThat(daemon.docker("wait", "dies").succeeded().out()).isEqualTo("137\n");
    daemon.docker("rm", "dies", "rests").succeeded();
    daemon.docker("rmi", "other").succeeded();
    daemon.docker("container", "prune", "-f").succeeded();
    assertThat(daemon.docker("ps", "-aq").succeeded().out()).isBlank();
    disk.empty();
    await("room", (api, name) -> !refuses(), "the log");
    runs();
    whole();
  }

  private void killFromOutside(String name) {
    long pid = Long.parseLong(inspect(name, "{{.State.Pid}}"));
    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
  }

  /** Without a reserve each step of an import or a run is the one that finds no room, in turn. */
  @Test
  void eachStepMayBeTheOneThatFindsNoRoom() throws Exception {
    start("0");
    running("stays", Program.deaf());
    int imports = 0;
    for (long left = 0; left <= 2560 * KIB; left += 256 * KIB) {
      disk.fill(left);
      CommandResult imported = daemon.docker(OTHER, "import", "-", "other");
      if (imported.code() != 0) {
        isClear(imported);
        imports++;
      }
      undisturbed();
      disk.empty();
      if (imported.code() == 0) {
        daemon.docker("rmi", "other").succeeded();
      }
      inspection.settle();
    }
    assertThat(imports).as("imports that failed").isPositive();
    int runs = 0;
    for (long left = 0; left <= 16 * KIB; left += 2 * KIB) {
      disk.fill(left);
      CommandResult run = run();
      if (run.code() != 5) {
        assertThat(run.code()).as(run.toString()).isBetween(125, 127);
        isClear(run);
        runs++;
      }
      undisturbed();
      disk.empty();
      inspection.settle();
      assertThat(daemon.docker("ps", "-aq").succeeded().out().lines()).hasSize(1);
    }
    assertThat(runs).as("runs that failed").isPositive();
    runs();
    inspection.verify();
  }

  private void undisturbed() {
    assertThat(daemon.docker("ps", "--format", "{{.Names}}").succeeded().out().lines())
        .contains("stays");
    assertThat(inspect("stays", "{{.State.Status}}")).isEqualTo("running");
  }

  @Test
  void exitsAreRecordedWithoutAnyRoomAlsoByADaemonThatIsStartedSo() throws Exception {
    start("64m");
    String now = running("now", Program.polite());
    String meanwhile = running("meanwhile", Program.murdered());
    String later = running("later", Program.polite());
    running("talks", Program.talkative());
    disk.fill(0);
    daemon.docker("stop", "talks").succeeded();
    assertThat(inspect("talks", "{{.State.ExitCode}}")).isEqualTo("3");
    // What it printed meanwhile had nowhere to go.
    daemon.docker("rm", "talks").succeeded();
    daemon.docker("stop", "now").succeeded();
    assertThat(inspect("now", "{{.State.ExitCode}}")).isEqualTo("3");
    daemon.kill();
    killFromOutsideWhileDead(meanwhile);
    daemon.restart();
    assertThat(daemon.docker("wait", "meanwhile").succeeded().out()).isEqualTo("137\n");
    assertThat(daemon.docker("ps", "-q", "--no-trunc").succeeded().out()).contains(later);
    isClear(run());
    daemon.docker("stop", "later").succeeded();
    assertThat(inspect("later", "{{.State.ExitCode}}")).isEqualTo("3");
    assertThat(exit(now)).isEqualTo(3);
    daemon.docker("rm", "now").succeeded();
    disk.empty();
    await("room", (api, name) -> !refuses(), "the log");
    runs();
    whole();
  }

  /** The log's own write fails, and there is no ballast to give up. */
  @Test
  void aLogThatCannotBeWrittenGoesOnOnceThereIsRoom() throws Exception {
    start("0");
    String dies = running("dies", Program.murdered());
    String stays = running("stays", Program.deaf());
    disk.fill(0);
    Set<Integer> answers = new TreeSet<>();
    // The log has room laid by for so long.
    for (int round = 0; round < 60 && !answers.contains(503); round++) {
      ApiClient.Answer answer =
          daemon.api().send("POST", "/containers/create?name=big-" + round, big());
      assertThat(answer.status()).as(answer.text()).isGreaterThanOrEqualTo(500);
      assertThat(answer.text()).containsIgnoringCase(FULL);
      answers.add(answer.status());
    }
    assertThat(answers).contains(500, 503);
    killFromOutsideWhileDead(dies);
    assertThat(daemon.docker("ps").err()).contains("No space left on device");
    disk.empty();
    awaitLog();
    assertThat(daemon.docker("wait", "dies").succeeded().out()).isEqualTo("137\n");
    assertThat(daemon.docker("ps", "-q", "--no-trunc").succeeded().out()).isEqualTo(stays + "\n");
    runs();
    whole();
    assertThat(daemon.docker("ps", "-aq").succeeded().out().lines()).hasSize(2);
  }

  /** The body of a create that makes an event nearly as large as may be. */
  private static byte[] big() {
    String noise = HexFormat.of().formatHex(bytes(400_000));
    String body = Program.printing(1, 0).json();
    return ("{\"Env\":[\"NOISE=" + noise + "\"]," + body.substring(1))
        .getBytes(StandardCharsets.UTF_8);
  }

  private void killFromOutsideWhileDead(String id) throws IOException {
    Path pid = daemon.execRoot().resolve("task.conmon").resolve(id).resolve("pidfile");
    long process = Long.parseLong(Files.readString(pid, StandardCharsets.US_ASCII).strip());
    assertThat(ProcessHandle.of(process).orElseThrow().destroyForcibly()).isTrue();
  }

  private int exit(String id) throws IOException {
    JsonNode row = daemon.api().get("/taffrail/v1/state/containers/default/" + id).json();
    return row.path("value").path("exitCode").asInt(-1);
  }
}
