package dev.taffrail.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The daemon dies by SIGKILL at every edge of the state table, and at random. */
class DaemonKillTest {
  private static final int SOAK_KILLS = Integer.getInteger("taffrail.kills", 1000);
  private static final int LONGEST_MILLIS = 600;
  private static final int PROGRESS = 25;
  private static final String REMOVALS = ".*\\.(removing|removed|deleted)";
  private static final String INTERRUPTED = "restarting, starting, starting";
  private static final String TRIED_AGAIN = "starting, start-failed, restarting";
  private static CrashHarness harness;

  /** Where in a scenario something happens, counted from 1. */
  private record Place(Scenario scenario, int number) {}

  @BeforeAll
  static void start() throws Exception {
    harness = CrashHarness.start("none");
  }

  @AfterAll
  static void stop() {
    if (harness != null) {
      System.out.println("Kills: " + harness.kills());
      harness.close();
    }
  }

  /** Each event of each kind: before or after it is durable, as chance has it. */
  @TestFactory
  Stream<DynamicTest> atEveryEdge() throws Exception {
    Random random = new Random();
    return places().entrySet().stream()
        .flatMap(entry -> test(entry.getKey(), entry.getValue(), random.nextBoolean()));
  }

  /** Each event of each kind, once before and once after it is durable. */
  @TestFactory
  @Tag("long")
  Stream<DynamicTest> onBothSidesOfEveryEdge() throws Exception {
    return places().entrySet().stream()
        .flatMap(
            entry ->
                Stream.of(true, false)
                    .flatMap(durable -> test(entry.getKey(), entry.getValue(), durable)));
  }

  /** Where each kind of event comes first; each edge of the state table among them. */
  private static Map<String, Place> places() throws Exception {
    Map<String, Place> places = new LinkedHashMap<>();
    for (Scenario scenario : Scenarios.ALL) {
      List<JsonNode> events = harness.rehearse(scenario);
      for (int i = 0; i < events.size(); i++) {
        String type = events.get(i).path("type").asText();
        String what =
            type.startsWith(LogBook.CONTAINER)
                ? harness.edgeOf(events.get(i))
                : LogBook.typeOf(events.get(i));
        places.putIfAbsent(what, new Place(scenario, i + 1));
      }
    }
    assertThat(places.keySet()).contains(INTERRUPTED);
    List<String> edges = new ArrayList<>(Edges.all());
    edges.remove(TRIED_AGAIN);
    assertThat(places.keySet()).containsAll(edges);
    return places;
  }

  private static Stream<DynamicTest> test(String what, Place place, boolean durable) {
    String side = durable ? "after " : "before ";
    DynamicTest test =
        DynamicTest.dynamicTest(
            side + what,
            () ->
                harness.kill(
                    List.of(place.scenario()), new Moment.AtEvent(durable, place.number())));
    return what.equals(INTERRUPTED) ? Stream.of(test, inRecovery(place, durable)) : Stream.of(test);
  }

  // No client brings that edge about, only a daemon that finds an interrupted start.
  private static DynamicTest inRecovery(Place interrupted, boolean durable) {
    return DynamicTest.dynamicTest(
        (durable ? "after " : "before ") + TRIED_AGAIN,
        () ->
            harness.kill(
                List.of(interrupted.scenario()),
                new Moment.AtEvent(true, interrupted.number()),
                // The start of the daemon, and then this.
                Optional.of(new Moment.AtEvent(durable, interrupted.number() + 2))));
  }

  /** What one command removes, it removes in several steps; the daemon dies at each. */
  @TestFactory
  Stream<DynamicTest> whilePruning() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Scenario scenario :
        List.of(Scenarios.PRUNE, Scenarios.IMAGE_PRUNE, Scenarios.NETWORK_PRUNE)) {
      List<JsonNode> events = harness.rehearse(scenario);
      Set<String> removals = new HashSet<>();
      for (int i = 0; i < events.size(); i++) {
        String type = LogBook.typeOf(events.get(i));
        if (type.matches(REMOVALS) && removals.add(type)) {
          Place place = new Place(scenario, i + 1);
          tests.add(
              DynamicTest.dynamicTest(
                  scenario + ": after " + type,
                  () -> harness.kill(List.of(scenario), new Moment.AtEvent(true, place.number()))));
        }
      }
      // A network goes by one event, the others by several.
      int fewest = scenario == Scenarios.NETWORK_PRUNE ? 1 : 3;
      assertThat(removals).as("removals of %s", scenario).hasSizeGreaterThanOrEqualTo(fewest);
    }
    return tests.stream();
  }

  /** Around each effect outside the daemon, which happens without it. */
  @TestFactory
  Stream<DynamicTest> aroundEveryEffect() {
    return Effects.ALL.stream()
        .flatMap(effect -> Stream.of(true, false).map(done -> new Moment.AtEffect(done, effect)))
        .map(
            moment ->
                DynamicTest.dynamicTest(
                    moment.toString(), () -> harness.kill(List.of(Scenarios.RUN), moment)));
  }

  /** Several clients at once, the daemon killed at moments of chance. */
  @Test
  void atRandomMoments() throws Exception {
    soak(3);
  }

  @Test
  @Tag("long")
  void atAThousandRandomMoments() throws Exception {
    soak(SOAK_KILLS);
  }

  private static void soak(int kills) throws Exception {
    long seed = Long.getLong("taffrail.seed", System.nanoTime());
    Random random = new Random(seed);
    // What has broken itself cannot run again, so a start that is given again fails, rightly.
    List<Scenario> repeatable = new ArrayList<>(Scenarios.ALL);
    repeatable.remove(Scenarios.START_OF_THE_BROKEN);
    try (CrashHarness soaked = CrashHarness.start(Long.toString(seed))) {
      for (int kill = 0; kill < kills; kill++) {
        List<Scenario> scenarios = new ArrayList<>();
        for (int client = random.nextInt(4); client >= 0; client--) {
          scenarios.add(repeatable.get(random.nextInt(repeatable.size())));
        }
        int events = 8 * scenarios.size();
        soaked.kill(scenarios, Moment.random(random, events, LONGEST_MILLIS));
        if ((kill + 1) % PROGRESS == 0) {
          System.out.println("Seed " + seed + ": " + (kill + 1) + " kills survived");
        }
      }
      System.out.println("Seed " + seed + ", " + kills + " kills: " + soaked.kills());
    }
  }
}
