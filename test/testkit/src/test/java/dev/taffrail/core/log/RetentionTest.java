package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A truncated log keeps its state, its chain and what can be asked for above the anchor. */
class RetentionTest {
  private static final LogRetention ALL = LogRetention.ALL;

  @TempDir Path directory;

  private LogSettings settings(LogRetention retention) {
    return Harbour.settings(directory, LogMode.DURABLE).with(retention);
  }

  private static LogRetention events(long most) {
    return new LogRetention(
        Optional.empty(), OptionalLong.empty(), OptionalLong.of(most), 1_000_000);
  }

  private static void fill(Harbour harbour, int commands) {
    CompletableFuture<?> last = CompletableFuture.completedFuture(null);
    for (int i = 0; i < commands; i++) {
      last = harbour.log().submit(Harbour.toggle("b" + i % 17, "s" + i % 17));
      if (i % 200 == 0) {
        last.join();
      }
    }
    last.join();
  }

  private static Map<String, String> ships(Snapshot snapshot) {
    try (snapshot) {
      Map<String, String> ships = new HashMap<>();
      snapshot.list(HarbourEvent.BERTHS).forEach(row -> ships.put(row.id(), row.value().ship()));
      return ships;
    }
  }

  private static LogEvent.Truncated truncated(EventLog log) {
    return log.read(
        view -> view.listAll(LogEvent.TRUNCATIONS).stream().findFirst().orElseThrow().value());
  }

  @Test
  void anAnchoredBaseStaysAndEverythingAboveItCanBeAskedFor() {
    try (Harbour harbour = Harbour.open(settings(events(1500)))) {
      fill(harbour, 5000);
      EventLog log = harbour.log();
      Cursor before = log.head();
      Map<String, String> then = ships(log.asOf(new Cursor(1, 4096)));
      log.applyRetention().join();
      LogEvent.Truncated event = truncated(log);
      assertThat(event.upTo() % Beacons.INTERVAL).isZero();
      assertThat(event.upTo()).isLessThanOrEqualTo(before.sequence() - 1500 + 1);
      assertThat(log.info().oldest()).isEqualTo(event.upTo() + 1);
      assertThat(log.find(event.upTo())).isEmpty();
      assertThat(log.find(event.upTo() + 1).orElseThrow().previousHash()).isEqualTo(event.anchor());
      Cursor below = new Cursor(1, event.upTo() - 1);
      assertThatThrownBy(() -> log.read(below, EventFilter.ALL, 1))
          .isInstanceOf(RuntimeFailure.class)
          .hasMessageContaining("oldest event " + (event.upTo() + 1))
          .hasMessageContaining("head " + log.head())
          .extracting(e -> ((RuntimeFailure) e).kind())
          .isEqualTo(Kind.GONE);
      assertThatThrownBy(() -> log.asOf(below))
          .extracting(e -> ((RuntimeFailure) e).kind())
          .isEqualTo(Kind.GONE);
      assertThat(ships(log.asOf(new Cursor(1, event.upTo())))).isNotNull();
      assertThat(ships(log.asOf(new Cursor(1, 4096)))).isEqualTo(then);
      assertThat(log.read(Cursor.START, EventFilter.ALL, 1).events().get(0).header().sequence())
          .isEqualTo(event.upTo() + 1);
      assertThat(log.oldest()).isEqualTo(new Cursor(1, event.upTo()));
      VerifyReport report = harbour.verify();
      assertThat(report.problems()).isEmpty();
      assertThat(report.notes()).anyMatch(note -> note.contains("was truncated"));
      assertThat(report.events()).isEqualTo(log.head().sequence() - event.upTo());
    }
    assertThat(LogVerifier.verify(directory, Harbour.CATALOGUE).problems()).isEmpty();
    assertNothingBelowTheAnchor();
    try (Harbour harbour = Harbour.open(settings(events(1500)))) {
      assertThat(harbour.take("later", "Later").cursor().epoch()).isEqualTo(1);
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }

  private void assertNothingBelowTheAnchor() {
    try (RocksStore store = RocksStore.openReadOnly(directory.resolve("db"))) {
      long oldest = HeadRow.read(store).orElseThrow().oldest();
      assertThat(oldest).isGreaterThan(1);
      for (ColumnFamily family : List.of(ColumnFamily.EVENTS, ColumnFamily.INDEX)) {
        try (Scan scan = store.scan(family, Bytes.EMPTY, null)) {
          while (scan.next()) {
            byte[] key = scan.key();
            assertThat(Bytes.u64(key, key.length - Long.BYTES)).isGreaterThanOrEqualTo(oldest);
          }
        }
      }
      Map<String, Integer> below = new HashMap<>();
      try (Scan scan = store.scan(ColumnFamily.HISTORY, Bytes.EMPTY, null)) {
        while (scan.next()) {
          byte[] key = scan.key();
          if (Bytes.u64(key, key.length - Long.BYTES) < oldest) {
            assertThat(scan.value()).isNotEmpty();
            below.merge(RowKey.parse(key).toString(), 1, Integer::sum);
          }
        }
      }
      assertThat(below).isNotEmpty().allSatisfy((key, count) -> assertThat(count).isEqualTo(1));
    }
  }

  @Test
  void aRandomLogVerifiesWhereverItIsTruncated() {
    Random random = new Random(7);
    for (int round = 0; round < 4; round++) {
      try (Harbour harbour = Harbour.open(settings(events(1024 + random.nextInt(2000))))) {
        fill(harbour, 2000 + random.nextInt(2000));
        harbour.log().applyRetention().join();
        assertThat(harbour.verify().problems()).as("round %s", round).isEmpty();
      }
      assertThat(LogVerifier.verify(directory, Harbour.CATALOGUE).problems()).isEmpty();
    }
  }

  @Test
  void verifyNamesAChangedBase() {
    try (Harbour harbour = Harbour.open(settings(events(1024)))) {
      fill(harbour, 4000);
      harbour.log().applyRetention().join();
    }
    try (RocksStore store = RocksStore.open(directory.resolve("db"))) {
      HeadRow head = HeadRow.read(store).orElseThrow();
      RowKey key = Base.rows(store, head.base()).firstKey();
      StoredRow row = Base.rows(store, head.base()).get(key);
      try (var batch = store.newBatch()) {
        byte[] forged = row.bytes().clone();
        forged[forged.length - 3] ^= 1;
        batch.put(ColumnFamily.HISTORY, key.history(row.sequence()), forged);
        store.write(batch, true);
      }
    }
    VerifyReport report = LogVerifier.verify(directory, Harbour.CATALOGUE);
    assertThat(report.ok()).isFalse();
  }

  @Test
  void verifyNamesAFirstEventThatDoesNotFollowTheAnchor() {
    long oldest;
    try (Harbour harbour = Harbour.open(settings(events(1024)))) {
      fill(harbour, 4000);
      harbour.log().applyRetention().join();
      oldest = harbour.log().info().oldest();
    }
    try (RocksStore store = RocksStore.open(directory.resolve("db"));
        var batch = store.newBatch()) {
      Frame frame = Frame.decode(store.get(ColumnFamily.EVENTS, Bytes.u64(oldest)).orElseThrow());
      Frame forged =
          Frame.of(
              HexFormat.of().parseHex("ab".repeat(32)),
              frame.header(),
              new byte[Frame.SALT_LENGTH],
              frame.payload().orElseThrow());
      batch.put(ColumnFamily.EVENTS, Bytes.u64(oldest), forged.encode());
      store.write(batch, true);
    }
    assertThat(LogVerifier.verify(directory, Harbour.CATALOGUE).firstBad()).contains(oldest);
  }

  @Test
  void whatACrashLeftBelowTheAnchorIsRemovedAtTheNextStart() throws Exception {
    try (Harbour harbour = Harbour.open(settings(ALL))) {
      fill(harbour, 3000);
    }
    // The event is durable, and the process died before anything was removed.
    try (RocksStore store = RocksStore.open(directory.resolve("db"))) {
      HeadRow head = HeadRow.read(store).orElseThrow();
      LogWriter writer =
          new LogWriter(
              store,
              EventLogs.withOwn(Harbour.CATALOGUE),
              settings(ALL),
              HeadFile.read(directory.resolve("head")).orElseThrow().logId(),
              head,
              1);
      byte[] anchor = new LogReader(store, null).anchor(2048).orElseThrow();
      CompletableFuture<Committed<Void>> reply = new CompletableFuture<>();
      Command<Void> command =
          Command.request(
              Harbour.ORIGIN,
              view ->
                  Decision.of(
                      LogEvent.subject(writer.logId()),
                      new LogEvent.Truncated(2048, HexFormat.of().formatHex(anchor))));
      writer.commit(
          new CommandQueue.Pending<>(command, reply),
          () -> null,
          group -> group.answer(new CommandQueue(1)),
          new ArrayDeque<>());
    }
    VerifyReport between = LogVerifier.verify(directory, Harbour.CATALOGUE);
    assertThat(between.problems()).isEmpty();
    try (Harbour harbour = Harbour.open(settings(ALL))) {
      harbour.log().applyRetention().join();
      assertThat(harbour.log().info().oldest()).isEqualTo(2049);
      assertThat(harbour.verify().problems()).isEmpty();
    }
    assertNothingBelowTheAnchor();
  }

  @Test
  void oldEventsGoByAge() {
    // The clock of the harbour moves on a millisecond at each look.
    LogRetention second =
        new LogRetention(
            Optional.of(Duration.ofSeconds(2)),
            OptionalLong.empty(),
            OptionalLong.empty(),
            1_000_000);
    try (Harbour harbour = Harbour.open(settings(second))) {
      fill(harbour, 6000);
      harbour.log().applyRetention().join();
      long oldest = harbour.log().info().oldest();
      assertThat(oldest).isGreaterThan(1024);
      LoggedEvent first = harbour.log().find(oldest).orElseThrow();
      LoggedEvent head = harbour.log().find(harbour.log().head().sequence()).orElseThrow();
      assertThat(Duration.between(first.header().time(), head.header().time()))
          .isGreaterThanOrEqualTo(Duration.ofSeconds(2));
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }

  @Test
  void aDurableConsumerHoldsATruncationOff() {
    try (Harbour harbour = Harbour.open(settings(ALL))) {
      fill(harbour, 5000);
      harbour.log().storeConsumer("bell", new Cursor(1, 1500)).join();
    }
    try (Harbour harbour = Harbour.open(settings(events(1024)))) {
      harbour.log().applyRetention().join();
      assertThat(harbour.log().info().oldest()).isEqualTo(1025);
      harbour.log().storeConsumer("bell", new Cursor(1, 5000)).join();
      harbour.log().applyRetention().join();
      assertThat(harbour.log().info().oldest()).isGreaterThan(3000);
    }
  }

  @Test
  void aConsumerTooFarBehindIsLostAndToldOf() {
    LogRetention strict =
        new LogRetention(Optional.empty(), OptionalLong.empty(), OptionalLong.of(1024), 2000);
    try (Harbour harbour = Harbour.open(settings(ALL))) {
      fill(harbour, 5000);
      harbour.log().storeConsumer("bell", new Cursor(1, 1500)).join();
      harbour.log().storeConsumer("quick", new Cursor(1, 4500)).join();
    }
    try (Harbour harbour = Harbour.open(settings(strict))) {
      harbour.log().applyRetention().join();
      Page told =
          harbour
              .log()
              .read(
                  harbour.log().oldest(),
                  new EventFilter(List.of("dev.taffrail.log.consumer-lost.v1"), List.of()),
                  10);
      assertThat(told.events()).hasSize(1);
      assertThat(told.events().get(0).data().get("consumer").asText()).isEqualTo("bell");
      assertThat(harbour.log().info().oldest()).isGreaterThan(3000);
      Cursor stored = harbour.log().consumer("bell").orElseThrow();
      assertThatThrownBy(() -> harbour.log().read(stored, EventFilter.ALL, 1))
          .extracting(e -> ((RuntimeFailure) e).kind())
          .isEqualTo(Kind.GONE);
      // Told once, and held for again once it goes on.
      Cursor next = harbour.log().head();
      harbour.log().storeConsumer("bell", next).join();
      harbour.log().storeConsumer("quick", next).join();
      fill(harbour, 1900);
      harbour.log().applyRetention().join();
      assertThat(harbour.verify().problems()).isEmpty();
      assertThat(harbour.log().info().oldest()).isLessThanOrEqualTo(next.sequence() + 1);
      assertThat(harbour.log().<Integer>read(view -> view.listAll(LogEvent.LOST_CONSUMERS).size()))
          .isEqualTo(1);
    }
  }

  @Test
  void aStormLeavesTheDirectoryBelowABound() {
    long limit = 4L << 20;
    LogRetention small =
        new LogRetention(Optional.empty(), OptionalLong.of(limit), OptionalLong.empty(), 1_000_000);
    Random random = new Random(3);
    long largest = 0;
    long written = 0;
    try (Harbour harbour = Harbour.open(settings(small))) {
      while (written < 10 * limit) {
        List<CompletableFuture<Committed<Void>>> replies = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          byte[] noise = new byte[4000];
          random.nextBytes(noise);
          replies.add(harbour.log().submit(moor("b" + i, HexFormat.of().formatHex(noise))));
        }
        boolean refused = false;
        for (CompletableFuture<Committed<Void>> reply : replies) {
          Optional<Throwable> refusal = reply.handle((done, e) -> Optional.ofNullable(e)).join();
          written += refusal.isPresent() ? 0 : 8000;
          refusal.ifPresent(e -> assertThat(RuntimeFailure.kindOf(e)).isEqualTo(Kind.UNAVAILABLE));
          refused |= refusal.isPresent();
        }
        if (refused) {
          harbour.log().applyRetention().join();
        }
        largest = Math.max(largest, size(directory.toFile()));
      }
      harbour.log().applyRetention().join();
      assertThat(harbour.verify().problems()).isEmpty();
      // Less than a step of events is not worth a truncation.
      assertThat(size(directory.toFile())).isLessThan(limit + 2 * Beacons.INTERVAL * 8000);
    }
    assertThat(largest).isLessThan(8 * limit);
  }

  static Command<Void> moor(String berth, String cargo) {
    HarbourEvent.TakenV2 taken = new HarbourEvent.TakenV2("ship " + berth, Optional.of(cargo));
    return Command.request(
        Harbour.ORIGIN,
        view ->
            view.find(HarbourEvent.BERTHS, berth).isPresent()
                ? Decision.of(Harbour.berth(berth), new HarbourEvent.Left(), taken)
                : Decision.of(Harbour.berth(berth), taken));
  }

  /** Files come and go meanwhile. */
  private static long size(File tree) {
    File[] children = tree.listFiles();
    return children == null
        ? tree.length()
        : Arrays.stream(children).mapToLong(RetentionTest::size).sum();
  }
}
