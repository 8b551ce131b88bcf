package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.testkit.log.Collected;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is damaged, the log opens, keeps what verifies, and says what was lost. */
@Timeout(120)
class LogDamageTest {
  @TempDir Path directory;

  private Cursor fill(int commands) {
    try (Harbour harbour = Harbour.open(directory)) {
      for (int i = 0; i < commands; i++) {
        harbour.take("b" + i % 17, "s" + i % 17);
      }
      return harbour.log().head();
    }
  }

  private List<LoggedEvent> salvages(Harbour harbour) {
    return salvages(harbour, harbour.log().oldest());
  }

  private List<LoggedEvent> salvages(Harbour harbour, Cursor after) {
    return harbour
        .log()
        .read(after, new EventFilter(List.of("dev.taffrail.log.salvaged.v1"), List.of()), 100)
        .events();
  }

  private Path newest(String pattern) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      return files
          .filter(file -> file.getFileName().toString().matches(pattern))
          .max(Comparator.comparing(file -> file.getFileName().toString()))
          .orElseThrow();
    }
  }

  private void change(ColumnFamily family, byte[] key, byte[] value) {
    try (RocksStore store = RocksStore.open(directory.resolve("db"));
        Batch batch = store.newBatch()) {
      batch.put(family, key, value);
      store.write(batch, true);
    }
  }

  private VerifyReport verifyStopped() {
    return LogVerifier.verify(directory, Harbour.CATALOGUE);
  }

  @Test
  void aWholeLogVerifiesWhenStopped() {
    fill(1500);
    VerifyReport report = verifyStopped();
    assertThat(report.problems()).isEmpty();
    assertThat(report.ok()).isTrue();
    assertThat(report.events()).isEqualTo(1501);
  }

  @Test
  void verifyNamesAnEventThatWasChanged() {
    fill(50);
    byte[] frame;
    try (RocksStore store = RocksStore.openReadOnly(directory.resolve("db"))) {
      frame = store.get(ColumnFamily.EVENTS, Bytes.u64(23)).orElseThrow();
    }
    Frame stored = Frame.decode(frame);
    Frame forged =
        Frame.of(
            stored.previousHash(),
            stored.header(),
            new byte[Frame.SALT_LENGTH],
            stored.payload().orElseThrow());
    change(ColumnFamily.EVENTS, Bytes.u64(23), forged.encode());
    VerifyReport report = verifyStopped();
    assertThat(report.ok()).isFalse();
    // A forged event verifies by itself; the one after it does not follow it.
    assertThat(report.firstBad()).contains(24L);
    byte[] bent = frame.clone();
    bent[bent.length / 2] ^= 1;
    change(ColumnFamily.EVENTS, Bytes.u64(23), bent);
    assertThat(verifyStopped().firstBad()).contains(23L);
  }

  @Test
  void verifyNamesAnEventThatIsMissing() {
    fill(50);
    try (RocksStore store = RocksStore.open(directory.resolve("db"));
        Batch batch = store.newBatch()) {
      batch.delete(ColumnFamily.EVENTS, Bytes.u64(30));
      store.write(batch, true);
    }
    assertThat(verifyStopped().firstBad()).contains(30L);
  }

  @Test
  void verifyNamesTheEventWhoseDerivedRowsDiffer() {
    fill(40);
    RowKey key = new RowKey("berths", "default", "b3");
    change(
        ColumnFamily.STATE,
        key.bytes(),
        StoredRow.of(
                HarbourEvent.BERTHS,
                39,
                new HarbourEvent.Berth("Flying Dutchman", Optional.empty()))
            .bytes());
    VerifyReport report = verifyStopped();
    assertThat(report.ok()).isFalse();
    assertThat(report.problems()).anyMatch(problem -> problem.contains("berths/b3"));
  }

  @Test
  void verifyNoticesARowOfTheHistoryThatNoEventAccountsFor() {
    fill(40);
    change(ColumnFamily.HISTORY, new RowKey("berths", "default", "zz").history(7), Bytes.EMPTY);
    assertThat(verifyStopped().problems()).anyMatch(problem -> problem.contains("history"));
  }

  @Test
  void verifyChecksBeacons() {
    fill(1100);
    change(ColumnFamily.BEACONS, Bytes.u64(1024), new byte[64]);
    assertThat(verifyStopped().ok()).isTrue();
    byte[] beacon = Beacons.value(new byte[32], EventLogs.withOwn(Harbour.CATALOGUE).fingerprint());
    change(ColumnFamily.BEACONS, Bytes.u64(1024), beacon);
    VerifyReport report = verifyStopped();
    assertThat(report.firstBad()).contains(1024L);
  }

  /** Returns the sequence of an event of a version that a later release knows. */
  private long appendFromTheFuture() {
    HeadRow head;
    try (RocksStore store = RocksStore.openReadOnly(directory.resolve("db"))) {
      head = HeadRow.read(store).orElseThrow();
    }
    EventHeader header =
        new EventHeader(
            head.sequence() + 1,
            1,
            Keys.instant(head.time()),
            "dev.taffrail.berth.taken.v3",
            Harbour.berth("new"),
            1,
            "correlation",
            OptionalLong.empty(),
            Harbour.ORIGIN.actor(),
            Optional.empty(),
            Optional.empty(),
            0,
            1);
    Frame frame =
        Frame.of(
            head.hashBytes(),
            HeaderCodec.write(header),
            new byte[Frame.SALT_LENGTH],
            "{\"ship\":\"Argo\"}".getBytes(StandardCharsets.UTF_8));
    HeadRow next =
        new HeadRow(
            1,
            head.sequence() + 1,
            head.time(),
            HexFormat.of().formatHex(frame.hash()),
            head.stateHash(),
            1,
            0);
    try (RocksStore store = RocksStore.open(directory.resolve("db"));
        Batch batch = store.newBatch()) {
      EventWrites.event(batch, header, frame.encode(), List.of());
      batch.put(ColumnFamily.META, Keys.HEAD, next.bytes());
      store.write(batch, true);
    }
    return head.sequence() + 1;
  }

  @Test
  void anUnknownVersionStopsItsFamilyAndTheChainStillVerifies() {
    fill(10);
    long unknown = appendFromTheFuture();
    VerifyReport report = verifyStopped();
    assertThat(report.firstBad()).contains(unknown);
    assertThat(report.problems())
        .singleElement()
        .asString()
        .contains("no applier for the event type dev.taffrail.berth.taken.v3");
    assertThat(report.events()).isEqualTo(unknown);
  }

  /** A family beside the harbour's. */
  private sealed interface BuoyEvent extends Event {
    Table<Buoy> BUOYS = Table.of("buoys", Buoy.class);
    EventFamily<BuoyEvent> FAMILY =
        EventFamily.of(BuoyEvent.class)
            .tables(BUOYS)
            .on(
                "dev.taffrail.buoy.laid.v1",
                Laid.class,
                (rows, event) -> rows.put(BUOYS, rows.subject().id(), new Buoy(event.colour())))
            .build();

    record Laid(String colour) implements BuoyEvent {}

    record Buoy(String colour) {}
  }

  @Test
  void anUnknownVersionStopsNoOtherFamily() {
    EventCatalogue families = EventCatalogue.of(HarbourEvent.FAMILY, BuoyEvent.FAMILY);
    fill(10);
    long unknown = appendFromTheFuture();
    LogSettings settings = Harbour.settings(directory, LogMode.DURABLE);
    try (Harbour harbour = new Harbour(EventLogs.open(settings, families))) {
      harbour.take("b16", "s16");
      harbour.await(
          Command.request(
              Harbour.ORIGIN,
              view -> Decision.of(Subject.of("buoys", "north"), new BuoyEvent.Laid("red"))));
    }
    assertThat(LogVerifier.verify(directory, families).problems()).hasSize(1);
    RowKey north = new RowKey("buoys", "default", "north");
    long laid = unknown + 2;
    StoredRow green = StoredRow.of(BuoyEvent.BUOYS, laid, new BuoyEvent.Buoy("green"));
    change(ColumnFamily.STATE, north.bytes(), green.bytes());
    VerifyReport state = LogVerifier.verify(directory, families);
    assertThat(state.firstBad()).contains(unknown);
    assertThat(state.problems()).hasSize(2);
    assertThat(state.problems().get(1)).contains("the row buoys/north differs");
    change(ColumnFamily.HISTORY, north.history(laid), green.bytes());
    assertThat(LogVerifier.verify(directory, families).problems())
        .anyMatch(problem -> problem.startsWith("event " + laid + ": the history of buoys/north"));
  }

  @Test
  void theHeadFileFollowsALogThatRestsAndSaysThatItWasClosed() {
    Path file = directory.resolve("head");
    Cursor head;
    try (Harbour harbour = Harbour.open(directory)) {
      head = harbour.take("b1", "Argo").cursor();
      HeadFile.Mark mark = HeadFile.read(file).orElseThrow();
      while (!mark.head().equals(head)) {
        LockSupport.parkNanos(1_000_000);
        mark = HeadFile.read(file).orElseThrow();
      }
      assertThat(mark.closed()).isFalse();
      assertThat(mark.hash()).isEqualTo(harbour.log().info().hash());
      head = harbour.take("b2", "Fram").cursor();
    }
    assertThat(HeadFile.read(file).orElseThrow().head()).isEqualTo(head);
    assertThat(HeadFile.read(file).orElseThrow().closed()).isTrue();
  }

  @Test
  void eventsLostAtTheBeginningLeaveALogThatStartsAfterThem() {
    fill(60);
    try (RocksStore store = RocksStore.open(directory.resolve("db"));
        Batch batch = store.newBatch()) {
      for (long sequence = 1; sequence <= 10; sequence++) {
        batch.delete(ColumnFamily.EVENTS, Bytes.u64(sequence));
      }
      store.write(batch, true);
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(harbour.log().info().oldest()).isEqualTo(11);
      assertThat(harbour.log().info().salvage().orElseThrow()).contains("events 1 to 10 were lost");
      long head = harbour.log().head().sequence();
      List<Long> rest = LongStream.rangeClosed(11, head).boxed().toList();
      Page page = harbour.log().read(Cursor.START, EventFilter.ALL, 1000);
      assertThat(page.events().stream().map(event -> event.header().sequence()).toList())
          .isEqualTo(rest);
      Collected collected = new Collected(Long.MAX_VALUE, rest.size());
      harbour.log().subscribe(Cursor.START, EventFilter.ALL).subscribe(collected);
      collected.await();
      assertThat(collected.sequences()).isEqualTo(rest);
      assertThat(kindOfRead(harbour, new Cursor(1, 5))).isEqualTo(Kind.GONE);
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }

  @Test
  void whatStateAndHistoryLoseInASalvageTheOtherGivesBack() {
    fill(60);
    RowKey first = new RowKey("berths", "default", "b9");
    RowKey second = new RowKey("berths", "default", "b10");
    try (RocksStore store = RocksStore.open(directory.resolve("db"));
        Batch batch = store.newBatch()) {
      batch.delete(ColumnFamily.EVENTS, Bytes.u64(40));
      batch.delete(ColumnFamily.STATE, first.bytes());
      long changed =
          StoredRow.parse(store.get(ColumnFamily.STATE, second.bytes()).orElseThrow()).sequence();
      batch.delete(ColumnFamily.HISTORY, second.history(changed));
      store.write(batch, true);
    }
    try (Harbour harbour = Harbour.open(directory)) {
      for (RowKey key : List.of(first, second)) {
        assertThat(
                harbour
                    .log()
                    .<Optional<HarbourEvent.Berth>>read(
                        view -> view.find(HarbourEvent.BERTHS, key.id())))
            .isPresent();
      }
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no name\n", "MANIFEST-999999\n"})
  void aLostNameOfTheManifestIsFoundAgain(String content) throws IOException {
    Cursor head = fill(20);
    Path current = directory.resolve("db").resolve("CURRENT");
    if (content.isEmpty()) {
      Files.delete(current);
    } else {
      Files.writeString(current, content);
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(harbour.log().head()).isEqualTo(head);
      assertThat(harbour.log().info().salvage()).isEmpty();
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }

  @Test
  void aTornTailOfTheWriteAheadLogIsToldOfInANewEpoch() throws IOException {
    Cursor head = fill(30);
    // As after a crash: the head file says that the log had come this far, and was not closed.
    try (Harbour harbour = Harbour.open(directory)) {
      head = harbour.log().head();
      for (int i = 0; i < 60; i++) {
        head = harbour.take("x" + i, "y" + i).cursor();
      }
      copyTo(directory.resolveSibling(directory.getFileName() + "-crashed"));
    }
    Path crashed = directory.resolveSibling(directory.getFileName() + "-crashed");
    Cursor last = head;
    String hash;
    try (RocksStore store = RocksStore.open(crashed.resolve("db"))) {
      HeadRow row = HeadRow.read(store).orElseThrow();
      assertThat(row.cursor()).isEqualTo(last);
      hash = row.hash();
    }
    // Opening moved everything into tables; so the log is cut before that, from a fresh copy.
    deleteTree(crashed.resolve("db"));
    copy(directory.resolve("kept-db"), crashed.resolve("db"));
    try (Stream<Path> files = Files.list(crashed.resolve("db"))) {
      Path log =
          files
              .filter(file -> file.toString().endsWith(".log"))
              .max(Comparator.comparing(Path::toString))
              .orElseThrow();
      try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
        channel.truncate(channel.size() / 2);
      }
    }
    try (HeadFile file = HeadFile.open(crashed.resolve("head"))) {
      String logId = HeadFile.read(crashed.resolve("head")).orElseThrow().logId();
      file.write(new HeadFile.Mark(logId, last, hash, false, false));
    }
    try (Harbour harbour = Harbour.open(Harbour.settings(crashed, LogMode.DURABLE))) {
      LoggedEvent salvaged = salvages(harbour).get(0);
      long from = Long.parseLong(salvaged.data().get("from").asText());
      assertThat(from).isBetween(31L, last.sequence());
      assertThat(salvaged.data().get("to").asText()).isEqualTo(Long.toString(last.sequence()));
      assertThat(salvaged.data().get("hole").asBoolean()).isFalse();
      assertThat(harbour.log().head().epoch()).isEqualTo(2);
      assertThat(harbour.log().info().salvage()).isPresent();
      Path quarantine = crashed.resolve(salvaged.data().get("quarantine").asText());
      assertThat(quarantine).isNotEmptyDirectory();
      assertThat(kindOfRead(harbour, last)).isEqualTo(Kind.GONE);
      assertThat(kindOfRead(harbour, new Cursor(1, from - 1))).isNull();
      assertThat(harbour.verify().problems()).isEmpty();
    } finally {
      deleteTree(crashed);
    }
  }

  private static Kind kindOfRead(Harbour harbour, Cursor cursor) {
    try {
      harbour.log().read(cursor, EventFilter.ALL, 1);
      return null;
    } catch (RuntimeFailure e) {
      return e.kind();
    }
  }

  private void copyTo(Path target) throws IOException {
    Files.createDirectories(target);
    copy(directory.resolve("db"), target.resolve("db"));
    copy(directory.resolve("db"), directory.resolve("kept-db"));
    Files.copy(directory.resolve("head"), target.resolve("head"));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void deleteTree(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aFlippedByteInATableOfEventsLeavesAHoleThatIsToldOf() throws IOException {
    fill(400);
    // Twice opened, so that the events are in a table.
    try (Harbour harbour = Harbour.open(directory)) {
      harbour.take("last", "Last");
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(harbour.log().head().sequence()).isEqualTo(402);
    }
    Path table = largestTableWithEvents();
    flip(table, Files.size(table) / 3);
    Cursor before = new Cursor(1, 5);
    try (Harbour harbour = Harbour.open(directory)) {
      List<LoggedEvent> told = salvages(harbour, new Cursor(2, 402));
      assertThat(told).isNotEmpty();
      long from = Long.parseLong(told.get(0).data().get("from").asText());
      long to = Long.parseLong(told.get(0).data().get("to").asText());
      assertThat(from).isBetween(1L, 402L);
      assertThat(to).isBetween(from, 402L);
      assertThat(harbour.log().head().epoch()).isEqualTo(2);
      assertThat(harbour.log().find(from)).isEmpty();
      assertThat(directory.resolve(told.get(0).data().get("quarantine").asText()))
          .isNotEmptyDirectory();
      assertThat(
              harbour
                  .log()
                  .<Optional<HarbourEvent.Berth>>read(
                      view -> view.find(HarbourEvent.BERTHS, "last")))
          .isPresent();
      VerifyReport report = harbour.verify();
      assertThat(report.problems()).isEmpty();
      assertThat(report.notes()).anyMatch(note -> note.contains("were lost and told of"));
      assertThat(harbour.take("after", "After").cursor().epoch()).isEqualTo(2);
      assertThat(before.sequence()).isLessThan(from);
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(harbour.log().head().epoch()).isEqualTo(2);
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }

  private Path largestTableWithEvents() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      return files
          .filter(file -> file.toString().endsWith(".sst"))
          .max(Comparator.comparingLong(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  private static void flip(Path file, long position) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, position);
      one.put(0, (byte) (one.get(0) ^ 0x55)).rewind();
      channel.write(one, position);
    }
  }

  @Test
  void aDatabaseThatCannotBeOpenedIsMovedAsideAndTheLogGoesOn() throws IOException {
    Cursor head = fill(20);
    String logId = HeadFile.read(directory.resolve("head")).orElseThrow().logId();
    Files.writeString(newest("MANIFEST-.*"), "not a manifest");
    // And nothing is left in the other files either.
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().matches("[0-9]+\\.(log|sst)")) {
          Files.delete(file);
        }
      }
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(harbour.log().info().logId()).isEqualTo(logId);
      LoggedEvent told = salvages(harbour).get(0);
      assertThat(told.data().get("from").asText()).isEqualTo("1");
      assertThat(told.data().get("to").asText()).isEqualTo(Long.toString(head.sequence()));
      assertThat(told.header().epoch()).isEqualTo(2);
      assertThat(harbour.take("b1", "Argo").cursor().sequence()).isGreaterThan(head.sequence());
      assertThat(harbour.verify().problems()).isEmpty();
      assertThat(kindOfRead(harbour, new Cursor(1, 5))).isEqualTo(Kind.GONE);
    }
  }

  @Test
  void anUncleanStopInRelaxedModeBeginsAnEpoch() throws IOException {
    LogSettings relaxed = Harbour.settings(directory, LogMode.RELAXED);
    Path crashed = directory.resolveSibling(directory.getFileName() + "-relaxed");
    try (Harbour harbour = Harbour.open(relaxed)) {
      harbour.take("b1", "Argo");
      copyTo(crashed);
    }
    try (Harbour harbour = Harbour.open(Harbour.settings(crashed, LogMode.RELAXED))) {
      assertThat(harbour.log().head().epoch()).isEqualTo(2);
      assertThat(harbour.verify().problems()).isEmpty();
    } finally {
      deleteTree(crashed);
    }
    try (Harbour harbour = Harbour.open(relaxed)) {
      assertThat(harbour.log().head().epoch()).isEqualTo(1);
    }
  }
}
