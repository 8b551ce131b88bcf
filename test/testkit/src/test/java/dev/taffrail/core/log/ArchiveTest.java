package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.history.Blame;
import dev.taffrail.core.history.EventTrace;
import dev.taffrail.core.history.ObjectHistory;
import dev.taffrail.core.history.StateDiff;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a truncation removes is archived, and reads as if it had never been removed. */
class ArchiveTest {
  private static final int STEP = Beacons.INTERVAL;

  @TempDir Path root;
  private Path directory;
  private Path archive;

  @BeforeEach
  void nameDirectories() throws IOException {
    directory = root.resolve("log");
    archive = Files.createDirectory(root.resolve("archive"));
  }

  private LogSettings keeping(long events) {
    return Harbour.settings(directory, LogMode.DURABLE)
        .with(
            new LogRetention(
                    Optional.empty(), OptionalLong.empty(), OptionalLong.of(events), 1_000_000)
                .archivedIn(archive));
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

  /** A log that is truncated three times, and what it was like before each. */
  private List<Object> truncatedThrice() {
    List<Object> known = new ArrayList<>();
    long from = 0;
    for (int round = 0; round < 3; round++) {
      try (Harbour harbour = Harbour.open(directory)) {
        fill(harbour, 2500);
        long end = harbour.log().head().sequence();
        known.addAll(reading(harbour.log(), from, end));
        from = end;
      }
      try (Harbour harbour = Harbour.open(keeping(1024))) {
        harbour.log().applyRetention().join();
        assertThat(harbour.log().info().oldest()).isGreaterThan(STEP);
      }
    }
    return known;
  }

  /** Events, and every 97th state, after {@code from} and up to {@code to}. */
  private static List<Object> reading(ReadableLog log, long from, long to) {
    List<Object> read = new ArrayList<>();
    for (long sequence = from + 1; sequence <= to; sequence++) {
      read.add(log.find(sequence).orElseThrow());
      if (sequence % 97 == 0) {
        Cursor cursor = log.at(sequence);
        try (Snapshot state = log.asOf(cursor)) {
          read.add(cursor);
          read.add(state.list(HarbourEvent.BERTHS));
          read.add(state.listAll(HarbourEvent.SHIPS));
        }
      }
    }
    return read;
  }

  /** What the questions about the past are answered with. */
  private static List<Object> answers(ReadableLog log, long from, long to) {
    List<Object> answers = new ArrayList<>();
    Cursor first = log.at(from);
    Cursor last = log.at(to);
    answers.add(StateDiff.of(log, first, last, Optional.empty()));
    answers.add(StateDiff.of(log, log.at(from + 700), log.at(to - 300), Optional.empty()));
    answers.add(ObjectHistory.of(log, Harbour.berth("b3"), from, last, 10_000));
    answers.add(Blame.of(log, Harbour.berth("b3"), Optional.empty(), last));
    answers.add(log.at(log.find(from + 100).orElseThrow().header().time()));
    try (Playback playback = new Playback(log, first)) {
      while (playback.cursor().sequence() < to) {
        answers.add(playback.forward().orElseThrow().changes());
      }
      answers.add(playback.stateHash());
      playback.seek(log.at((from + to) / 2));
      answers.add(playback.stateHash());
    }
    return answers;
  }

  /** One by one, since the first difference says enough. */
  private static void assertSame(List<Object> found, List<Object> known) {
    for (int i = 0; i < Math.min(found.size(), known.size()); i++) {
      assertThat(found.get(i)).as("number %s", i).isEqualTo(known.get(i));
    }
    assertThat(found).hasSameSizeAs(known);
  }

  private List<Path> files() {
    try (Stream<Path> list = Files.list(archive)) {
      return list.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ArchivedLog open(Path... paths) {
    return ArchivedLog.open(List.of(paths), Optional.empty(), Harbour.CATALOGUE);
  }

  private ArchivedLog joined() {
    return ArchivedLog.open(List.of(archive), Optional.of(directory), Harbour.CATALOGUE);
  }

  private Kind kindOf(Runnable opening) {
    return catchThrowableOfType(RuntimeFailure.class, opening::run).kind();
  }

  @Test
  void archiveAndLogReadAsOneThatWasNeverTruncated() {
    List<Object> known = truncatedThrice();
    assertThat(files()).hasSize(3);
    try (ArchivedLog log = joined()) {
      assertThat(log.oldest()).isEqualTo(Cursor.START);
      VerifyReport report = log.verify().join();
      assertThat(report.problems()).isEmpty();
      assertThat(report.notes()).isEmpty();
      assertThat(report.events()).isEqualTo(log.head().sequence());
      assertThat(log.verifyRecent().join().problems()).isEmpty();
      // Events with their frames' hashes, states and moments, as they were when they were written.
      long end = 0;
      for (Object one : known) {
        end = one instanceof LoggedEvent event ? event.header().sequence() : end;
      }
      assertSame(reading(log, 0, end), known);
    }
  }

  @Test
  void questionsAboutThePastHaveTheSameAnswersAsWithATwin() throws IOException {
    Path twin = root.resolve("twin");
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 4000);
    }
    copy(directory, twin);
    try (Harbour harbour = Harbour.open(keeping(1024))) {
      harbour.log().applyRetention().join();
      assertThat(harbour.log().info().oldest()).isGreaterThan(2 * STEP);
    }
    try (StoppedLog whole = StoppedLog.open(twin, Harbour.CATALOGUE);
        ArchivedLog log = joined()) {
      long end = whole.head().sequence();
      assertSame(answers(log, 0, end), answers(whole, 0, end));
      assertSame(reading(log, 0, end), reading(whole, 0, end));
      assertThat(EventTrace.of(log, 100)).isEqualTo(EventTrace.of(whole, 100));
    }
    try (StoppedLog whole = StoppedLog.open(twin, Harbour.CATALOGUE);
        ArchivedLog log = open(archive)) {
      long end = log.head().sequence();
      assertSame(answers(log, 0, end), answers(whole, 0, end));
      assertSame(reading(log, 0, end), reading(whole, 0, end));
      assertThat(log.verify().join().problems()).isEmpty();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path path : walk.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
  }

  @Test
  void aSegmentStandsAloneWhenOlderOnesAreDeleted() {
    List<Object> known = truncatedThrice();
    try (ArchivedLog all = open(archive);
        ArchivedLog second = open(files().get(1))) {
      long oldest = second.info().oldest();
      assertThat(second.oldest()).isEqualTo(new Cursor(1, oldest - 1));
      VerifyReport report = second.verify().join();
      assertThat(report.problems()).isEmpty();
      assertThat(report.events()).isEqualTo(second.head().sequence() - oldest + 1);
      assertSame(
          answers(second, oldest - 1, second.head().sequence()),
          answers(all, oldest - 1, second.head().sequence()));
      assertThat(known).containsAll(reading(second, oldest - 1, second.head().sequence()));
      assertThat(kindOf(() -> second.asOf(new Cursor(1, oldest - 2)))).isEqualTo(Kind.GONE);
    }
  }

  @Test
  void segmentsThatDoNotFollowEachOtherAreRefused() throws IOException {
    truncatedThrice();
    List<Path> files = files();
    assertThat(kindOf(() -> open(files.get(0), files.get(2)).close()))
        .isEqualTo(Kind.FAILED_PRECONDITION);
    Files.delete(files.get(2));
    assertThatThrownBy(() -> joined().close()).hasMessageContaining("what lies between is missing");
    assertThat(kindOf(() -> open(root.resolve("nowhere")).close())).isEqualTo(Kind.NOT_FOUND);
    Files.copy(files.get(1), root.resolve("copy.segment"));
    assertThat(kindOf(() -> open(files.get(1), root.resolve("copy.segment")).close()))
        .isEqualTo(Kind.FAILED_PRECONDITION);
  }

  @Test
  void segmentsOfAnotherLogAreNotTaken() throws IOException {
    truncatedThrice();
    Path foreign = files().get(0);
    directory = root.resolve("other");
    archive = Files.createDirectory(root.resolve("others"));
    truncatedThrice();
    Path own = Files.copy(foreign, archive.resolve(foreign.getFileName()));
    assertThat(own).exists();
    assertThatThrownBy(() -> open(archive).close()).hasMessageContaining("several logs");
    try (ArchivedLog log = joined()) {
      assertThat(log.verify().join().problems()).isEmpty();
    }
    archive = root.resolve("archive");
    assertThat(kindOf(() -> joined().close())).isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void aDamagedFileIsRefusedWhereverItIsDamaged() throws IOException {
    truncatedThrice();
    Path file = files().get(1);
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(11);
    for (int round = 0; round < 60; round++) {
      byte[] damaged = whole.clone();
      int at = round < 12 ? round : random.nextInt(whole.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, damaged);
      assertThat(kindOf(() -> open(file).close())).as("byte %s", at).isIn(damage());
    }
    for (int length : new int[] {0, 5, 40, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(kindOf(() -> open(file).close())).as("length %s", length).isIn(damage());
    }
    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertThat(kindOf(() -> open(file).close())).isEqualTo(Kind.DATA_LOSS);
    Files.write(file, whole);
    open(file).close();
  }

  /** A header that is changed may name another version. */
  private static List<Kind> damage() {
    return List.of(Kind.DATA_LOSS, Kind.UNIMPLEMENTED);
  }

  @Test
  void nothingIsLeftOfWhatWasUnpacked() {
    truncatedThrice();
    List<Path> before = unpacked();
    joined().close();
    assertThat(unpacked()).isEqualTo(before);
  }

  private static List<Path> unpacked() {
    try (Stream<Path> list = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      // Others may unpack archives at this moment, too.
      String ours = "taffrail-archive-" + ProcessHandle.current().pid() + "-";
      return list.filter(path -> path.getFileName().toString().startsWith(ours)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void withoutADirectoryNothingIsRemoved() throws IOException {
    Files.delete(archive);
    try (Harbour harbour = Harbour.open(keeping(1024))) {
      fill(harbour, 4000);
      assertThatThrownBy(() -> harbour.log().applyRetention().join())
          .hasMessageContaining(archive.toString());
      assertThat(harbour.log().info().oldest()).isEqualTo(1);
      assertThat(harbour.log().find(1)).isPresent();
      LogStorage.Archive status = harbour.log().storage().archive().orElseThrow();
      assertThat(status.failure().orElseThrow()).contains(archive.toString());
      Files.createDirectory(archive);
      harbour.log().applyRetention().join();
      assertThat(harbour.log().info().oldest()).isGreaterThan(STEP);
      status = harbour.log().storage().archive().orElseThrow();
      assertThat(status.failure()).isEmpty();
      assertThat(status.upTo()).contains(harbour.log().info().oldest() - 1);
      assertThatThrownBy(() -> harbour.log().asOf(new Cursor(1, 5)))
          .hasMessageContaining("archived in " + archive);
    }
    try (ArchivedLog log = joined()) {
      assertThat(log.verify().join().problems()).isEmpty();
    }
  }

  @Test
  void requestsAreRefusedWhileAMuchTooLargeLogCannotBeArchived() throws IOException {
    Files.delete(archive);
    LogRetention small =
        new LogRetention(
                Optional.empty(), OptionalLong.of(2 << 20), OptionalLong.empty(), 1_000_000)
            .archivedIn(archive);
    try (Harbour harbour = Harbour.open(Harbour.settings(directory, LogMode.DURABLE).with(small))) {
      RuntimeFailure refusal = null;
      Random random = new Random(5);
      for (int i = 0; i < 100_000 && refusal == null; i++) {
        byte[] noise = new byte[300];
        random.nextBytes(noise);
        CompletableFuture<?> reply =
            harbour.log().submit(RetentionTest.moor("b" + i % 17, HexFormat.of().formatHex(noise)));
        if (i % 100 == 0 || reply.isCompletedExceptionally()) {
          refusal =
              reply
                  .<Optional<RuntimeFailure>>handle(
                      (done, e) ->
                          Optional.ofNullable(e)
                              .map(cause -> (RuntimeFailure) cause)
                              .filter(cause -> cause.getMessage().contains("archived")))
                  .join()
                  .orElse(null);
        }
      }
      assertThat(refusal).isNotNull();
      assertThat(refusal.kind()).isEqualTo(Kind.UNAVAILABLE);
      assertThat(harbour.log().storage().refusing().orElseThrow()).contains(archive.toString());
      assertThat(harbour.log().info().oldest()).isEqualTo(1);
      Files.createDirectory(archive);
      harbour.log().applyRetention().join();
      assertThat(harbour.log().info().oldest()).isGreaterThan(1);
      harbour.take("later", "Later");
    }
    try (ArchivedLog log = joined()) {
      assertThat(log.verify().join().problems()).isEmpty();
    }
  }

  @Test
  void whatACrashLeftHalfWrittenIsWrittenAgain() throws IOException {
    String id;
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 3000);
      id = harbour.log().info().logId();
    }
    Path torn = archive.resolve(id + "-torn.segment" + SegmentFile.PART);
    Files.writeString(torn, "taffarc1");
    try (Harbour harbour = Harbour.open(keeping(1024))) {
      harbour.log().applyRetention().join();
    }
    assertThat(torn).doesNotExist();
    assertThat(files()).hasSize(1);
  }

  @Test
  void aSegmentThatACrashLeftBeforeItsTruncationIsGoneOnFrom() {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 5000);
      // Archived, and killed before the event of the truncation.
      new LogArchive(archive, EventLogs.withOwn(Harbour.CATALOGUE))
          .keep(
              ((StoredEventLog) harbour.log()).source().store(),
              harbour.log().info().logId(),
              STEP);
    }
    try (Harbour harbour = Harbour.open(keeping(1024))) {
      harbour.log().applyRetention().join();
      assertThat(harbour.log().info().oldest()).isGreaterThan(2 * STEP);
    }
    assertThat(files()).hasSize(2);
    assertThat(SegmentFile.open(files().get(1)).first()).isEqualTo(STEP + 1);
    try (ArchivedLog log = joined()) {
      assertThat(log.verify().join().problems()).isEmpty();
    }
  }

  @Test
  void aSegmentOfEventsThatTheLogHasLostIsSetAside() throws IOException {
    Path backup = root.resolve("backup");
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 1500);
    }
    copy(directory, backup);
    try (Harbour harbour = Harbour.open(keeping(1024))) {
      fill(harbour, 2000);
      harbour.log().applyRetention().join();
      assertThat(harbour.log().info().oldest()).isEqualTo(2 * STEP + 1);
    }
    LogDirectory.delete(directory);
    copy(backup, directory);
    try (Harbour harbour = Harbour.open(keeping(1024))) {
      // On another course: the sequences that were archived get other events.
      harbour.take("another", "Course");
      fill(harbour, 3000);
      harbour.log().applyRetention().join();
      assertThat(harbour.log().info().oldest()).isGreaterThan(2 * STEP);
    }
    assertThat(files()).filteredOn(file -> file.toString().endsWith(".diverged")).hasSize(1);
    try (ArchivedLog log = joined()) {
      assertThat(log.verify().join().problems()).isEmpty();
    }
  }
}
