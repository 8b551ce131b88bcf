package dev.taffrail.testkit;

import static dev.taffrail.testkit.TestHost.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.linux.Mounts;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.task.LogQuery;
import dev.taffrail.core.task.NamespaceModes;
import dev.taffrail.core.task.OutputFrame;
import dev.taffrail.core.task.ResourceLimits;
import dev.taffrail.core.task.SecuritySettings;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.core.task.TaskInput;
import dev.taffrail.core.task.TaskSpec;
import dev.taffrail.core.task.TaskState;
import dev.taffrail.core.task.Tasks;
import dev.taffrail.testkit.daemon.BusyboxImage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every task plugin does, with real processes; needs root and busybox. */
public abstract class TasksContract {
  private static final CallContext CALL = CallContext.component("test");
  private static final int TERM = 15;
  private static final int KILL = 9;

  @TempDir private Path root;
  private final List<String> ids = new ArrayList<>();
  private TestHost host;

  /** Starts the plugin under test, and what it requires, the ports of linux among it. */
  protected abstract void start(TestHost host);

  @BeforeEach
  final void open() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "tasks need root, so it is skipped");
    BusyboxImage.fill(Files.createDirectories(root.resolve("rootfs")));
    begin();
  }

  private void begin() {
    host = new TestHost(root);
    start(host);
  }

  /** The plugin stops and starts again; its tasks do not notice. */
  private void restart() {
    host.close();
    begin();
  }

  @AfterEach
  final void close() {
    if (host != null) {
      try {
        ids.forEach(id -> await(tasks().delete(CALL, id)));
        assertThat(await(tasks().list(CALL))).isEmpty();
        assertThat(host.port(Mounts.class).below(root)).isEmpty();
      } finally {
        host.close();
      }
    }
  }

  private Tasks tasks() {
    return host.service(Tasks.TASK);
  }

  private TaskSpec spec(boolean stdin, String... arguments) {
    String id = UUID.randomUUID().toString().replace("-", "");
    ids.add(id);
    return new TaskSpec(
        id,
        List.of(new Mount("bind", root.resolve("rootfs").toString(), List.of("rbind", "ro"))),
        true,
        List.of(arguments),
        List.of("PATH=/bin"),
        "/",
        "",
        List.of(),
        false,
        stdin,
        true,
        "contract",
        Optional.empty(),
        Optional.empty(),
        List.of(),
        NamespaceModes.PRIVATE,
        ResourceLimits.NONE,
        SecuritySettings.DEFAULT,
        List.of(),
        Map.of(),
        1 << 20,
        OptionalInt.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        log(id));
  }

  private Path log(String id) {
    return root.resolve("logs").resolve(id);
  }

  private String run(String... arguments) {
    TaskSpec spec = spec(false, arguments);
    await(tasks().create(CALL, spec));
    await(tasks().start(CALL, spec.id()));
    return spec.id();
  }

  private TaskExit exit(String id) {
    return await(tasks().exit(CALL, id));
  }

  private TaskState.Phase phase(String id) {
    return await(tasks().state(CALL, id)).phase();
  }

  /** All that it has written, from the first byte on, once it has ended. */
  private String output(String id) {
    ReadStream<OutputFrame> stream =
        await(
            tasks()
                .output(
                    CALL,
                    new LogQuery(
                        id,
                        log(id),
                        true,
                        true,
                        true,
                        Optional.empty(),
                        Optional.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty())));
    StringBuilder text = new StringBuilder();
    Promise<Void> end = Promise.promise();
    stream.handler(frame -> text.append(frame.data()));
    stream.exceptionHandler(end::tryFail);
    stream.endHandler(ended -> end.tryComplete());
    stream.resume();
    await(end.future());
    return text.toString();
  }

  private void killMonitor(StartedTask task) throws Exception {
    try (ProcessRef monitor =
        host.port(Processes.class)
            .open(task.monitorPid(), task.monitorStartTicks())
            .orElseThrow()) {
      monitor.signal(KILL);
      OptionalInt unused = monitor.exit().get(20, TimeUnit.SECONDS);
    }
  }

  private static Kind failureOf(Future<?> call) {
    return ContentStoreContract.failureOf(call);
  }

  @Test
  void nothingOfTheContainersRunsBeforeTheStart() {
    TaskSpec spec = spec(false, "echo", "hello");
    await(tasks().create(CALL, spec));
    assertThat(phase(spec.id())).isEqualTo(TaskState.Phase.CREATED);
    assertThat(log(spec.id()))
        .satisfiesAnyOf(
            log -> assertThat(log).doesNotExist(), log -> assertThat(log).isEmptyFile());
    await(tasks().start(CALL, spec.id()));
    assertThat(exit(spec.id()).code()).isZero();
    assertThat(output(spec.id())).isEqualTo("hello\n");
  }

  @Test
  void theExitCodeIsTheProcesss() {
    String id = run("sh", "-c", "exit 42");
    TaskExit exit = exit(id);
    assertThat(exit.code()).isEqualTo(42);
    assertThat(exit.reason()).isEqualTo(TaskExit.Reason.EXITED);
    TaskState state = await(tasks().state(CALL, id));
    assertThat(state.phase()).isEqualTo(TaskState.Phase.STOPPED);
    assertThat(state.exit()).contains(exit);
  }

  @Test
  void signalsArriveAndTheirNumberIsInTheCode() {
    String id = run("sleep", "1000");
    assertThat(phase(id)).isEqualTo(TaskState.Phase.RUNNING);
    await(tasks().kill(CALL, id, KILL));
    assertThat(exit(id).code()).isEqualTo(137);
    assertThat(failureOf(tasks().kill(CALL, id, TERM))).isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void aProgramThatIsNotThereIsTheCallersFaultAndLeavesNothing() {
    TaskSpec spec = spec(false, "nosuchprogram");
    assertThat(
            failureOf(
                tasks().create(CALL, spec).compose(created -> tasks().start(CALL, spec.id()))))
        .isEqualTo(Kind.INVALID_ARGUMENT);
    await(tasks().delete(CALL, spec.id()));
    assertThat(phase(spec.id())).isEqualTo(TaskState.Phase.ABSENT);
  }

  @Test
  void stdinReachesTheProcessAndEnds() {
    TaskSpec spec = spec(true, "cat");
    TaskInput input = await(tasks().input(CALL, spec.id()));
    await(tasks().create(CALL, spec));
    await(tasks().start(CALL, spec.id()));
    await(input.write(Buffer.buffer("one\ntwo\n")));
    await(input.end());
    assertThat(exit(spec.id()).code()).isZero();
    assertThat(output(spec.id())).isEqualTo("one\ntwo\n");
  }

  @Test
  void aTaskWithoutStdinHasNone() {
    String id = run("sleep", "1000");
    assertThat(failureOf(tasks().input(CALL, id))).isEqualTo(Kind.FAILED_PRECONDITION);
    assertThat(failureOf(tasks().resize(CALL, id, 24, 80))).isEqualTo(Kind.FAILED_PRECONDITION);
  }

  @Test
  void deletingEndsWhatRunsAndCanBeRepeated() {
    String id = run("sleep", "1000");
    assertThat(await(tasks().list(CALL))).containsExactly(id);
    await(tasks().delete(CALL, id));
    await(tasks().delete(CALL, id));
    assertThat(await(tasks().list(CALL))).isEmpty();
    assertThat(phase(id)).isEqualTo(TaskState.Phase.ABSENT);
  }

  @Test
  void whatIsNotThereHasNoExit() {
    String nobody = "0".repeat(32);
    assertThat(failureOf(tasks().exit(CALL, nobody))).isEqualTo(Kind.NOT_FOUND);
    assertThat(failureOf(tasks().kill(CALL, nobody, TERM))).isEqualTo(Kind.NOT_FOUND);
    await(tasks().delete(CALL, nobody));
  }

  @Test
  void oneIdIsOneTask() {
    TaskSpec spec = spec(false, "sleep", "1000");
    await(tasks().create(CALL, spec));
    assertThat(failureOf(tasks().create(CALL, spec))).isEqualTo(Kind.ALREADY_EXISTS);
    assertThat(phase(spec.id())).isEqualTo(TaskState.Phase.CREATED);
  }

  @Test
  void tasksOutliveThePlugin() {
    String id = run("sh", "-c", "trap 'echo bye; exit 9' TERM; while :; do sleep 0.01; done");
    StartedTask before = await(tasks().state(CALL, id)).started().orElseThrow();
    restart();
    assertThat(await(tasks().state(CALL, id)).started()).contains(before);
    await(tasks().kill(CALL, id, TERM));
    TaskExit exit = exit(id);
    assertThat(exit.code()).isEqualTo(9);
    assertThat(exit.reason()).isEqualTo(TaskExit.Reason.EXITED);
    assertThat(output(id)).isEqualTo("bye\n");
  }

  @Test
  void anExitWhileThePluginIsAwayIsKnownAfterwards() throws Exception {
    String id = run("sleep", "1000");
    StartedTask task = await(tasks().state(CALL, id)).started().orElseThrow();
    host.close();
    TestHost other = new TestHost(root.resolve("other"));
    startPorts(other);
    try (ProcessRef monitor = other.port(Processes.class).open(task.monitorPid()).orElseThrow();
        ProcessRef process = other.port(Processes.class).open(task.pid()).orElseThrow()) {
      process.signal(KILL);
      OptionalInt unused = monitor.exit().get(20, TimeUnit.SECONDS);
    }
    other.close();
    begin();
    assertThat(exit(id).code()).isEqualTo(137);
  }

  /** Only the ports of linux. */
  protected abstract void startPorts(TestHost host);

  @Test
  void aTaskWithoutItsMonitorIsSaidToBe() throws Exception {
    String id = run("sleep", "1000");
    killMonitor(await(tasks().state(CALL, id)).started().orElseThrow());
    assertThat(phase(id)).isEqualTo(TaskState.Phase.UNMONITORED);
    await(tasks().kill(CALL, id, KILL));
    TaskExit exit = exit(id);
    assertThat(exit.code()).isIn(137, 255);
    assertThat(exit.reason())
        .isEqualTo(exit.code() == 137 ? TaskExit.Reason.MONITOR_LOST : TaskExit.Reason.UNKNOWN);
    assertThat(phase(id)).isEqualTo(TaskState.Phase.STOPPED);
  }

  @Test
  void whatNeverStartedCanBeDeletedWithoutItsMonitor() throws Exception {
    TaskSpec spec = spec(false, "sleep", "1000");
    killMonitor(await(tasks().create(CALL, spec)));
    await(tasks().delete(CALL, spec.id()));
    assertThat(phase(spec.id())).isEqualTo(TaskState.Phase.ABSENT);
  }
}
