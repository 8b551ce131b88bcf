package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Emission;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random commands, then close, reopen and replay: state, history, index and beacons are those of a
 * replay, and the state is that of a model.
 */
class RandomCommandsTest {
  private static final int BERTHS = 40;
  private static final List<ColumnFamily> DERIVED =
      List.of(
          ColumnFamily.EVENTS,
          ColumnFamily.STATE,
          ColumnFamily.HISTORY,
          ColumnFamily.INDEX,
          ColumnFamily.BEACONS);

  @TempDir Path directory;

  static long[] seeds() {
    long given = Long.getLong("taffrail.seed", 0);
    return given != 0 ? new long[] {given} : new long[] {1, 2, 3, System.nanoTime()};
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void stateEqualsReplayAndModel(long seed) {
    Random random = new Random(seed);
    LogMode mode = random.nextBoolean() ? LogMode.DURABLE : LogMode.RELAXED;
    Map<String, String> model = new HashMap<>();
    List<Map<String, String>> moments = new ArrayList<>();
    List<Cursor> cursors = new ArrayList<>();
    for (int session = 0; session < 5; session++) {
      try (Harbour harbour = Harbour.open(Harbour.settings(directory, mode))) {
        for (int round = 0; round < 10; round++) {
          List<CompletableFuture<Committed<List<Emission>>>> replies = new ArrayList<>();
          for (int i = 0; i < random.nextInt(60); i++) {
            long choice = random.nextLong();
            replies.add(harbour.log().submit(command(choice)));
          }
          replies.forEach(reply -> follow(model, reply));
          moments.add(new HashMap<>(model));
          cursors.add(harbour.log().head());
        }
        assertThat(state(harbour.log().snapshot())).as("seed %s", seed).isEqualTo(model);
      }
      VerifyReport report = LogVerifier.verify(directory, Harbour.CATALOGUE);
      assertThat(report.problems()).as("seed %s", seed).isEmpty();
    }
    Path fresh = directory.resolve("replayed");
    LogReplay.Result inMemory = LogReplay.inMemory(directory, Harbour.CATALOGUE);
    assertThat(LogReplay.intoStore(directory, Harbour.CATALOGUE, fresh)).isEqualTo(inMemory);
    assertThat(LogVerifier.verify(fresh, Harbour.CATALOGUE).problems()).isEmpty();
    for (ColumnFamily family : DERIVED) {
      assertThat(rows(fresh, family))
          .as("seed %s, %s", seed, family)
          .isEqualTo(rows(directory, family));
    }
    try (Harbour harbour = Harbour.open(Harbour.settings(directory, mode))) {
      for (int i = 0; i < moments.size(); i++) {
        assertThat(state(harbour.log().asOf(cursors.get(i))))
            .as("seed %s as of %s", seed, cursors.get(i))
            .isEqualTo(moments.get(i));
      }
    }
  }

  private static List<String> rows(Path log, ColumnFamily family) {
    List<String> rows = new ArrayList<>();
    HexFormat hex = HexFormat.of();
    try (RocksStore store = RocksStore.openReadOnly(log.resolve("db"));
        Scan scan = store.scan(family, new byte[0], null)) {
      while (scan.next()) {
        rows.add(hex.formatHex(scan.key()) + " " + hex.formatHex(scan.value()));
      }
    }
    return rows;
  }

  /** One in eight fails: its decider rejects, or one of its appliers throws. */
  private static Command<List<Emission>> command(long choice) {
    return Command.request(
        Harbour.ORIGIN,
        view -> {
          Random random = new Random(choice);
          Decision<List<Emission>> decision = decide(view, random);
          switch (random.nextInt(16)) {
            case 0 -> throw new RuntimeFailure(Kind.FAILED_PRECONDITION, "The tide is out");
            case 1 -> {
              return decision.and(Harbour.berth("unknown"), new HarbourEvent.Left());
            }
            default -> {
              return decision;
            }
          }
        });
  }

  private static Map<String, String> state(Snapshot snapshot) {
    try (snapshot) {
      Map<String, String> state = new HashMap<>();
      snapshot.list(HarbourEvent.BERTHS).forEach(row -> state.put(row.id(), row.value().ship()));
      return state;
    }
  }

  private static void follow(
      Map<String, String> model, CompletableFuture<Committed<List<Emission>>> reply) {
    for (Emission emission :
        reply.handle((done, e) -> e == null ? done.reply() : List.<Emission>of()).join()) {
      String berth = emission.subject().id();
      if (emission.event() instanceof HarbourEvent.TakenV2 taken) {
        model.put(berth, taken.ship());
      } else if (emission.event() instanceof HarbourEvent.Taken taken) {
        model.put(berth, taken.ship());
      } else {
        model.remove(berth);
      }
    }
  }

  /** Up to four events about different berths; each is possible in the state it meets. */
  private static Decision<List<Emission>> decide(StateView view, Random random) {
    Decision<Void> decision = Decision.none(null);
    Set<String> touched = new HashSet<>();
    for (int i = 0; i < random.nextInt(5); i++) {
      String berth = "b" + random.nextInt(BERTHS);
      if (touched.add(berth)) {
        decision = decision.and(Harbour.berth(berth), event(view, berth, random));
      }
    }
    return decision.reply(decision.emissions());
  }

  private static Event event(StateView view, String berth, Random random) {
    if (view.find(HarbourEvent.BERTHS, berth).isPresent()) {
      return new HarbourEvent.Left();
    }
    String ship = "ship of " + berth;
    return random.nextBoolean()
        ? new HarbourEvent.Taken(ship)
        : new HarbourEvent.TakenV2(ship, Optional.of("cargo " + random.nextInt()));
  }
}
