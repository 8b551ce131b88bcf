package dev.taffrail.containers;

import static dev.taffrail.testkit.Samples.EXIT;
import static dev.taffrail.testkit.Samples.NOON;
import static dev.taffrail.testkit.Samples.TASK;
import static dev.taffrail.testkit.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerEvent.KillRequested;
import dev.taffrail.core.container.ContainerEvent.Learnt;
import dev.taffrail.core.container.ContainerEvent.MonitorLost;
import dev.taffrail.core.container.ContainerEvent.Purpose;
import dev.taffrail.core.container.ContainerEvent.Removed;
import dev.taffrail.core.container.ContainerEvent.Removing;
import dev.taffrail.core.container.ContainerEvent.RestartRequested;
import dev.taffrail.core.container.ContainerEvent.Restarted;
import dev.taffrail.core.container.ContainerEvent.StopRequested;
import dev.taffrail.core.container.ContainerEvent.TaskExited;
import dev.taffrail.core.container.ContainerEvent.TaskStartFailed;
import dev.taffrail.core.container.ContainerEvent.TaskStarted;
import dev.taffrail.core.container.ContainerEvent.TaskStarting;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.Containers;
import dev.taffrail.core.container.Restart;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import dev.taffrail.core.snapshot.Snapshotter;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.core.task.TaskState;
import dev.taffrail.core.task.Tasks;
import dev.taffrail.testkit.Samples;
import dev.taffrail.testkit.TestHost;
import dev.taffrail.testkit.log.Collected;
import io.vertx.core.Deployable;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the daemon does at its start about every phase that a crash can leave, row by row. */
class ReconcilerTest {
  private static final String ID = id('a');
  private static final ContainerSpecification PLAIN = Samples.specification(ID);
  private static final InstantSource CLOCK = InstantSource.fixed(NOON);

  @TempDir Path directory;
  private final FakeTasks tasks = new FakeTasks();
  private final FakeSnapshots snapshots = new FakeSnapshots();
  private TestHost host;
  private Cursor before;

  @BeforeEach
  void host() {
    host = new TestHost(directory);
    host.append(
        ImageEvent.subject(Samples.IMAGE.id()),
        new ImageEvent.Created(Samples.IMAGE, ImageEvent.Source.IMPORT));
    host.given(Tasks.TASK, new PluginId("task.fake"), tasks);
    host.given(Snapshotter.SNAPSHOT, new PluginId("snapshot.overlay"), snapshots);
    host.given(Images.IMAGES, new PluginId("images.fake"), none(Images.class));
    host.given(Networks.NETWORKS, new PluginId("network.fake"), none(Networks.class));
    snapshots.addOf(ID);
  }

  @AfterEach
  void close() {
    host.close();
  }

  private static <T> T none(Class<T> contract) {
    return contract.cast(
        Proxy.newProxyInstance(
            contract.getClassLoader(),
            new Class<?>[] {contract},
            (self, method, arguments) -> {
              throw new AssertionError("A reconciler does not call " + method);
            }));
  }

  /** What the log has about the container before the daemon died. */
  private void left(ContainerSpecification specification, ContainerEvent... events) {
    host.append(ContainerEvent.subject(ID), Samples.life(specification, events));
  }

  private void task(TaskState.Phase phase) {
    boolean stopped = phase == TaskState.Phase.STOPPED;
    tasks.set(
        ID,
        new TaskState(phase, Optional.of(TASK), stopped ? Optional.of(EXIT) : Optional.empty()));
  }

  /** Starts the plugin and waits until everything was looked at. */
  private void restart() {
    TestHost.await(begin().reconciled());
  }

  private ContainersVerticle begin() {
    before = host.log().head();
    List<ContainersVerticle> verticles = new ArrayList<>();
    host.start(
        new Plugin() {
          @Override
          public PluginId id() {
            return new PluginId("containers.test");
          }

          @Override
          public PluginType<?> type() {
            return Containers.CONTAINERS;
          }

          @Override
          public Deployable create(PluginContext context) {
            verticles.add(new ContainersVerticle(context, CLOCK));
            return verticles.get(0);
          }
        });
    return verticles.get(0);
  }

  /** Exactly these events came since the restart. */
  private void thenEvents(ContainerEvent... expected) {
    Collected collected = new Collected(Long.MAX_VALUE, expected.length);
    host.log().subscribe(before, EventFilter.ALL).subscribe(collected);
    collected.await();
    List<Event> found =
        host.log().read(before, EventFilter.ALL, 100).events().stream().map(this::event).toList();
    assertThat(found).containsExactly(expected);
  }

  private Event event(LoggedEvent logged) {
    return EventJson.read(
        logged.payload().orElseThrow().getBytes(StandardCharsets.UTF_8),
        host.log().catalogue().find(logged.header().type()).orElseThrow().eventClass());
  }

  @Test
  void aCreatedContainerStaysAsItIs() {
    left(PLAIN);
    restart();
    thenEvents();
    assertThat(snapshots.keys()).containsExactly(ID);
    assertThat(tasks.effects).isEmpty();
  }

  @Test
  void aCreateThatGotNoSnapshotIsUndone() {
    left(PLAIN);
    var unused = snapshots.remove(null, PLAIN.snapshot());
    restart();
    thenEvents(new Removing(false), new Removed());
  }

  @Test
  void aStartThatDidNothingHasFailed() {
    left(PLAIN, new TaskStarting(1));
    restart();
    thenEvents(interrupted());
  }

  private static TaskStartFailed interrupted() {
    return interrupted(Optional.empty());
  }

  private static TaskStartFailed interrupted(Optional<Restart> restart) {
    return new TaskStartFailed(128, StartFailure.interrupted().reason(), restart);
  }

  @Test
  void aStartThatOnlyCreatedHasFailedOnceTheTaskIsDeleted() {
    left(PLAIN, new TaskStarting(1));
    task(TaskState.Phase.CREATED);
    restart();
    thenEvents(interrupted());
    assertThat(tasks.effects).containsExactly("delete " + ID);
  }

  @Test
  void aFailedStartOfAContainerThatRemovesItselfRemovesIt() {
    left(Samples.selfRemoving(ID), new TaskStarting(1));
    restart();
    thenEvents(interrupted(), new Removing(false), new Removed());
    assertThat(snapshots.keys()).isEmpty();
  }

  @Test
  void aStartThatRunsHasSucceededAndIsWatched() {
    left(PLAIN, new TaskStarting(1));
    task(TaskState.Phase.RUNNING);
    restart();
    thenEvents(new TaskStarted(TASK, NOON));
    tasks.end(ID, EXIT);
    thenEvents(new TaskStarted(TASK, NOON), new TaskExited(EXIT, Learnt.LIVE, Optional.empty()));
  }

  @Test
  void aStartThatHasEndedMeanwhileIsBoth() {
    left(PLAIN, new TaskStarting(1));
    task(TaskState.Phase.STOPPED);
    restart();
    thenEvents(
        new TaskStarted(TASK, NOON), new TaskExited(EXIT, Learnt.AFTER_RESTART, Optional.empty()));
  }

  @Test
  void aStartWithoutItsMonitorIsKilled() {
    left(PLAIN, new TaskStarting(1));
    task(TaskState.Phase.UNMONITORED);
    restart();
    thenEvents(
        new TaskStarted(TASK, NOON),
        new MonitorLost(TASK.monitorPid()),
        new KillRequested("SIGKILL", Purpose.MONITOR_LOST, false));
    assertThat(tasks.effects).containsExactly("kill " + ID + " 9");
  }

  private void leftRunning(ContainerSpecification specification, ContainerEvent... more) {
    List<ContainerEvent> events = new ArrayList<>(Samples.running());
    events.addAll(List.of(more));
    left(specification, events.toArray(ContainerEvent[]::new));
  }

  @Test
  void whatRunsIsWatchedAgain() {
    leftRunning(PLAIN);
    task(TaskState.Phase.RUNNING);
    restart();
    thenEvents();
    tasks.end(ID, EXIT);
    thenEvents(new TaskExited(EXIT, Learnt.LIVE, Optional.empty()));
  }

  @Test
  void anExitWhileTheDaemonWasAwayIsLearnt() {
    leftRunning(PLAIN);
    task(TaskState.Phase.STOPPED);
    restart();
    thenEvents(new TaskExited(EXIT, Learnt.AFTER_RESTART, Optional.empty()));
  }

  @Test
  void anExitWhileTheDaemonWasAwayRemovesWhatRemovesItself() {
    leftRunning(Samples.selfRemoving(ID));
    task(TaskState.Phase.STOPPED);
    restart();
    thenEvents(
        new TaskExited(EXIT, Learnt.AFTER_RESTART, Optional.empty()),
        new Removing(false),
        new Removed());
    assertThat(tasks.effects).containsExactly("delete " + ID);
    assertThat(snapshots.keys()).isEmpty();
  }

  @Test
  void aTaskWithoutATraceHasEndedNobodyKnowsHow() {
    leftRunning(PLAIN);
    restart();
    thenEvents(
        new TaskExited(
            new TaskExit(255, NOON, TaskExit.Reason.UNKNOWN),
            Learnt.AFTER_RESTART,
            Optional.empty()));
  }

  @Test
  void aRunningTaskWithoutItsMonitorIsKilledAndItsExitRecorded() {
    leftRunning(PLAIN);
    task(TaskState.Phase.UNMONITORED);
    restart();
    MonitorLost lost = new MonitorLost(TASK.monitorPid());
    KillRequested kill = new KillRequested("SIGKILL", Purpose.MONITOR_LOST, false);
    thenEvents(lost, kill);
    TaskExit killed = new TaskExit(137, NOON, TaskExit.Reason.MONITOR_LOST);
    tasks.end(ID, killed);
    thenEvents(lost, kill, new TaskExited(killed, Learnt.LIVE, Optional.empty()));
  }

  @Test
  void aStopIsAskedForAgain() {
    leftRunning(PLAIN, new StopRequested("SIGINT", OptionalInt.of(30)));
    task(TaskState.Phase.RUNNING);
    restart();
    thenEvents();
    assertThat(tasks.effects).containsExactly("kill " + ID + " 2");
  }

  @Test
  void whatIsLeftOfAnEndedTaskIsDeleted() {
    leftRunning(PLAIN, new TaskExited(EXIT, Learnt.LIVE, Optional.empty()));
    task(TaskState.Phase.STOPPED);
    restart();
    thenEvents();
    assertThat(tasks.effects).containsExactly("delete " + ID);
    assertThat(snapshots.keys()).containsExactly(ID);
  }

  @Test
  void aRemovalGoesOn() throws Exception {
    leftRunning(PLAIN, new TaskExited(EXIT, Learnt.LIVE, Optional.empty()), new Removing(false));
    Path own = Files.createDirectories(containers().resolve(ID));
    Files.writeString(own.resolve("log"), "some output");
    task(TaskState.Phase.STOPPED);
    restart();
    thenEvents(new Removed());
    assertThat(tasks.effects).containsExactly("delete " + ID);
    assertThat(snapshots.keys()).isEmpty();
    assertThat(own).doesNotExist();
  }

  private Path containers() {
    return host.data("containers.test");
  }

  @Test
  void whatNoContainerOwnsIsTakenAwayAndNothingElse() throws Exception {
    left(PLAIN);
    String orphan = id('f');
    tasks.set(orphan, new TaskState(TaskState.Phase.STOPPED, Optional.empty(), Optional.empty()));
    snapshots.addOf(orphan);
    snapshots.add("sha256:layer", Map.of());
    Path own = Files.createDirectories(containers().resolve(ID));
    Path other = Files.createDirectories(containers().resolve(orphan));
    restart();
    thenEvents();
    assertThat(tasks.effects).containsExactly("delete " + orphan);
    assertThat(snapshots.keys()).containsExactlyInAnyOrder(ID, "sha256:layer");
    assertThat(own).exists();
    assertThat(other).doesNotExist();
  }

  @Test
  void aContainerThatHangsDelaysNobody() {
    leftRunning(PLAIN);
    tasks.hang(ID);
    String other = id('b');
    host.append(
        ContainerEvent.subject(other),
        new ContainerEvent.Created("boat", Samples.specification(other)),
        new TaskStarting(1),
        new TaskStarted(TASK, NOON));
    snapshots.addOf(other);
    begin();
    thenEvents(
        new TaskExited(
            new TaskExit(255, NOON, TaskExit.Reason.UNKNOWN),
            Learnt.AFTER_RESTART,
            Optional.empty()));
  }

  private static final ContainerSpecification ALWAYS = Samples.restarting(ID, "always", 0);

  @Test
  void whatIsDueIsStarted() {
    Restart due = new Restart(1, 100, NOON.minusSeconds(1));
    left(
        ALWAYS,
        new TaskStarting(1),
        new TaskStarted(TASK, NOON),
        new TaskExited(EXIT, Learnt.LIVE, Optional.of(due)));
    restart();
    thenEvents(new TaskStarting(2), new TaskStarted(TASK, NOON));
  }

  @Test
  void whatIsDueLaterIsStartedThen() {
    Restart due = new Restart(1, 100, NOON.plusMillis(30));
    left(
        ALWAYS,
        new TaskStarting(1),
        new TaskStarted(TASK, NOON),
        new TaskExited(EXIT, Learnt.LIVE, Optional.of(due)));
    restart();
    thenEvents(new TaskStarting(2), new TaskStarted(TASK, NOON));
  }

  @Test
  void aRestartThatTheDaemonDidNotSurviveIsTriedAgain() {
    Restart due = new Restart(3, 400, NOON.minusSeconds(1));
    left(
        Samples.restarting(ID, "on_failure", 0),
        new TaskStarting(1),
        new TaskStarted(TASK, NOON),
        new TaskExited(EXIT, Learnt.LIVE, Optional.of(due)),
        new TaskStarting(2));
    restart();
    thenEvents(
        interrupted(Optional.of(new Restart(3, 400, NOON))),
        new TaskStarting(3),
        new TaskStarted(TASK, NOON));
  }

  @Test
  void theFirstStartOfWhatShouldAlwaysRunIsTriedAgain() {
    left(ALWAYS, new TaskStarting(1));
    restart();
    thenEvents(
        interrupted(Optional.of(new Restart(0, 0, NOON))),
        new TaskStarting(2),
        new TaskStarted(TASK, NOON));
  }

  @Test
  void anOrderedRestartThatTheDaemonDidNotSurviveIsTriedAgain() {
    left(PLAIN, new RestartRequested("SIGTERM", 1), new TaskStarting(1));
    restart();
    thenEvents(
        interrupted(Optional.of(new Restart(0, 0, NOON))),
        new TaskStarting(2),
        new TaskStarted(TASK, NOON),
        new Restarted());
  }

  @Test
  void afterARebootWhatShouldRunRunsAgain() {
    leftRunning(ALWAYS);
    restart();
    thenEvents(
        new TaskExited(
            new TaskExit(255, NOON, TaskExit.Reason.UNKNOWN),
            Learnt.AFTER_RESTART,
            Optional.of(new Restart(1, 100, NOON.plusMillis(100)))),
        new TaskStarting(2),
        new TaskStarted(TASK, NOON));
  }

  @Test
  void whatWasStoppedStartsWithTheDaemonWhenItAlwaysShould() {
    leftRunning(
        ALWAYS,
        new StopRequested("SIGTERM", OptionalInt.of(1)),
        new TaskExited(EXIT, Learnt.LIVE, Optional.empty()));
    restart();
    thenEvents(new TaskStarting(2), new TaskStarted(TASK, NOON));
  }

  @Test
  void whatWasStoppedStaysUnlessItAlwaysShould() {
    leftRunning(
        Samples.restarting(ID, "unless_stopped", 0),
        new StopRequested("SIGTERM", OptionalInt.of(1)),
        new TaskExited(EXIT, Learnt.LIVE, Optional.empty()));
    restart();
    thenEvents();
  }

  @Test
  void aRestartThatWasOrderedGoesOn() {
    leftRunning(PLAIN, new RestartRequested("SIGTERM", 1));
    task(TaskState.Phase.STOPPED);
    restart();
    thenEvents(
        new TaskExited(EXIT, Learnt.AFTER_RESTART, Optional.of(new Restart(0, 0, NOON))),
        new TaskStarting(2),
        new TaskStarted(TASK, NOON),
        new Restarted());
  }
}
