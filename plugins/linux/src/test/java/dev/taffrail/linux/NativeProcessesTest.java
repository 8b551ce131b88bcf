package dev.taffrail.linux;

import static dev.taffrail.linux.NativeTreeTest.kindOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.linux.SpawnRequest;
import dev.taffrail.core.linux.SpawnRequest.Access;
import dev.taffrail.core.linux.SpawnRequest.Redirect;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NativeProcessesTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");
  private final NativeProcesses processes = new NativeProcesses();
  private final List<ProcessRef> started = new ArrayList<>();
  @TempDir private Path directory;

  @AfterEach
  void endAll() throws Exception {
    for (ProcessRef process : started) {
      if (process.isAlive()) {
        process.signal(9);
      }
      exit(process);
      process.close();
    }
    processes.close();
  }

  @Test
  void aChildHasTheDescriptorsEnvironmentAndDirectoryAskedFor() throws Exception {
    Path out = directory.resolve("out");
    Path input = Files.writeString(directory.resolve("in"), "input\n");
    Path extra = Files.writeString(directory.resolve("extra"), "before\n");
    ProcessRef child =
        spawn(
            new SpawnRequest(
                List.of(
                    "/bin/sh",
                    "-c",
                    "read line; echo $line; pwd; echo more >&5; echo err >&2; env"),
                Map.of("GREETING", "grüß dich"),
                directory,
                Map.of(
                    0, new Redirect(input, Access.READ),
                    1, new Redirect(out, Access.TRUNCATE),
                    5, new Redirect(extra, Access.APPEND)),
                false));
    assertThat(exit(child)).hasValue(0);
    String here = directory.toRealPath().toString();
    assertThat(Files.readAllLines(out))
        .containsExactlyInAnyOrder("input", here, "GREETING=grüß dich", "PWD=" + here);
    assertThat(extra).hasContent("before\nmore\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
        .isEqualTo("rw-------");
  }

  @Test
  void aChildInheritsNoDescriptor() throws Exception {
    Path out = directory.resolve("out");
    Path log = directory.resolve("log");
    // For the child to inherit, if it did: the JDK does not set O_CLOEXEC.
    List<InputStream> leaks = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        leaks.add(new FileInputStream("/dev/zero"));
      }
      ProcessRef child =
          spawn(
              new SpawnRequest(
                  List.of("/bin/ls", "-1", "/proc/self/fd"),
                  ENVIRONMENT,
                  directory,
                  Map.of(
                      1, new Redirect(out, Access.TRUNCATE), 6, new Redirect(log, Access.APPEND)),
                  false));
      assertThat(exit(child)).hasValue(0);
    } finally {
      for (InputStream leak : leaks) {
        leak.close();
      }
    }
    // 3, the lowest that is free, is the directory that ls lists.
    assertThat(Files.readAllLines(out)).containsExactly("0", "1", "2", "3", "6");
  }

  @Test
  void signalsAreUnblockedAndAtTheirDefaults() throws Exception {
    Path out = directory.resolve("out");
    ProcessRef child =
        spawn(
            new SpawnRequest(
                List.of("/bin/cat", "/proc/self/status"),
                ENVIRONMENT,
                directory,
                Map.of(1, new Redirect(out, Access.TRUNCATE)),
                false));
    assertThat(exit(child)).hasValue(0);
    String none = "0".repeat(16);
    assertThat(Files.readAllLines(out))
        .contains("SigBlk:\t" + none, "SigIgn:\t" + none, "SigCgt:\t" + none);
  }

  @Test
  void aNewSessionIsLedByTheChild() throws Exception {
    List<String> session =
        output("cut -d' ' -f1,6 /proc/$$/stat; cut -d' ' -f6 /proc/1/stat", true);
    String[] fields = session.get(0).split(" ", -1);
    assertThat(fields[0]).isEqualTo(fields[1]);
    String[] inherited = output("cut -d' ' -f1,6 /proc/$$/stat", false).get(0).split(" ", -1);
    assertThat(inherited[0]).isNotEqualTo(inherited[1]);
  }

  @Test
  void exitCodesAndSignalsAreTold() throws Exception {
    assertThat(exit(shell("exit 0"))).hasValue(0);
    assertThat(exit(shell("exit 7"))).hasValue(7);
    assertThat(exit(shell("exit 255"))).hasValue(255);
    assertThat(exit(shell("kill -TERM $$"))).hasValue(143);
    ProcessRef sleeping = sleeping();
    assertThat(sleeping.isAlive()).isTrue();
    sleeping.signal(9);
    assertThat(exit(sleeping)).hasValue(137);
    assertThat(sleeping.isAlive()).isFalse();
    assertThat(kindOf(() -> sleeping.signal(0))).isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void aProgramThatCannotRunIsAFailureAndNoChild() throws Exception {
    Path text = Files.writeString(directory.resolve("text"), "no program");
    assertThat(kindOf(() -> start("/no/such/program"))).isEqualTo(Kind.NOT_FOUND);
    assertThat(kindOf(() -> start(text.toString()))).isEqualTo(Kind.PERMISSION_DENIED);
    assertThat(kindOf(() -> start("/bin/sh\0x"))).isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void aChildIsReapedEvenWhenItsHandleWasClosed() throws Exception {
    ProcessRef child = start("/bin/sh", "-c", "exit 3");
    var exit = child.exit();
    child.close();
    assertThat(exit.get(30, TimeUnit.SECONDS)).hasValue(3);
    assertThat(ProcessStat.read(child.pid())).isEmpty();
  }

  @Test
  void theStatusOfAProcessThatIsNotOurChildIsKnown() throws Exception {
    Path fifo = directory.resolve("fifo");
    assertThat(exit(start("/usr/bin/mkfifo", fifo.toString()))).hasValue(0);
    List<String> lines = output("(read line < " + fifo + "; exit 41) >/dev/null & echo $!", false);
    int pid = Integer.parseInt(lines.get(0));
    try (ProcessRef orphan = processes.open(pid).orElseThrow()) {
      assertThat(orphan.pid()).isEqualTo(pid);
      assertThat(orphan.isAlive()).isTrue();
      var exit = orphan.exit();
      assertThat(exit).isNotDone();
      Files.writeString(fifo, "go\n");
      assertThat(exit.get(30, TimeUnit.SECONDS)).hasValue(41);
      assertThat(orphan.isAlive()).isFalse();
    }
  }

  @Test
  void theStatusOfAReapedProcessComesFromItsPidfd() throws Exception {
    assumeTrue(kernelIsAtLeast(6, 15), "PIDFD_INFO_EXIT came with Linux 6.15");
    ProcessRef child = sleeping();
    try (ProcessRef other = processes.open(child.pid()).orElseThrow()) {
      child.signal(9);
      assertThat(exit(child)).hasValue(137);
      assertThat(ProcessStat.read(child.pid())).isEmpty();
      assertThat(exit(other)).hasValue(137);
    }
  }

  private static boolean kernelIsAtLeast(int major, int minor) {
    String[] version = System.getProperty("os.version").split("[.-]", -1);
    int found = Integer.parseInt(version[0]);
    return found > major || (found == major && Integer.parseInt(version[1]) >= minor);
  }

  @Test
  void aReusedPidIsToldByItsStart() throws Exception {
    ProcessRef child = sleeping();
    long ticks = child.startTicks();
    assertThat(ticks).isPositive();
    try (ProcessRef same = processes.open(child.pid(), ticks).orElseThrow()) {
      assertThat(same.startTicks()).isEqualTo(ticks);
    }
    assertThat(processes.open(child.pid(), ticks + 1)).isEmpty();
    child.signal(9);
    exit(child);
    assertThat(processes.open(child.pid(), ticks)).isEmpty();
    assertThat(kindOf(() -> processes.open(0))).isEqualTo(Kind.INVALID_ARGUMENT);
  }

  @Test
  void theCommandInAStatLineMayLookLikeAnything() {
    String rest =
        " 1 1 1 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 1 1 1 1 1 1 1 0 0 0 0 0"
            + " 0 0 17 0 0 0 0 0 0 1 1 1 1 1 1 1 10496\n";
    ProcessStat stat = ProcessStat.parse("12 (a) Z 3 (b) Z" + rest);
    assertThat(stat.state()).isEqualTo('Z');
    assertThat(stat.startTicks()).isEqualTo(4711);
    assertThat(ExitStatus.decode(stat.waitStatus())).isEqualTo(41);
    assertThat(ExitStatus.decode(9)).isEqualTo(137);
    assertThat(ExitStatus.decode(0x80 | 11)).isEqualTo(139);
  }

  @Test
  void childrenOfTheJvmAreLeftAlone() throws Exception {
    Process other = new ProcessBuilder("/bin/sh", "-c", "exit 9").start();
    for (int i = 0; i < 20; i++) {
      assertThat(exit(shell("exit 0"))).hasValue(0);
    }
    assertThat(other.waitFor()).isEqualTo(9);
  }

  @Test
  void descriptorsDoNotLeak() throws Exception {
    exit(shell("exit 0"));
    long before = openDescriptors();
    for (int i = 0; i < 50; i++) {
      try (ProcessRef child = start("/bin/true")) {
        exit(child);
      }
    }
    assertThat(openDescriptors()).isLessThan(before + 10);
  }

  private static long openDescriptors() throws IOException {
    try (var names = Files.list(Path.of("/proc/self/fd"))) {
      return names.count();
    }
  }

  @Test
  void closingTheWatcherFailsWhatIsStillOpen() {
    NativeProcesses second = new NativeProcesses();
    ProcessRef child = sleeping();
    try (ProcessRef opened = second.open(child.pid()).orElseThrow()) {
      var exit = opened.exit();
      second.close();
      assertThat(exit).isCompletedExceptionally();
    }
  }

  private List<String> output(String script, boolean newSession) throws Exception {
    Path out = directory.resolve("output");
    ProcessRef child =
        spawn(
            new SpawnRequest(
                List.of("/bin/sh", "-c", script),
                ENVIRONMENT,
                directory,
                Map.of(1, new Redirect(out, Access.TRUNCATE)),
                newSession));
    assertThat(exit(child)).hasValue(0);
    return Files.readAllLines(out);
  }

  private ProcessRef sleeping() {
    return spawn(request("/bin/sleep", "600"));
  }

  private ProcessRef shell(String script) {
    return spawn(request("/bin/sh", "-c", script));
  }

  private ProcessRef start(String... arguments) {
    return processes.spawn(request(arguments));
  }

  private SpawnRequest request(String... arguments) {
    return new SpawnRequest(List.of(arguments), ENVIRONMENT, directory, Map.of(), false);
  }

  private ProcessRef spawn(SpawnRequest request) {
    ProcessRef process = processes.spawn(request);
    started.add(process);
    return process;
  }

  private static OptionalInt exit(ProcessRef process)
      throws InterruptedException, ExecutionException, TimeoutException {
    return process.exit().get(30, TimeUnit.SECONDS);
  }
}
