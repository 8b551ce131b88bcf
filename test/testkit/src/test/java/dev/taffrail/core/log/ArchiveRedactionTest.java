package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is redacted is gone from archives too. */
class ArchiveRedactionTest {
  private static final String SECRET = "hunter2";
  private static final String BERTH = "quay";

  @TempDir Path root;
  private Path directory;
  private Path archive;
  private long secret;

  /** A secret in the first of three segments, in a row that lives on in the log. */
  @BeforeEach
  void archiveASecret() throws IOException {
    directory = root.resolve("log");
    archive = Files.createDirectory(root.resolve("archive"));
    try (Harbour harbour = Harbour.open(directory)) {
      secret =
          harbour
              .await(
                  Command.request(
                      Harbour.ORIGIN,
                      view ->
                          Decision.of(
                              Harbour.berth(BERTH),
                              new HarbourEvent.TakenV2("Argo", Optional.of(SECRET)))))
              .cursor()
              .sequence();
    }
    for (int round = 0; round < 3; round++) {
      try (Harbour harbour = Harbour.open(directory)) {
        fill(harbour, 1200);
      }
      truncate();
    }
    assertThat(holdingTheSecret()).hasSize(3);
    assertPrivate();
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

  private LogSettings archiving() {
    return Harbour.settings(directory, LogMode.DURABLE)
        .with(
            new LogRetention(Optional.empty(), OptionalLong.empty(), OptionalLong.of(64), 1_000_000)
                .archivedIn(archive));
  }

  private void truncate() {
    try (Harbour harbour = Harbour.open(archiving())) {
      harbour.log().applyRetention().join();
    }
  }

  private static Committed<LogEvent.Redacted> redact(Harbour harbour, long sequence) {
    return harbour
        .log()
        .redact(
            new RedactionRequest(
                Harbour.ORIGIN, new Cursor(1, sequence), List.of(), "a secret in it"))
        .join();
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> list = Files.list(archive)) {
      return list.sorted().toList();
    }
  }

  private List<Path> holdingTheSecret() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path file : segments()) {
      StringBuilder rows = new StringBuilder();
      SegmentFile.read(
          SegmentFile.open(file),
          (family, key, value) -> rows.append(new String(value, StandardCharsets.ISO_8859_1)));
      if (rows.indexOf(SECRET) >= 0) {
        found.add(file);
      }
    }
    return found;
  }

  private void assertPrivate() throws IOException {
    for (Path file : segments()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .as(file.toString())
          .isEqualTo("rw-------");
    }
  }

  private void assertRedacted() throws IOException {
    assertPrivate();
    assertThat(holdingTheSecret()).isEmpty();
    try (ArchivedLog log =
        ArchivedLog.open(List.of(archive), Optional.of(directory), Harbour.CATALOGUE)) {
      assertThat(log.verify().join().problems()).isEmpty();
      assertThat(log.find(secret).orElseThrow().payload()).isEmpty();
      try (Snapshot then = log.asOf(log.at(secret))) {
        assertThat(then.find(HarbourEvent.BERTHS, BERTH).orElseThrow().cargo())
            .contains("[redacted]");
      }
    }
    // Without the log, which has the substitute in an event.
    try (ArchivedLog log =
        ArchivedLog.open(List.of(archive), Optional.empty(), Harbour.CATALOGUE)) {
      assertThat(log.verify().join().problems()).isEmpty();
    }
    for (Path segment : segments()) {
      try (ArchivedLog log =
          ArchivedLog.open(List.of(segment), Optional.empty(), Harbour.CATALOGUE)) {
        assertThat(log.verify().join().problems()).isEmpty();
      }
    }
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("archived-"));
    }
  }

  @Test
  void anArchivedEventIsRedactedInEverySegmentAndInTheLog() throws IOException {
    try (Harbour harbour = Harbour.open(archiving())) {
      assertThat(harbour.log().info().oldest()).isGreaterThan(secret);
      LogEvent.Redacted redacted = redact(harbour, secret).reply();
      assertThat(redacted.fields()).contains("/cargo");
      harbour.log().applyRetention().join();
      assertThat(harbour.verify().problems()).isEmpty();
      assertThat(
              harbour
                  .log()
                  .<Optional<HarbourEvent.Berth>>read(view -> view.find(HarbourEvent.BERTHS, BERTH))
                  .orElseThrow()
                  .cargo())
          .contains("[redacted]");
      assertThat(
              ((StoredEventLog) harbour.log())
                  .source()
                  .store()
                  .get(ColumnFamily.META, Keys.archivedRedaction(secret)))
          .isEmpty();
      // Another one on top of it.
      redact(harbour, secret + 1);
      harbour.log().applyRetention().join();
      assertThat(harbour.verify().problems()).isEmpty();
    }
    assertRedacted();
  }

  @Test
  void anEventThatIsArchivedAndStillInTheLogIsRedactedInBoth() throws IOException {
    long late;
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 1200);
      late = harbour.log().head().sequence() / Beacons.INTERVAL * Beacons.INTERVAL - 5;
      assertThat(late).isGreaterThan(harbour.log().info().oldest());
      // Archived, and killed before the event of the truncation.
      new LogArchive(archive, EventLogs.withOwn(Harbour.CATALOGUE))
          .keep(
              ((StoredEventLog) harbour.log()).source().store(),
              harbour.log().info().logId(),
              late + 5);
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(harbour.log().find(late)).isPresent();
    }
    LogSettings keepingAll =
        Harbour.settings(directory, LogMode.DURABLE).with(LogRetention.ALL.archivedIn(archive));
    try (Harbour harbour = Harbour.open(keepingAll)) {
      while (harbour.log().find(late).orElseThrow().data().isEmpty()) {
        late++;
      }
      redact(harbour, late);
      harbour.log().applyRetention().join();
      assertThat(harbour.verify().problems()).isEmpty();
    }
    try (ArchivedLog log =
        ArchivedLog.open(List.of(archive), Optional.empty(), Harbour.CATALOGUE)) {
      assertThat(log.find(late).orElseThrow().payload()).isEmpty();
      assertThat(log.verify().join().problems()).isEmpty();
    }
  }

  @Test
  void aTruncationThatIsDueIsNoReasonToTryAgain() throws IOException {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 1200);
    }
    try (Harbour harbour = Harbour.open(archiving())) {
      redact(harbour, secret);
      harbour.log().applyRetention().join();
      assertThat(harbour.verify().problems()).isEmpty();
    }
    assertRedacted();
  }

  @Test
  void anInterruptedRewritingIsFinishedLater() throws IOException {
    Path saved = Files.createDirectory(root.resolve("saved"));
    List<Path> before = segments();
    for (Path file : before) {
      Files.copy(file, saved.resolve(file.getFileName()));
    }
    try (Harbour harbour = Harbour.open(archiving())) {
      redact(harbour, secret);
      harbour.log().applyRetention().join();
    }
    // The newest was replaced, and the process died.
    for (Path file : before.subList(0, 2)) {
      Files.copy(saved.resolve(file.getFileName()), file, StandardCopyOption.REPLACE_EXISTING);
    }
    assertThat(holdingTheSecret()).hasSize(2);
    try (Harbour harbour = Harbour.open(directory)) {
      LogEvent.Redacted told =
          harbour
              .log()
              .<LogEvent.Redacted>read(view -> view.listAll(LogEvent.REDACTIONS).get(0).value());
      var store = ((StoredEventLog) harbour.log()).source().store();
      try (var batch = store.newBatch()) {
        batch.put(ColumnFamily.META, Keys.archivedRedaction(secret), EventJson.write(told));
        store.write(batch, true);
      }
    }
    truncate();
    assertRedacted();
  }

  @Test
  void whatIsNeitherInTheLogNorInTheArchiveIsGone() throws IOException {
    Files.delete(segments().get(0));
    try (Harbour harbour = Harbour.open(archiving())) {
      assertThatThrownBy(() -> redact(harbour, secret))
          .cause()
          .extracting(e -> ((RuntimeFailure) e).kind())
          .isEqualTo(Kind.GONE);
    }
  }
}
