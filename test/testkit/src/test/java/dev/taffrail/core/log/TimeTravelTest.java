package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.flipkart.zjsonpatch.JsonPatch;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Actor;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.history.Blame;
import dev.taffrail.core.history.EventTrace;
import dev.taffrail.core.history.ObjectHistory;
import dev.taffrail.core.history.ObjectNames;
import dev.taffrail.core.history.RowDifference;
import dev.taffrail.core.history.StateDiff;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.testkit.log.Harbour;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * History, blame and diff of random voyages are those of a model that keeps every state there was:
 * on the live log, on the stopped directory, after a salvage and after a truncation.
 */
class TimeTravelTest {
  private static final EventCatalogue CATALOGUE = EventCatalogue.of(VoyageEvent.FAMILY);
  private static final int VOYAGES = 6;
  private static final int COMMANDS = 120;
  private static final Set<String> TABLES = Set.of("plans", "voyages", "ship_names");

  @TempDir Path directory;

  /** By sequence: every state, and what each event was about. */
  private final List<Map<RowKey, JsonNode>> states = new ArrayList<>();

  private final Map<Long, Subject> subjects = new HashMap<>();

  static long[] seeds() {
    long given = Long.getLong("taffrail.seed", 0);
    return given != 0 ? new long[] {given} : new long[] {1, 2, System.nanoTime()};
  }

  private Harbour open() {
    return new Harbour(EventLogs.open(Harbour.settings(directory, LogMode.RELAXED), CATALOGUE));
  }

  private StoppedLog openStopped() {
    return StoppedLog.open(directory, CATALOGUE);
  }

  private void sail(Harbour harbour, Random random) {
    for (int i = 0; i < COMMANDS; i++) {
      long choice = random.nextLong();
      harbour.await(Command.request(Harbour.ORIGIN, view -> decide(view, new Random(choice))));
    }
    record(harbour.log());
  }

  private static Decision<Void> decide(StateView view, Random random) {
    String id = "v" + random.nextInt(VOYAGES);
    Subject subject = VoyageEvent.subject(id);
    if (view.find(VoyageEvent.VOYAGES, id).isEmpty()) {
      return Decision.of(
          subject, new VoyageEvent.Begun("ship of " + id, List.of("a", "b" + random.nextInt(3))));
    }
    return switch (random.nextInt(8)) {
      case 0 -> Decision.of(subject, new VoyageEvent.Ended());
      case 1 -> Decision.of(subject, new VoyageEvent.Hailed());
      case 2, 3 ->
          Decision.of(
              subject,
              new VoyageEvent.Loaded(Map.of("tea", "" + random.nextInt(3), "rum", "1")),
              new VoyageEvent.Hailed());
      default -> {
        String other = "v" + random.nextInt(VOYAGES);
        boolean meets = !other.equals(id) && view.find(VoyageEvent.VOYAGES, other).isPresent();
        yield Decision.of(subject, new VoyageEvent.Sailed(random.nextInt(2), meets ? other : ""));
      }
    };
  }

  /** Folds the events as the appliers should have. */
  private void record(ReadableLog log) {
    states.clear();
    states.add(Map.of());
    for (long sequence = 1; sequence <= log.head().sequence(); sequence++) {
      LoggedEvent event = log.find(sequence).orElseThrow();
      Map<RowKey, JsonNode> state = new TreeMap<>(states.get(states.size() - 1));
      fold(state, event);
      states.add(state);
      subjects.put(sequence, event.header().subject());
    }
  }

  private static RowKey row(String table, String id) {
    return new RowKey(table, Subject.DEFAULT_NAMESPACE, id);
  }

  private static void fold(Map<RowKey, JsonNode> state, LoggedEvent event) {
    String id = event.header().subject().id();
    JsonNode data = event.data();
    switch (event.header().type()) {
      case "dev.taffrail.voyage.begun.v1" -> {
        state.put(row("plans", id), data);
        state.put(row("ship_names", data.get("ship").asText()), json(Map.of("owner", id)));
        state.put(row("voyages", id), json(new VoyageEvent.Voyage(0, Map.of(), 0)));
      }
      case "dev.taffrail.voyage.sailed.v1" -> {
        add(state, id, "miles", data.get("miles").asInt());
        if (!data.get("met").asText().isEmpty()) {
          add(state, data.get("met").asText(), "met", 1);
        }
      }
      case "dev.taffrail.voyage.loaded.v1" -> {
        JsonNode copy = state.get(row("voyages", id)).deepCopy();
        ((ObjectNode) copy).set("cargo", data.get("cargo"));
        state.put(row("voyages", id), copy);
      }
      case "dev.taffrail.voyage.ended.v1" -> {
        JsonNode plan = state.remove(row("plans", id));
        state.remove(row("ship_names", plan.get("ship").asText()));
        state.remove(row("voyages", id));
      }
      default -> {}
    }
  }

  private static void add(Map<RowKey, JsonNode> state, String id, String field, int more) {
    JsonNode copy = state.get(row("voyages", id)).deepCopy();
    ((ObjectNode) copy).put(field, copy.get(field).asInt() + more);
    state.put(row("voyages", id), copy);
  }

  private static JsonNode json(Object value) {
    return EventJson.mapper().valueToTree(value);
  }

  private Optional<JsonNode> value(RowKey row, long sequence) {
    return Optional.ofNullable(states.get((int) sequence).get(row));
  }

  private static void checkPatch(RowDifference difference) {
    ArrayNode patch = difference.patch();
    if (difference.before().isPresent() && difference.after().isPresent()) {
      assertThat(JsonPatch.apply(patch, difference.before().get()))
          .isEqualTo(difference.after().get());
    } else {
      assertThat(patch).hasSize(1);
      assertThat(patch.get(0).get("path").asText()).isEmpty();
      assertThat(patch.get(0).get("op").asText())
          .isEqualTo(difference.after().isPresent() ? "add" : "remove");
    }
  }

  /** What the model says that the diff is. */
  private Map<RowKey, RowDifference> differences(long from, long to) {
    Map<RowKey, RowDifference> expected = new TreeMap<>();
    Set<RowKey> rows = new TreeSet<>(states.get((int) from).keySet());
    rows.addAll(states.get((int) to).keySet());
    for (RowKey row : rows) {
      RowDifference difference = new RowDifference(row, value(row, from), value(row, to));
      if (!difference.before().equals(difference.after())) {
        expected.put(row, difference);
      }
    }
    return expected;
  }

  private static Map<RowKey, RowDifference> rowsOf(StateDiff diff) {
    Map<RowKey, RowDifference> rows = new TreeMap<>();
    for (StateDiff.Difference difference : diff.rows()) {
      if (TABLES.contains(difference.row().row().table())) {
        rows.put(difference.row().row(), difference.row());
        checkPatch(difference.row());
      }
    }
    return rows;
  }

  private static boolean belongs(RowKey row, String voyage) {
    return row.id().equals(voyage) || row.id().equals("ship of " + voyage);
  }

  private void checkDiffs(ReadableLog log, Random random, long oldest) {
    long head = states.size() - 1L;
    for (int i = 0; i < 40; i++) {
      Cursor from = log.at(oldest + random.nextLong(head - oldest + 1));
      Cursor to = log.at(oldest + random.nextLong(head - oldest + 1));
      Map<RowKey, RowDifference> expected = differences(from.sequence(), to.sequence());
      assertThat(rowsOf(StateDiff.of(log, from, to, Optional.empty())))
          .as("%s to %s", from, to)
          .isEqualTo(expected);
      String voyage = "v" + random.nextInt(VOYAGES);
      expected.keySet().removeIf(row -> !belongs(row, voyage));
      assertThat(rowsOf(StateDiff.of(log, from, to, VoyageEvent.subject(voyage))))
          .as("%s from %s to %s", voyage, from, to)
          .isEqualTo(expected);
    }
  }

  /** Every entry above {@code oldest}, and that one for the base below. */
  private void checkHistories(ReadableLog log, long oldest, Set<Long> lost) {
    long head = states.size() - 1L;
    for (int number = 0; number < VOYAGES; number++) {
      String voyage = "v" + number;
      ObjectHistory history =
          ObjectHistory.of(log, VoyageEvent.subject(voyage), oldest, log.at(head), 10_000);
      Map<Long, Map<RowKey, RowDifference>> expected = new TreeMap<>();
      for (long sequence = oldest + 1; sequence <= head; sequence++) {
        Map<RowKey, RowDifference> changes = differences(sequence - 1, sequence);
        // Which name an object held is told by events about it alone.
        boolean known = !lost.contains(sequence);
        boolean about = VoyageEvent.subject(voyage).equals(subjects.get(sequence));
        changes
            .keySet()
            .removeIf(row -> !belongs(row, voyage) || (!known && row.table().equals("ship_names")));
        if (about || !changes.isEmpty()) {
          expected.put(sequence, changes);
        }
      }
      Map<Long, Map<RowKey, RowDifference>> found = new TreeMap<>();
      for (ObjectHistory.Entry entry : history.entries()) {
        assertThat(entry.event().isEmpty()).isEqualTo(lost.contains(entry.sequence()));
        Map<RowKey, RowDifference> changes = new TreeMap<>();
        for (RowDifference change : entry.changes()) {
          checkPatch(change);
          // An applier may write what was there already.
          if (!change.before().equals(change.after())) {
            changes.put(change.row(), change);
          }
        }
        found.put(entry.sequence(), changes);
      }
      expected.values().removeIf(Map::isEmpty);
      List<Long> told = List.copyOf(found.keySet());
      assertThat(told).isSorted();
      found.values().removeIf(Map::isEmpty);
      assertThat(found).as("history of %s", voyage).isEqualTo(expected);
    }
  }

  private void checkBlame(ReadableLog log, Random random, long oldest) {
    long head = states.size() - 1L;
    for (int i = 0; i < 40; i++) {
      long moment = oldest + random.nextLong(head - oldest + 1);
      String voyage = "v" + random.nextInt(VOYAGES);
      for (RowKey row : List.of(row("voyages", voyage), row("plans", voyage))) {
        boolean was = false;
        for (long sequence = oldest; sequence <= moment; sequence++) {
          was |= value(row, sequence).isPresent();
        }
        if (!was) {
          continue;
        }
        for (Blame.Line line : Blame.of(log, row, Optional.empty(), log.at(moment)).lines()) {
          JsonPointer at = JsonPointer.compile(line.pointer());
          long expected = moment;
          while (expected > oldest
              && Objects.equals(valueAt(row, at, expected - 1), valueAt(row, at, moment))) {
            expected--;
          }
          long named = line.setBy().sequence();
          assertThat(named <= oldest ? oldest : named)
              .as("%s%s as of %s", row, line.pointer(), moment)
              .isEqualTo(expected);
          assertThat(line.value().orElse(null)).isEqualTo(valueAt(row, at, moment));
        }
      }
    }
  }

  private JsonNode valueAt(RowKey row, JsonPointer pointer, long sequence) {
    return value(row, sequence)
        .map(value -> value.at(pointer))
        .filter(node -> !node.isMissingNode())
        .orElse(null);
  }

  private void checkAll(ReadableLog log, long seed, long oldest, Set<Long> lost) {
    Random random = new Random(seed);
    checkDiffs(log, random, oldest);
    checkHistories(log, oldest, lost);
    checkBlame(log, random, oldest);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theLiveLogAndTheStoppedOneTellWhatTheModelKnows(long seed) {
    try (Harbour harbour = open()) {
      sail(harbour, new Random(seed));
      checkAll(harbour.log(), seed, 0, Set.of());
    }
    try (StoppedLog log = openStopped()) {
      checkAll(log, seed, 0, Set.of());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void afterASalvageTheStateStillTellsWhatTheLostEventsDid(long seed) {
    Set<Long> lost = new TreeSet<>();
    try (Harbour harbour = open()) {
      sail(harbour, new Random(seed));
    }
    try (RocksStore store = RocksStore.open(directory.resolve("db"));
        Batch batch = store.newBatch()) {
      for (long sequence = 60; sequence < 70; sequence++) {
        batch.delete(ColumnFamily.EVENTS, Bytes.u64(sequence));
        lost.add(sequence);
      }
      store.write(batch, true);
    }
    try (Harbour harbour = open()) {
      assertThat(harbour.log().info().salvage()).isPresent();
      Cursor inside = new Cursor(1, 65);
      assertThat(kindOf(() -> StateDiff.of(harbour.log(), inside, inside, Optional.empty())))
          .isEqualTo(Kind.GONE);
      assertThat(kindOf(() -> harbour.log().at(65))).isEqualTo(Kind.GONE);
      ReadableLog log = harbour.log();
      assertThat(readable(log)).doesNotContainAnyElementsOf(lost).contains(59L, 70L);
      checkHistories(log, 0, lost);
      Map<RowKey, RowDifference> expected = differences(50, 80);
      assertThat(rowsOf(StateDiff.of(log, log.at(50), log.at(80), Optional.empty())))
          .isEqualTo(expected);
      assertThat(rowsOf(StateDiff.of(log, log.at(80), log.at(50), Optional.empty())))
          .isEqualTo(differences(80, 50));
      checkBlameBelow(log, seed, 59);
    }
  }

  /** What a reader finds that goes on behind holes. */
  private static List<Long> readable(ReadableLog log) {
    List<Long> sequences = new ArrayList<>();
    Page page = log.read(log.resume(Cursor.START), EventFilter.ALL, 50);
    while (!page.atHead()) {
      page.events().forEach(event -> sequences.add(event.header().sequence()));
      page = log.read(log.resume(page.next()), EventFilter.ALL, 50);
    }
    return sequences;
  }

  private void checkBlameBelow(ReadableLog log, long seed, long limit) {
    List<Map<RowKey, JsonNode>> all = new ArrayList<>(states);
    states.subList((int) limit + 1, states.size()).clear();
    checkBlame(log, new Random(seed), 0);
    states.clear();
    states.addAll(all);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void afterATruncationWhatIsKeptTellsTheSame(long seed) {
    try (Harbour harbour = open()) {
      sail(harbour, new Random(seed));
    }
    long anchor = 70;
    truncate(anchor);
    try (StoppedLog log = openStopped()) {
      assertThat(log.info().oldest()).isEqualTo(anchor + 1);
      checkAll(log, seed, anchor, Set.of());
      checkNames(log, anchor);
      assertThat(kindOf(() -> log.at(anchor - 1))).isEqualTo(Kind.GONE);
      assertThat(kindOf(() -> StateDiff.of(log, new Cursor(1, 9), log.head(), Optional.empty())))
          .isEqualTo(Kind.GONE);
    }
  }

  /** Objects are known by their rows, though their events are gone. */
  private void checkNames(ReadableLog log, long anchor) {
    long head = states.size() - 1L;
    Set<String> known = new TreeSet<>();
    for (long sequence = anchor; sequence <= head; sequence++) {
      states.get((int) sequence).keySet().forEach(row -> known.add(row.id()));
    }
    known.removeIf(id -> id.startsWith("ship of "));
    assertThat(known).hasSizeGreaterThan(1);
    for (String id : known) {
      assertThat(ObjectNames.resolve(log, "voyages/" + id, head))
          .isEqualTo(VoyageEvent.subject(id));
    }
    assertThat(kindOf(() -> ObjectNames.resolve(log, "voyages/v", head)))
        .isEqualTo(Kind.INVALID_ARGUMENT);
    assertThatThrownBy(() -> ObjectNames.resolve(log, "voyages/never", head))
        .hasMessageContaining("the oldest event kept is " + (anchor + 1));
  }

  @Test
  void whatOnlyTheBaseHasIsKnownByTheBeginningOfItsId() {
    try (Harbour harbour = open()) {
      for (String id : List.of("77a", "77b", "8c")) {
        submit(harbour, id, new VoyageEvent.Begun("ship of " + id, List.of()));
      }
      submit(harbour, "8c", new VoyageEvent.Hailed());
    }
    truncate(4);
    try (StoppedLog log = openStopped()) {
      assertThat(ObjectNames.resolve(log, "voyages/77b", 5)).isEqualTo(VoyageEvent.subject("77b"));
      assertThat(ObjectNames.resolve(log, "voyages/77a", 5)).isEqualTo(VoyageEvent.subject("77a"));
      assertThat(ObjectNames.resolve(log, "voyages/8", 5)).isEqualTo(VoyageEvent.subject("8c"));
      // Two begin so, whether one of them has events or none.
      assertThat(kindOf(() -> ObjectNames.resolve(log, "voyages/77", 5)))
          .isEqualTo(Kind.INVALID_ARGUMENT);
    }
  }

  private static long submit(Harbour harbour, String voyage, VoyageEvent event) {
    return harbour
        .await(
            Command.<Void>request(
                Harbour.ORIGIN, view -> Decision.of(VoyageEvent.subject(voyage), event)))
        .firstSequence();
  }

  @Test
  void aNameThatWasGivenAgainIsItsNewHoldersAlone() {
    RowKey name = row("ship_names", "Argo");
    try (Harbour harbour = open()) {
      long begun = submit(harbour, "one", new VoyageEvent.Begun("Argo", List.of("a")));
      long ended = submit(harbour, "one", new VoyageEvent.Ended());
      long again = submit(harbour, "two", new VoyageEvent.Begun("Argo", List.of("b")));
      ReadableLog log = harbour.log();
      Subject one = VoyageEvent.subject("one");
      Subject two = VoyageEvent.subject("two");
      assertThat(nameIn(Blame.of(log, one, Optional.empty(), log.head()), name))
          .singleElement()
          .satisfies(
              line -> {
                assertThat(line.value()).isEmpty();
                assertThat(line.setBy().sequence()).isEqualTo(ended);
              });
      assertThat(nameIn(Blame.of(log, two, Optional.empty(), log.head()), name))
          .singleElement()
          .satisfies(line -> assertThat(line.setBy().sequence()).isEqualTo(again));
      StateDiff diff = StateDiff.of(log, log.at(begun), log.head(), one);
      assertThat(rowsOf(diff).get(name).after()).isEmpty();
      assertThat(changes(diff)).containsOnly(ended);
      assertThat(rowsOf(StateDiff.of(log, log.at(begun), log.head(), two)).get(name).before())
          .isEmpty();
      assertThat(rowsOf(StateDiff.of(log, log.at(ended), log.head(), one))).isEmpty();
    }
  }

  private static List<Blame.Line> nameIn(Blame blame, RowKey name) {
    return blame.lines().stream().filter(line -> line.row().equals(name)).toList();
  }

  @Test
  void aDiffOfATypeThatIsNoneIsRefused() {
    try (Harbour harbour = open()) {
      sail(harbour, new Random(5));
      ReadableLog log = harbour.log();
      for (String type : List.of("voyages", "plans", "ship_names", "log")) {
        StateDiff.of(log, log.at(5), log.head(), Optional.of(type));
      }
      assertThat(kindOf(() -> StateDiff.of(log, log.at(5), log.head(), Optional.of("nosuch"))))
          .isEqualTo(Kind.NOT_FOUND);
    }
  }

  private static List<Long> changes(StateDiff diff) {
    return diff.rows().stream().map(StateDiff.Difference::sequence).toList();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aDiffTellsWhatIsStoredWhereEventsCannotBeFolded(long seed) {
    Random random = new Random(seed);
    StateDiff byEvents;
    try (Harbour harbour = open()) {
      sail(harbour, random);
      ReadableLog log = harbour.log();
      byEvents = StateDiff.of(log, log.at(30), log.at(100), Optional.empty());
      assertThat(byEvents.rows()).allSatisfy(row -> assertThat(row.subjects()).isNotEmpty());
    }
    // Of these appliers other values would come than are stored, and another set of rows of these.
    for (EventCatalogue other :
        List.of(EventCatalogue.of(VoyageEvent.REVISED), EventCatalogue.of())) {
      try (StoppedLog log = StoppedLog.open(directory, other)) {
        StateDiff stored = StateDiff.of(log, log.at(30), log.at(100), Optional.empty());
        assertThat(rowsOf(stored)).isEqualTo(differences(30, 100)).isEqualTo(rowsOf(byEvents));
        assertThat(changes(stored)).isEqualTo(changes(byEvents));
        assertThat(stored.rows()).allSatisfy(row -> assertThat(row.subjects()).isEmpty());
      }
    }
    try (Harbour harbour = open()) {
      ReadableLog log = harbour.log();
      harbour
          .log()
          .redact(
              new RedactionRequest(
                  Harbour.ORIGIN, log.at(begunAfter(log, 30)), List.of("/ports"), "x"))
          .join();
      // What was redacted is replaced in history as well.
      for (int i = 0; i < 10; i++) {
        Cursor from = log.at(random.nextLong(log.head().sequence()));
        Cursor to = log.at(random.nextLong(log.head().sequence()));
        Map<RowKey, RowDifference> expected = new TreeMap<>();
        Map<RowKey, JsonNode> was = stateOf(log, from);
        Map<RowKey, JsonNode> is = stateOf(log, to);
        Set<RowKey> rows = new TreeSet<>(was.keySet());
        rows.addAll(is.keySet());
        for (RowKey row : rows) {
          RowDifference difference =
              new RowDifference(
                  row, Optional.ofNullable(was.get(row)), Optional.ofNullable(is.get(row)));
          if (!difference.before().equals(difference.after())) {
            expected.put(row, difference);
          }
        }
        assertThat(rowsOf(StateDiff.of(log, from, to, Optional.empty()))).isEqualTo(expected);
      }
    }
  }

  private static long begunAfter(ReadableLog log, long sequence) {
    long next = sequence + 1;
    while (!log.find(next).orElseThrow().header().type().equals("dev.taffrail.voyage.begun.v1")) {
      next++;
    }
    return next;
  }

  /** The rows of a moment as its snapshot has them. */
  private static Map<RowKey, JsonNode> stateOf(ReadableLog log, Cursor moment) {
    Map<RowKey, JsonNode> rows = new TreeMap<>();
    try (Snapshot state = log.asOf(moment)) {
      state
          .listAll(VoyageEvent.PLANS)
          .forEach(r -> rows.put(row("plans", r.id()), json(r.value())));
      state
          .listAll(VoyageEvent.VOYAGES)
          .forEach(r -> rows.put(row("voyages", r.id()), json(r.value())));
      state
          .listAll(VoyageEvent.SHIPS)
          .forEach(r -> rows.put(row("ship_names", r.id()), json(r.value())));
    }
    return rows;
  }

  /** As LOG-FORMAT.md says: for each live key the last value at or below the anchor stays. */
  private void truncate(long anchor) {
    try (RocksStore store = RocksStore.open(directory.resolve("db"));
        Batch batch = store.newBatch()) {
      for (long sequence = 1; sequence <= anchor; sequence++) {
        EventHeader header =
            HeaderCodec.read(
                Frame.decode(store.get(ColumnFamily.EVENTS, Bytes.u64(sequence)).orElseThrow())
                    .header());
        Keys.index(header).forEach(key -> batch.delete(ColumnFamily.INDEX, key));
        batch.delete(ColumnFamily.EVENTS, Bytes.u64(sequence));
      }
      try (Scan scan = store.scan(ColumnFamily.HISTORY, Bytes.EMPTY, null)) {
        while (scan.next()) {
          byte[] key = scan.key();
          byte[] row = Arrays.copyOf(key, key.length - Long.BYTES);
          byte[] last =
              store
                  .floor(ColumnFamily.HISTORY, Bytes.concat(row, Bytes.u64(anchor)))
                  .orElseThrow()
                  .key();
          boolean base = Arrays.equals(last, key) && scan.value().length > 0;
          if (Bytes.u64(key, row.length) <= anchor && !base) {
            batch.delete(ColumnFamily.HISTORY, key);
          }
        }
      }
      HeadRow head = HeadRow.read(store).orElseThrow();
      HeadRow cut =
          new HeadRow(
              head.epoch(),
              head.sequence(),
              head.time(),
              head.hash(),
              head.stateHash(),
              anchor + 1,
              anchor);
      batch.put(ColumnFamily.META, Keys.HEAD, cut.bytes());
      store.write(batch, true);
    }
  }

  private static Kind kindOf(ThrowingCallable call) {
    RuntimeFailure failure = catchThrowableOfType(RuntimeFailure.class, call);
    assertThat(failure).isNotNull();
    return failure.kind();
  }

  private static Origin request(String command, String correlation) {
    return new Origin(Actor.peer(0, 0, 77, Optional.of(command)), correlation, Optional.empty());
  }

  private static long submit(
      Harbour harbour, Origin origin, OptionalLong cause, VoyageEvent event) {
    Command<Void> command =
        Command.request(origin, view -> Decision.of(VoyageEvent.subject("v"), event));
    return harbour
        .await(cause.isPresent() ? command.causedBy(cause.getAsLong()) : command)
        .firstSequence();
  }

  @Test
  void aTraceGoesFromTheRequestToTheLastEffectAndSaysWhatCameBetween() {
    try (Harbour harbour = open()) {
      Origin run = request("run", "correlation-of-run");
      Origin kill = request("kill", "correlation-of-kill");
      long begun =
          submit(harbour, run, OptionalLong.empty(), new VoyageEvent.Begun("Argo", List.of()));
      long sailed = submit(harbour, run, OptionalLong.of(begun), new VoyageEvent.Sailed(5, ""));
      long hailed = submit(harbour, kill, OptionalLong.empty(), new VoyageEvent.Hailed());
      Origin own = new Origin(Actor.component("x"), run.correlationId(), Optional.empty());
      long ended = submit(harbour, own, OptionalLong.of(sailed), new VoyageEvent.Ended());

      EventTrace trace = EventTrace.of(harbour.log(), ended);
      assertThat(trace.root().header().sequence()).isEqualTo(begun);
      assertThat(trace.complete()).isTrue();
      EventTrace.Node top = trace.roots().get(0);
      EventTrace.Node second = top.effects().get(0);
      EventTrace.Node last = second.effects().get(0);
      assertThat(trace.roots()).hasSize(1);
      assertThat(last.event().header().sequence()).isEqualTo(ended);
      assertThat(last.meanwhile())
          .extracting(event -> event.header().sequence())
          .containsExactly(hailed);
      assertThat(last.effects()).isEmpty();
      // The same tree, whichever event of it is asked for.
      assertThat(EventTrace.of(harbour.log(), begun).roots()).isEqualTo(trace.roots());
      assertThat(EventTrace.of(harbour.log(), hailed).roots()).hasSize(1);
      assertThat(kindOf(() -> EventTrace.of(harbour.log(), 99))).isEqualTo(Kind.NOT_FOUND);

      Blame.Line gone =
          Blame.of(
                  harbour.log(),
                  VoyageEvent.subject("v"),
                  Optional.of("miles"),
                  harbour.log().head())
              .lines()
              .get(0);
      assertThat(gone.value()).isEmpty();
      assertThat(gone.setBy().sequence()).isEqualTo(ended);
      assertThat(gone.setBy().root().orElseThrow().header().actor().command()).contains("run");
      assertThat(gone.setBy().meanwhile().get(0).header().actor().command()).contains("kill");
    }
  }

  @Test
  void aFieldIsBlamedByPointerOrPath() {
    try (Harbour harbour = open()) {
      Origin who = request("load", "correlation-of-load");
      submit(harbour, who, OptionalLong.empty(), new VoyageEvent.Begun("Argo", List.of("a")));
      long tea =
          submit(
              harbour,
              who,
              OptionalLong.empty(),
              new VoyageEvent.Loaded(Map.of("tea", "1", "rum", "1")));
      long rum =
          submit(
              harbour,
              who,
              OptionalLong.empty(),
              new VoyageEvent.Loaded(Map.of("tea", "1", "rum", "2")));
      long less =
          submit(harbour, who, OptionalLong.empty(), new VoyageEvent.Loaded(Map.of("rum", "2")));
      ReadableLog log = harbour.log();
      assertThat(blamed(log, "cargo.rum", log.head())).isEqualTo(rum);
      assertThat(blamed(log, "/cargo/rum", log.at(tea))).isEqualTo(tea);
      assertThat(blamed(log, "cargo.tea", log.at(rum))).isEqualTo(tea);
      // It is not there any more: who took it away?
      assertThat(blamed(log, "cargo.tea", log.head())).isEqualTo(less);
      assertThat(blamed(log, "ports", log.head())).isEqualTo(2);
      assertThat(blamed(log, "ports.0", log.head())).isEqualTo(2);
      assertThat(kindOf(() -> blamed(log, "sails", log.head()))).isEqualTo(Kind.NOT_FOUND);
      // Cargo's two leaves would be two lines; the whole object has those of all its rows.
      assertThat(Blame.of(log, VoyageEvent.subject("v"), Optional.empty(), log.head()).lines())
          .extracting(line -> line.row().table() + line.pointer())
          .containsExactly(
              "plans/ship",
              "plans/ports",
              "ship_names/owner",
              "voyages/miles",
              "voyages/cargo/rum",
              "voyages/met");
    }
  }

  private static long blamed(ReadableLog log, String field, Cursor moment) {
    List<Blame.Line> lines =
        Blame.of(log, VoyageEvent.subject("v"), Optional.of(field), moment).lines();
    assertThat(lines).hasSize(1);
    return lines.get(0).setBy().sequence();
  }

  @Test
  void aHistoryComesInPages() {
    try (Harbour harbour = open()) {
      sail(harbour, new Random(5));
      ReadableLog log = harbour.log();
      Subject subject = VoyageEvent.subject("v1");
      List<ObjectHistory.Entry> all =
          ObjectHistory.of(log, subject, 0, log.head(), 10_000).entries();
      List<ObjectHistory.Entry> pages = new ArrayList<>();
      ObjectHistory page = ObjectHistory.of(log, subject, 0, log.head(), 3);
      while (!page.complete()) {
        pages.addAll(page.entries());
        page = ObjectHistory.of(log, subject, page.next(), log.head(), 3);
      }
      pages.addAll(page.entries());
      assertThat(pages).isEqualTo(all);
      assertThat(all).isNotEmpty();
    }
  }
}
