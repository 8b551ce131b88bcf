package dev.taffrail.containers;

import static dev.taffrail.core.container.ContainerEvent.CONTAINERS;
import static dev.taffrail.core.container.ContainerEvent.NAMES;
import static dev.taffrail.core.container.ContainerEvent.SPECIFICATIONS;
import static dev.taffrail.core.container.ContainerEvent.subject;
import static dev.taffrail.testkit.Samples.EXIT;
import static dev.taffrail.testkit.Samples.IMAGE;
import static dev.taffrail.testkit.Samples.NOON;
import static dev.taffrail.testkit.Samples.TASK;
import static dev.taffrail.testkit.Samples.id;
import static dev.taffrail.testkit.Samples.life;
import static dev.taffrail.testkit.Samples.selfRemoving;
import static dev.taffrail.testkit.Samples.specification;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerEvent.Created;
import dev.taffrail.core.container.ContainerEvent.KillRequested;
import dev.taffrail.core.container.ContainerEvent.Learnt;
import dev.taffrail.core.container.ContainerEvent.MonitorLost;
import dev.taffrail.core.container.ContainerEvent.NetworkConnected;
import dev.taffrail.core.container.ContainerEvent.NetworkDisconnected;
import dev.taffrail.core.container.ContainerEvent.PolicyChanged;
import dev.taffrail.core.container.ContainerEvent.Purpose;
import dev.taffrail.core.container.ContainerEvent.Removed;
import dev.taffrail.core.container.ContainerEvent.Removing;
import dev.taffrail.core.container.ContainerEvent.RestartCancelled;
import dev.taffrail.core.container.ContainerEvent.RestartRequested;
import dev.taffrail.core.container.ContainerEvent.Restarted;
import dev.taffrail.core.container.ContainerEvent.StopRequested;
import dev.taffrail.core.container.ContainerEvent.TaskExited;
import dev.taffrail.core.container.ContainerEvent.TaskStartFailed;
import dev.taffrail.core.container.ContainerEvent.TaskStarted;
import dev.taffrail.core.container.ContainerEvent.TaskStarting;
import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.container.Lifecycle;
import dev.taffrail.core.container.Lifecycle.Transition;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.container.Restart;
import dev.taffrail.core.container.RestartPolicy;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.testkit.Samples;
import dev.taffrail.testkit.Scenario;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ContainerDeciderTest {
  private static final String ID = id('a');
  private static final String OTHER = id('b');
  private static final ContainerSpecification PLAIN = Samples.bridged(ID);
  private static final Restart FIRST = new Restart(1, 100, NOON.plusMillis(100));

  /** One command for each event that a container can have after it was created. */
  private static final Map<Class<? extends ContainerEvent>, Decider<?>> COMMANDS = commands();

  private static Map<Class<? extends ContainerEvent>, Decider<?>> commands() {
    Map<Class<? extends ContainerEvent>, Decider<?>> commands = new LinkedHashMap<>();
    add(commands, TaskStarting.class, view -> ContainerDecider.starting(view, ID));
    add(commands, TaskStarted.class, view -> ContainerDecider.started(view, ID, TASK, NOON));
    add(commands, TaskStartFailed.class, view -> ContainerDecider.startFailed(view, ID, 127, "no"));
    add(
        commands,
        StopRequested.class,
        view -> ContainerDecider.stopRequested(view, ID, Optional.empty(), OptionalInt.empty()));
    add(
        commands,
        KillRequested.class,
        view -> ContainerDecider.killRequested(view, ID, Signal.KILL, Purpose.KILL));
    add(
        commands,
        RestartRequested.class,
        view -> ContainerDecider.restartRequested(view, ID, Optional.empty(), OptionalInt.empty()));
    add(
        commands,
        PolicyChanged.class,
        view -> ContainerDecider.changePolicy(view, ID, RestartPolicy.NO));
    add(
        commands,
        NetworkConnected.class,
        view -> ContainerDecider.connected(view, ID, "backend", EndpointSettings.NONE));
    add(
        commands,
        NetworkDisconnected.class,
        view -> ContainerDecider.disconnected(view, ID, "bridge"));
    add(commands, MonitorLost.class, view -> ContainerDecider.monitorLost(view, ID, 99));
    add(
        commands,
        TaskExited.class,
        view -> ContainerDecider.exited(view, ID, EXIT, Learnt.LIVE, NOON));
    add(commands, Removed.class, view -> ContainerDecider.removed(view, ID));
    return commands;
  }

  // Gives the lambda its type.
  private static <R> void add(
      Map<Class<? extends ContainerEvent>, Decider<?>> commands,
      Class<? extends ContainerEvent> event,
      Decider<R> command) {
    commands.put(event, command);
  }

  private static Map<Phase, List<ContainerEvent>> lives() {
    Map<Phase, List<ContainerEvent>> lives = new LinkedHashMap<>();
    lives.put(Phase.CREATED, List.of());
    lives.put(Phase.STARTING, List.of(new TaskStarting(1)));
    lives.put(Phase.RUNNING, Samples.running());
    lives.put(Phase.EXITED, and(Samples.running(), exited(Learnt.LIVE)));
    lives.put(
        Phase.RESTARTING,
        and(Samples.running(), new TaskExited(EXIT, Learnt.LIVE, Optional.of(FIRST))));
    lives.put(Phase.REMOVING, List.of(new Removing(false)));
    return lives;
  }

  private static List<ContainerEvent> and(List<ContainerEvent> events, ContainerEvent event) {
    List<ContainerEvent> all = new ArrayList<>(events);
    all.add(event);
    return all;
  }

  private static Scenario image() {
    return Scenario.of(ContainerEvent.FAMILY, ImageEvent.FAMILY)
        .given(
            ImageEvent.subject(IMAGE.id()),
            new ImageEvent.Created(IMAGE, ImageEvent.Source.IMPORT));
  }

  private static Scenario container(ContainerSpecification specification, ContainerEvent... life) {
    return image().given(subject(ID), life(specification, life));
  }

  private static Scenario in(Phase phase) {
    return container(PLAIN, lives().get(phase).toArray(ContainerEvent[]::new));
  }

  private static Phase phaseOf(Scenario scenario) {
    return scenario.state().find(CONTAINERS, ID).orElseThrow().phase();
  }

  @Test
  void everyPhaseHasALife() {
    assertThat(lives().keySet()).containsExactlyInAnyOrder(Phase.values());
    lives().keySet().forEach(phase -> assertThat(phaseOf(in(phase))).isEqualTo(phase));
  }

  @Test
  void everyEventHasACommandHere() {
    assertThat(
            Stream.concat(
                COMMANDS.keySet().stream(),
                Stream.of(Created.class, Removing.class, Restarted.class, RestartCancelled.class)))
        .containsExactlyInAnyOrderElementsOf(
            Lifecycle.TRANSITIONS.stream()
                .map(Transition::event)
                .distinct()
                .collect(Collectors.toList()));
  }

  /** The state table: what it allows is decided and leads where it says; nothing else is. */
  @TestFactory
  Stream<DynamicTest> everyEdge() {
    return lives().keySet().stream()
        .flatMap(
            phase ->
                COMMANDS.entrySet().stream()
                    .map(
                        command ->
                            dynamicTest(
                                command.getKey().getSimpleName() + " when " + phase,
                                () -> edge(phase, command.getKey(), command.getValue()))));
  }

  private static void edge(Phase phase, Class<? extends ContainerEvent> event, Decider<?> command) {
    boolean byClient = phase == Phase.RESTARTING && event == TaskStarting.class;
    if (!byClient && Lifecycle.allows(phase, event)) {
      in(phase).when(command).thenState(view -> assertAllowed(phase, view));
    } else {
      in(phase).when(command).thenRejected(refusal(phase, event));
    }
  }

  // A command may take several edges at once.
  private static void assertAllowed(Phase from, StateView after) {
    Set<Optional<Phase>> reachable = new HashSet<>(Set.of(Optional.of(from)));
    for (int steps = 0; steps < 3; steps++) {
      Lifecycle.TRANSITIONS.stream()
          .filter(edge -> edge.from().isPresent() && reachable.contains(edge.from()))
          .map(Transition::next)
          .toList()
          .forEach(reachable::add);
    }
    assertThat(reachable).contains(after.find(CONTAINERS, ID).map(ContainerStatus::phase));
  }

  private static Kind refusal(Phase phase, Class<?> event) {
    boolean runs = phase == Phase.RUNNING || phase == Phase.STARTING || phase == Phase.RESTARTING;
    if (event == StopRequested.class || (event == TaskStarting.class && runs)) {
      return Kind.NOT_MODIFIED;
    }
    return Kind.FAILED_PRECONDITION;
  }

  @TestFactory
  Stream<DynamicTest> nothingIsKnownOfAContainerThatIsNotThere() {
    return COMMANDS.entrySet().stream()
        .map(
            command ->
                dynamicTest(
                    command.getKey().getSimpleName(),
                    () ->
                        image()
                            .when(command.getValue())
                            .thenRejected(Kind.NOT_FOUND, "No such container: " + ID)));
  }

  @Test
  void createReservesTheName() {
    image()
        .when(view -> ContainerDecider.create(view, ID, List.of("ship"), PLAIN))
        .thenEvents(subject(ID), new Created("ship", PLAIN))
        .thenReply("ship")
        .thenState(
            view -> {
              assertThat(view.find(NAMES, "ship")).contains(new Reservation(ID));
              assertThat(view.find(SPECIFICATIONS, ID)).contains(PLAIN);
              assertThat(view.find(CONTAINERS, ID)).contains(ContainerStatus.created("ship"));
            });
  }

  @Test
  void createTakesTheFirstFreeName() {
    container(PLAIN)
        .when(
            view ->
                ContainerDecider.create(
                    view, OTHER, List.of("ship", "boat", "raft"), specification(OTHER)))
        .thenReply("boat");
  }

  @Test
  void aTakenNameIsAConflictInDockersWords() {
    container(PLAIN)
        .when(view -> ContainerDecider.create(view, OTHER, List.of("ship"), specification(OTHER)))
        .thenRejected(
            Kind.ALREADY_EXISTS,
            "Conflict. The container name \"/ship\" is already in use by container \""
                + ID
                + "\". You have to remove (or rename) that container to be able to reuse that"
                + " name.");
  }

  @Test
  void createNeedsItsImageAndAFreshId() {
    Scenario.of(ContainerEvent.FAMILY, ImageEvent.FAMILY)
        .when(view -> ContainerDecider.create(view, ID, List.of("ship"), PLAIN))
        .thenRejected(Kind.NOT_FOUND, "No such image: busybox");
    container(PLAIN)
        .when(view -> ContainerDecider.create(view, ID, List.of("boat"), PLAIN))
        .thenRejected(Kind.ALREADY_EXISTS, ID);
  }

  @Test
  void aCreateThatWasNeverAnsweredLeavesNothing() {
    in(Phase.CREATED)
        .when(view -> ContainerDecider.undoCreate(view, ID))
        .thenEvents(subject(ID), new Removing(false), new Removed())
        .thenState(ContainerDeciderTest::assertGone);
    in(Phase.RUNNING)
        .when(view -> ContainerDecider.undoCreate(view, ID))
        .thenRejected(Kind.FAILED_PRECONDITION);
  }

  private static void assertGone(StateView view) {
    assertThat(view.list(CONTAINERS)).isEmpty();
    assertThat(view.list(SPECIFICATIONS)).isEmpty();
    assertThat(view.list(NAMES)).isEmpty();
  }

  @Test
  void everyStartIsANewRun() {
    in(Phase.CREATED)
        .when(view -> ContainerDecider.starting(view, ID))
        .thenEvents(subject(ID), new TaskStarting(1))
        .thenReply(
            new ContainerDecider.Start(PLAIN, "ship", 1, Map.of("bridge", EndpointSettings.NONE)));
    in(Phase.EXITED)
        .when(view -> ContainerDecider.starting(view, ID))
        .thenEvents(subject(ID), new TaskStarting(2));
  }

  @Test
  void aStartForgetsHowTheLastRunEnded() {
    Scenario again =
        in(Phase.EXITED)
            .given(view -> ContainerDecider.starting(view, ID))
            .given(view -> ContainerDecider.started(view, ID, TASK, NOON));
    ContainerStatus status = again.state().find(CONTAINERS, ID).orElseThrow();
    assertThat(status.exitCode()).isZero();
    assertThat(status.exitReason()).isEmpty();
    assertThat(status.finishedAt()).isEmpty();
    assertThat(status.run()).isEqualTo(2);
  }

  @Test
  void aFailedStartLeavesTheContainerWhereItWas() {
    in(Phase.STARTING)
        .when(view -> ContainerDecider.startFailed(view, ID, 127, "no such file"))
        .thenEvents(subject(ID), new TaskStartFailed(127, "no such file", Optional.empty()))
        .thenReply(new ContainerDecider.Outcome(PLAIN, 1, false, Optional.empty()))
        .thenState(
            view -> {
              ContainerStatus status = view.find(CONTAINERS, ID).orElseThrow();
              assertThat(status.phase()).isEqualTo(Phase.CREATED);
              assertThat(status.exitCode()).isEqualTo(127);
              assertThat(status.error()).isEqualTo("no such file");
              assertThat(status.intent()).isEmpty();
            });
    in(Phase.EXITED)
        .given(view -> ContainerDecider.starting(view, ID))
        .when(view -> ContainerDecider.startFailed(view, ID, 127, "no such file"))
        .thenState(
            view ->
                assertThat(view.find(CONTAINERS, ID).orElseThrow().phase())
                    .isEqualTo(Phase.EXITED));
  }

  @Test
  void aContainerThatRemovesItselfDoesSoWithItsLastEvent() {
    ContainerSpecification removesItself = selfRemoving(ID);
    Scenario running = container(removesItself, Samples.running().toArray(ContainerEvent[]::new));
    running
        .when(view -> ContainerDecider.exited(view, ID, EXIT, Learnt.LIVE, NOON))
        .thenEvents(subject(ID), exited(Learnt.LIVE), new Removing(false))
        .thenReply(new ContainerDecider.Outcome(removesItself, 1, true, Optional.empty()));
    container(removesItself, new TaskStarting(1))
        .when(view -> ContainerDecider.startFailed(view, ID, 128, "why"))
        .thenEvents(
            subject(ID), new TaskStartFailed(128, "why", Optional.empty()), new Removing(false));
    container(removesItself, new TaskStarting(1))
        .when(view -> ContainerDecider.startedAndExited(view, ID, TASK, NOON, EXIT, NOON))
        .thenEvents(
            subject(ID),
            new TaskStarted(TASK, NOON),
            exited(Learnt.AFTER_RESTART),
            new Removing(false));
  }

  @Test
  void aStartAndItsExitLearntTogether() {
    in(Phase.STARTING)
        .when(view -> ContainerDecider.startedAndExited(view, ID, TASK, NOON, EXIT, NOON))
        .thenEvents(subject(ID), new TaskStarted(TASK, NOON), exited(Learnt.AFTER_RESTART));
    in(Phase.RUNNING)
        .when(view -> ContainerDecider.startedAndExited(view, ID, TASK, NOON, EXIT, NOON))
        .thenRejected(Kind.FAILED_PRECONDITION);
  }

  @Test
  void stopTakesWhatIsAskedThenTheContainersOwnThenDockers() {
    Scenario own =
        container(
            specification(ID, "\"stopSignal\": \"SIGQUIT\", \"stopTimeoutSeconds\": 3"),
            Samples.running().toArray(ContainerEvent[]::new));
    in(Phase.RUNNING)
        .when(
            view -> ContainerDecider.stopRequested(view, ID, Optional.empty(), OptionalInt.empty()))
        .thenEvents(subject(ID), new StopRequested("SIGTERM", OptionalInt.of(10)));
    own.when(
            view -> ContainerDecider.stopRequested(view, ID, Optional.empty(), OptionalInt.empty()))
        .thenEvents(subject(ID), new StopRequested("SIGQUIT", OptionalInt.of(3)));
    own.when(
            view ->
                ContainerDecider.stopRequested(
                    view, ID, Optional.of(Signal.parse("INT")), OptionalInt.of(-1)))
        .thenEvents(subject(ID), new StopRequested("SIGINT", OptionalInt.of(-1)))
        .thenState(
            view -> assertThat(view.find(CONTAINERS, ID).orElseThrow().stopRequested()).isTrue());
  }

  @Test
  void refusalsAreDockers() {
    in(Phase.RUNNING)
        .when(view -> ContainerDecider.starting(view, ID))
        .thenRejected(Kind.NOT_MODIFIED, "Container is already started");
    in(Phase.REMOVING)
        .when(view -> ContainerDecider.starting(view, ID))
        .thenRejected(
            Kind.FAILED_PRECONDITION, "container is marked for removal and cannot be started");
    in(Phase.EXITED)
        .when(view -> ContainerDecider.killRequested(view, ID, Signal.TERM, Purpose.KILL))
        .thenRejected(Kind.FAILED_PRECONDITION, "container " + ID + " is not running");
    in(Phase.RUNNING)
        .when(view -> ContainerDecider.removing(view, ID, false))
        .thenRejected(
            Kind.FAILED_PRECONDITION,
            "cannot remove container \"/ship\": container is running: stop the container before"
                + " removing or force remove");
  }

  @Test
  void removal() {
    for (Phase phase : List.of(Phase.CREATED, Phase.EXITED)) {
      in(phase)
          .when(view -> ContainerDecider.removing(view, ID, true))
          .thenEvents(subject(ID), new Removing(true))
          .thenReply(PLAIN);
    }
    in(Phase.REMOVING)
        .when(view -> ContainerDecider.removing(view, ID, true))
        .thenNothing()
        .thenReply(PLAIN);
    in(Phase.EXITED)
        .given(view -> ContainerDecider.removing(view, ID, false))
        .when(view -> ContainerDecider.removed(view, ID))
        .thenReply(new ContainerExit(3, ""))
        .thenState(ContainerDeciderTest::assertGone);
  }

  @Test
  void aRemovedContainersNameIsFree() {
    in(Phase.REMOVING)
        .given(view -> ContainerDecider.removed(view, ID))
        .when(view -> ContainerDecider.create(view, OTHER, List.of("ship"), specification(OTHER)))
        .thenReply("ship");
  }

  @Test
  void aForcedRemovalKillsOnlyWhatRuns() {
    in(Phase.RUNNING)
        .when(view -> ContainerDecider.killForRemoval(view, ID))
        .thenEvents(subject(ID), new KillRequested("SIGKILL", Purpose.REMOVAL, true))
        .thenReply(true);
    Arrays.stream(Phase.values())
        .filter(phase -> phase != Phase.RUNNING)
        .forEach(
            phase ->
                in(phase)
                    .when(view -> ContainerDecider.killForRemoval(view, ID))
                    .thenNothing()
                    .thenReply(false));
  }

  @Test
  void aContainerWithoutItsMonitorIsKilled() {
    in(Phase.RUNNING)
        .when(view -> ContainerDecider.monitorLost(view, ID, 99))
        .thenEvents(
            subject(ID),
            new MonitorLost(99),
            new KillRequested("SIGKILL", Purpose.MONITOR_LOST, false));
  }

  private static TaskExited exited(Learnt learnt) {
    return new TaskExited(EXIT, learnt, Optional.empty());
  }

  private static Scenario runs(String mode, int retries) {
    return container(
        Samples.restarting(ID, mode, retries), Samples.running().toArray(ContainerEvent[]::new));
  }

  private static Decider<ContainerDecider.Outcome> exit(int code, Instant at) {
    return view ->
        ContainerDecider.exited(
            view, ID, new TaskExit(code, at, TaskExit.Reason.EXITED), Learnt.LIVE, at);
  }

  private static Decider<ContainerDecider.Stop> stop(int seconds) {
    return view ->
        ContainerDecider.stopRequested(view, ID, Optional.empty(), OptionalInt.of(seconds));
  }

  private static Decider<ContainerDecider.Kill> kill(String signal) {
    return view -> ContainerDecider.killRequested(view, ID, Signal.parse(signal), Purpose.KILL);
  }

  private static final Decider<ContainerDecider.Start> AGAIN =
      view -> ContainerDecider.startingAgain(view, ID);
  private static final Decider<Void> STARTED =
      view -> ContainerDecider.started(view, ID, TASK, NOON);

  private static ContainerStatus status(StateView view) {
    return view.find(CONTAINERS, ID).orElseThrow();
  }

  private static Optional<Restart> restart(StateView view) {
    return status(view).restart();
  }

  @Test
  void aPolicyLeadsFromOneRunToTheNextWithoutAnEnd() {
    runs("always", 0)
        .when(exit(0, NOON))
        .thenState(
            view -> {
              assertThat(status(view).phase()).isEqualTo(Phase.RESTARTING);
              assertThat(status(view).restart()).contains(FIRST);
              assertThat(status(view).restarts()).isEqualTo(1);
            });
  }

  @Test
  void onFailureRestartsFailuresOnly() {
    runs("on_failure", 0)
        .when(exit(0, NOON))
        .thenState(view -> assertThat(restart(view)).isEmpty());
    runs("on_failure", 0)
        .when(exit(1, NOON))
        .thenState(view -> assertThat(restart(view)).contains(FIRST));
  }

  @Test
  void delaysDoubleUntilARunLasts() {
    Scenario scenario = runs("always", 0);
    for (long delay : List.of(100, 200, 400)) {
      scenario = scenario.given(exit(1, NOON));
      assertThat(restart(scenario.state()).orElseThrow().delayMillis()).isEqualTo(delay);
      scenario = scenario.given(AGAIN).given(STARTED);
    }
    scenario = scenario.given(exit(1, NOON.plus(Restart.STABLE)));
    assertThat(restart(scenario.state()).orElseThrow().delayMillis()).isEqualTo(100);
    assertThat(restart(scenario.state()).orElseThrow().count()).isEqualTo(4);
  }

  @Test
  void onFailureGivesUpAfterItsRetries() {
    runs("on_failure", 1)
        .given(exit(1, NOON))
        .given(AGAIN)
        .given(STARTED)
        .when(exit(1, NOON))
        .thenState(view -> assertThat(status(view).phase()).isEqualTo(Phase.EXITED));
  }

  @Test
  void aClientsStartCountsAnew() {
    Scenario again =
        runs("on_failure", 1)
            .given(exit(1, NOON))
            .given(AGAIN)
            .given(STARTED)
            .given(exit(1, NOON))
            .given(view -> ContainerDecider.starting(view, ID));
    assertThat(status(again.state()).restarts()).isZero();
  }

  @Test
  void whatSomebodyStoppedStaysStopped() {
    for (Scenario stopped :
        List.of(runs("always", 0).given(stop(1)), runs("always", 0).given(kill("KILL")))) {
      stopped.when(exit(137, NOON)).thenState(view -> assertThat(restart(view)).isEmpty());
    }
  }

  @Test
  void aSignalThatIsNoStopDoesNotSpoilThePolicy() {
    runs("always", 0)
        .given(kill("HUP"))
        .when(exit(129, NOON))
        .thenState(view -> assertThat(restart(view)).contains(FIRST));
  }

  @Test
  void aLostMonitorIsNoStop() {
    runs("unless_stopped", 0)
        .given(view -> ContainerDecider.monitorLost(view, ID, 99))
        .when(exit(137, NOON))
        .thenState(view -> assertThat(restart(view)).contains(FIRST));
  }

  @Test
  void whatIsGoneWithoutATraceHasNotFailed() {
    TaskExit unknown = new TaskExit(255, NOON, TaskExit.Reason.UNKNOWN);
    runs("on_failure", 0)
        .when(view -> ContainerDecider.exited(view, ID, unknown, Learnt.AFTER_RESTART, NOON))
        .thenState(view -> assertThat(restart(view)).isEmpty());
    runs("always", 0)
        .when(view -> ContainerDecider.exited(view, ID, unknown, Learnt.AFTER_RESTART, NOON))
        .thenState(view -> assertThat(restart(view)).contains(FIRST));
  }

  @Test
  void aStopCancelsTheNextRun() {
    runs("always", 0)
        .given(exit(1, NOON))
        .when(stop(7))
        .thenEvents(
            subject(ID), new StopRequested("SIGTERM", OptionalInt.of(7)), new RestartCancelled())
        .thenReply(new ContainerDecider.Stop(Signal.TERM, 7, false));
    runs("always", 0)
        .given(exit(1, NOON))
        .when(kill("KILL"))
        .thenEvents(
            subject(ID), new KillRequested("SIGKILL", Purpose.KILL, true), new RestartCancelled())
        .thenReply(ContainerDecider.Kill.CANCELS_RESTART);
    runs("always", 0)
        .given(exit(1, NOON))
        .when(kill("HUP"))
        .thenEvents(subject(ID), new KillRequested("SIGHUP", Purpose.KILL, false))
        .thenReply(ContainerDecider.Kill.NOTHING);
  }

  @Test
  void theTimeoutOfAStopComesTooLateForWhatHasEnded() {
    for (Phase ended : List.of(Phase.EXITED, Phase.RESTARTING, Phase.REMOVING)) {
      in(ended)
          .when(view -> ContainerDecider.killRequested(view, ID, Signal.KILL, Purpose.STOP_TIMEOUT))
          .thenNothing()
          .thenReply(ContainerDecider.Kill.NOTHING);
    }
  }

  @Test
  void aChangedPolicyDecidesFromThenOn() {
    RestartPolicy always = new RestartPolicy(RestartPolicy.Mode.ALWAYS, 0);
    in(Phase.RUNNING)
        .given(view -> ContainerDecider.changePolicy(view, ID, always))
        .when(exit(0, NOON))
        .thenState(view -> assertThat(restart(view)).contains(FIRST));
    runs("always", 0)
        .given(view -> ContainerDecider.changePolicy(view, ID, RestartPolicy.NO))
        .when(exit(1, NOON))
        .thenState(view -> assertThat(restart(view)).isEmpty());
    container(selfRemoving(ID), Samples.running().toArray(ContainerEvent[]::new))
        .when(view -> ContainerDecider.changePolicy(view, ID, always))
        .thenRejected(Kind.FAILED_PRECONDITION, "because AutoRemove is enabled");
  }

  @Test
  void aRestartStopsAndStartsInOneLife() {
    Scenario ordered =
        container(selfRemoving(ID), Samples.running().toArray(ContainerEvent[]::new))
            .given(
                view ->
                    ContainerDecider.restartRequested(
                        view, ID, Optional.empty(), OptionalInt.of(1)));
    ordered
        .when(view -> ContainerDecider.exited(view, ID, EXIT, Learnt.LIVE, NOON))
        .thenEvents(
            subject(ID), new TaskExited(EXIT, Learnt.LIVE, Optional.of(new Restart(0, 0, NOON))));
    ordered
        .given(view -> ContainerDecider.exited(view, ID, EXIT, Learnt.LIVE, NOON))
        .given(AGAIN)
        .when(STARTED)
        .thenEvents(subject(ID), new TaskStarted(TASK, NOON), new Restarted())
        .thenState(view -> assertThat(status(view).stop()).isEmpty());
  }

  @Test
  void aRestartOfWhatDoesNotRunIsAStart() {
    in(Phase.EXITED)
        .when(
            view ->
                ContainerDecider.restartRequested(view, ID, Optional.empty(), OptionalInt.empty()))
        .thenEvents(subject(ID), new RestartRequested("SIGTERM", 10), new TaskStarting(2));
  }

  @Test
  void aRestartKeepsQueueRoomOnlyWhereItStartsSomethingItself() {
    Decider<ContainerDecider.RestartOrder> restart =
        view -> ContainerDecider.restartRequested(view, ID, Optional.empty(), OptionalInt.of(1));
    Scenario running = runs("no", 0);
    assertThat(restart.decide(running.state()).effect()).isFalse();
    assertThat(restart.decide(running.given(exit(0, NOON)).state()).effect()).isTrue();
  }

  @Test
  void startsWithTheDaemon() {
    Decider<Optional<ContainerDecider.Start>> boot =
        view -> ContainerDecider.startingWithDaemon(view, ID);
    runs("always", 0)
        .given(stop(1))
        .given(exit(0, NOON))
        .when(boot)
        .thenEvents(subject(ID), new TaskStarting(2));
    runs("unless_stopped", 0).given(stop(1)).given(exit(0, NOON)).when(boot).thenNothing();
    runs("on_failure", 0).given(exit(0, NOON)).when(boot).thenNothing();
    in(Phase.EXITED).when(boot).thenNothing();
    in(Phase.CREATED).when(boot).thenNothing();
  }

  @Test
  void whatWaitsForItsNextRunIsRemovedOnlyByForce() {
    in(Phase.RESTARTING)
        .when(view -> ContainerDecider.removing(view, ID, false))
        .thenRejected(
            Kind.FAILED_PRECONDITION,
            "cannot remove container \"/ship\": container is restarting: stop the container");
    in(Phase.RESTARTING)
        .when(view -> ContainerDecider.removing(view, ID, true))
        .thenEvents(subject(ID), new Removing(true));
  }
}
