package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.testkit.log.Harbour;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything derived is made again from the events, beside the log, and swapped in. */
class RebuildTest {
  @TempDir Path directory;

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

  private void fill(LogSettings settings, int commands) {
    try (Harbour harbour = Harbour.open(settings)) {
      fill(harbour, commands);
      harbour.log().applyRetention().join();
    }
  }

  private LogSettings settings() {
    return Harbour.settings(directory, LogMode.DURABLE);
  }

  private HeadRow head() {
    try (RocksStore store = RocksStore.openReadOnly(directory.resolve("db"))) {
      return HeadRow.read(store).orElseThrow();
    }
  }

  private byte[] get(ColumnFamily family, byte[] key) {
    try (RocksStore store = RocksStore.openReadOnly(directory.resolve("db"))) {
      return store.get(family, key).orElseThrow();
    }
  }

  @Test
  void onRequestItComesToTheSame() {
    fill(settings(), 3000);
    HeadRow before = head();
    List<Long> progress = new ArrayList<>();
    Cursor after = EventLogs.rebuild(settings(), Harbour.CATALOGUE, progress::add);
    assertThat(progress).isSorted().contains(before.sequence());
    assertThat(after.sequence()).isEqualTo(before.sequence() + 1);
    VerifyReport report = LogVerifier.verify(directory, Harbour.CATALOGUE);
    assertThat(report.problems()).isEmpty();
    assertThat(report.notes()).isEmpty();
    assertThat(directory.resolve("db.rebuilding")).doesNotExist();
    assertThat(directory.resolve("db.replaced")).doesNotExist();
    assertThat(directory.resolve("quarantine"))
        .satisfiesAnyOf(
            path -> assertThat(path).doesNotExist(), path -> assertThat(path).isEmptyDirectory());
    try (Harbour harbour = Harbour.open(settings())) {
      assertThat(harbour.log().find(after.sequence()).orElseThrow().header().type())
          .isEqualTo("dev.taffrail.log.rebuilt.v1");
      assertThat(harbour.log().head().epoch()).isEqualTo(1);
    }
  }

  @Test
  void aTruncatedLogIsRebuiltFromItsBase() {
    LogRetention small =
        new LogRetention(Optional.empty(), OptionalLong.empty(), OptionalLong.of(1500), 1000);
    fill(settings().with(small), 5000);
    assertThat(head().oldest()).isGreaterThan(1);
    EventLogs.rebuild(settings(), Harbour.CATALOGUE, sequence -> {});
    assertThat(LogVerifier.verify(directory, Harbour.CATALOGUE).problems()).isEmpty();
    fill(settings().with(small), 2000);
    assertThat(LogVerifier.verify(directory, Harbour.CATALOGUE).problems()).isEmpty();
  }

  @Test
  void itGoesOnWhereItWasInterrupted() {
    fill(settings(), 5000);
    assertThatThrownBy(
            () ->
                EventLogs.rebuild(
                    settings(),
                    Harbour.CATALOGUE,
                    sequence -> {
                      if (sequence >= 3000) {
                        throw new IllegalStateException("killed");
                      }
                    }))
        .hasMessageContaining("killed");
    // The log itself is as it was.
    assertThat(LogVerifier.verify(directory, Harbour.CATALOGUE).problems()).isEmpty();
    List<Long> progress = new ArrayList<>();
    EventLogs.rebuild(settings(), Harbour.CATALOGUE, progress::add);
    assertThat(progress.get(0)).isGreaterThan(3000);
    assertThat(LogVerifier.verify(directory, Harbour.CATALOGUE).problems()).isEmpty();
  }

  @Test
  void aSwapThatWasInterruptedIsFinished() throws IOException {
    fill(settings(), 100);
    // Between the two renames of the swap.
    Files.move(directory.resolve("db"), directory.resolve("db.rebuilt"));
    Files.createDirectories(directory.resolve("db.replaced"));
    Files.writeString(directory.resolve("db.replaced/CURRENT"), "old");
    try (Harbour harbour = Harbour.open(settings())) {
      assertThat(harbour.log().head().sequence()).isEqualTo(101);
      assertThat(harbour.verify().problems()).isEmpty();
    }
    // After the rebuild, before the first.
    Path rebuilt = directory.resolve("db.rebuilt");
    Files.createDirectories(rebuilt);
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      for (Path file : files.toList()) {
        Files.copy(file, rebuilt.resolve(file.getFileName()));
      }
    }
    try (Harbour harbour = Harbour.open(settings())) {
      assertThat(harbour.verify().problems()).isEmpty();
    }
    assertThat(rebuilt).doesNotExist();
    assertThat(directory.resolve("db.replaced")).doesNotExist();
  }

  @Test
  void aChangedApplierIsAReason() {
    try (Harbour log = new Harbour(EventLogs.open(settings(), bells(1)))) {
      for (int i = 0; i < 1100; i++) {
        log.await(ring());
      }
    }
    byte[] key = RowKey.of(BellEvent.COUNTS, "default", "noon").bytes();
    assertThat(StoredRow.parse(get(ColumnFamily.STATE, key)).value(BellEvent.COUNTS).rings())
        .isEqualTo(1100);
    // The next release counts double, and says so by its revision.
    try (Harbour log = new Harbour(EventLogs.open(settings(), bells(2)))) {
      int rings =
          log.log()
              .<Integer>read(view -> view.find(BellEvent.COUNTS, "noon").orElseThrow().rings());
      assertThat(rings).isEqualTo(2200);
      VerifyReport report = log.verify();
      assertThat(report.problems()).isEmpty();
      // Beacons of the appliers from before are gone with the rebuild.
      assertThat(report.notes()).isEmpty();
      try (Snapshot then = log.log().asOf(new Cursor(1, 11))) {
        assertThat(then.find(BellEvent.COUNTS, "noon").orElseThrow().rings()).isEqualTo(20);
      }
    }
    HeadRow once = head();
    new Harbour(EventLogs.open(settings(), bells(2))).close();
    assertThat(head().sequence()).isEqualTo(once.sequence());
  }

  @Test
  void anEventTypeThatIsNewIsNone() {
    fill(settings(), 50);
    HeadRow before = head();
    EventCatalogue more =
        EventCatalogue.of(
            Stream.concat(Harbour.CATALOGUE.families().stream(), bells(1).families().stream())
                .toList());
    new Harbour(EventLogs.open(settings(), more)).close();
    assertThat(head().sequence()).isEqualTo(before.sequence());
    assertThat(LogVerifier.verify(directory, more).ok()).isTrue();
  }

  /** One event, applied differently by each revision. */
  sealed interface BellEvent extends Event {
    Table<Count> COUNTS = Table.of("bell_counts", Count.class);

    record Rung() implements BellEvent {}

    record Count(int rings) {}
  }

  private static EventCatalogue bells(int revision) {
    return EventCatalogue.of(
        EventFamily.of(BellEvent.class)
            .tables(BellEvent.COUNTS)
            .on(
                "dev.taffrail.bell.rung.v1",
                revision,
                BellEvent.Rung.class,
                (rows, event) -> {
                  int before =
                      rows.find(BellEvent.COUNTS, rows.subject().id())
                          .map(BellEvent.Count::rings)
                          .orElse(0);
                  rows.put(
                      BellEvent.COUNTS,
                      rows.subject().id(),
                      new BellEvent.Count(before + revision));
                })
            .build());
  }

  private static Command<Void> ring() {
    return Command.request(
        Harbour.ORIGIN, view -> Decision.of(Subject.of("bells", "noon"), new BellEvent.Rung()));
  }
}
