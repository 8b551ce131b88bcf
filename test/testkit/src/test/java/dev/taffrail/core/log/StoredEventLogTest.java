package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.testkit.log.Collected;
import dev.taffrail.testkit.log.Harbour;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What others hear of a group while it is written, and when its write fails. */
@Timeout(60)
class StoredEventLogTest {
  private static final EventCatalogue CATALOGUE = EventLogs.withOwn(Harbour.CATALOGUE);

  @TempDir Path directory;

  @BeforeEach
  void begin() {
    Harbour.open(directory).close();
  }

  /** The log in the directory, whose writes pass the gates. */
  private OpenedLog open(Runnable before, Runnable after) {
    MetadataStore store = new GatedStore(RocksStore.open(directory.resolve("db")), before, after);
    HeadRow head = HeadRow.read(store).orElseThrow();
    LogSettings settings = Harbour.settings(directory, LogMode.DURABLE);
    HeadFile headFile = HeadFile.open(directory.resolve("head"));
    String logId = HeadFile.read(directory.resolve("head")).orElseThrow().logId();
    LogWriter writer = new LogWriter(store, CATALOGUE, settings, logId, head, head.epoch());
    Epochs epochs = Epochs.of(new RowsView(new StoreRows(store), head.sequence()));
    return new OpenedLog(store, writer, headFile, epochs);
  }

  private StoredEventLog log(OpenedLog opened, Supplier<OpenedLog> again) {
    return new StoredEventLog(
        Harbour.settings(directory, LogMode.DURABLE), CATALOGUE, opened, again);
  }

  private static OpenedLog never() {
    throw new AssertionError("It is not opened again");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A command that keeps the writer busy until {@code go}, so that what follows is one group. */
  private static Command<Void> busyUntil(CountDownLatch go) {
    return Command.request(
        Harbour.ORIGIN,
        view -> {
          await(go);
          return Decision.none(null);
        });
  }

  @Test
  void nobodyHearsOfAGroupBeforeItIsCommitted() {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch written = new CountDownLatch(1);
    OpenedLog opened =
        open(
            () -> {
              writing.countDown();
              await(written);
            },
            () -> {});
    try (StoredEventLog log = log(opened, StoredEventLogTest::never)) {
      Collected reader = new Collected(Long.MAX_VALUE, 2);
      log.subscribe(Cursor.START, EventFilter.ALL).subscribe(reader);
      CountDownLatch go = new CountDownLatch(1);
      CompletableFuture<Committed<Void>> nothing = log.submit(busyUntil(go));
      CompletableFuture<Committed<String>> taken = log.submit(Harbour.toggle("b1", "Argo"));
      CompletableFuture<Committed<String>> rejected = log.submit(Harbour.toggle("b2", "Argo"));
      go.countDown();
      await(writing);
      assertThat(nothing).isNotDone();
      assertThat(taken).isNotDone();
      assertThat(rejected).isNotDone();
      assertThat(log.head()).isEqualTo(new Cursor(1, 1));
      assertThat(log.find(2)).isEmpty();
      assertThat(reader.sequences()).doesNotContain(2L);
      written.countDown();
      assertThat(taken.join().cursor()).isEqualTo(new Cursor(1, 2));
      assertThatThrownBy(rejected::join)
          .hasRootCauseInstanceOf(RuntimeFailure.class)
          .hasMessageContaining("has a berth");
      reader.await();
      assertThat(reader.sequences()).containsExactly(1L, 2L);
    } finally {
      written.countDown();
    }
  }

  @Test
  void aSnapshotsCursorServesAlthoughItIsAheadOfTheAnnouncedHead() {
    CountDownLatch written = new CountDownLatch(1);
    CountDownLatch announce = new CountDownLatch(1);
    OpenedLog opened =
        open(
            () -> {},
            () -> {
              written.countDown();
              await(announce);
            });
    try (StoredEventLog log = log(opened, StoredEventLogTest::never)) {
      CompletableFuture<Committed<String>> taken = log.submit(Harbour.toggle("b1", "Argo"));
      await(written);
      Cursor cursor;
      try (Snapshot snapshot = log.snapshot()) {
        cursor = snapshot.cursor();
      }
      assertThat(cursor).isEqualTo(new Cursor(1, 2));
      assertThat(log.head()).isEqualTo(new Cursor(1, 1));
      assertThat(log.read(cursor, EventFilter.ALL, 10).events()).isEmpty();
      log.asOf(cursor).close();
      Collected reader = new Collected(Long.MAX_VALUE, 1);
      log.subscribe(cursor, EventFilter.ALL).subscribe(reader);
      announce.countDown();
      taken.join();
      log.submit(Harbour.toggle("b2", "Fram")).join();
      reader.await();
      assertThat(reader.sequences()).containsExactly(3L);
      assertThatThrownBy(() -> log.read(new Cursor(1, 9), EventFilter.ALL, 1))
          .isInstanceOf(RuntimeFailure.class)
          .hasMessageContaining("above the head");
    } finally {
      announce.countDown();
    }
  }

  @Test
  void whenAWriteFailsItsOutcomeIsUnknownAndTheLogGoesOn() {
    OpenedLog opened =
        open(
            () -> {
              throw new IllegalStateException("no space left on device");
            },
            () -> {});
    try (StoredEventLog log = log(opened, () -> open(() -> {}, () -> {}))) {
      CountDownLatch go = new CountDownLatch(1);
      var unused = log.submit(busyUntil(go));
      CompletableFuture<Committed<String>> taken = log.submit(Harbour.toggle("b1", "Argo"));
      CompletableFuture<Committed<String>> rejected = log.submit(Harbour.toggle("b2", "Argo"));
      go.countDown();
      // On a slow machine they are not in the group that fails, and were not done.
      assertThat(kindOf(taken)).isIn(Kind.OUTCOME_UNKNOWN, Kind.UNAVAILABLE);
      assertThat(kindOf(rejected)).isIn(Kind.OUTCOME_UNKNOWN, Kind.UNAVAILABLE);
      assertThat(log.submit(Harbour.toggle("b1", "Argo")).join().cursor())
          .isEqualTo(new Cursor(1, 2));
      assertThat(log.verify().join().problems()).isEmpty();
    }
  }

  @Test
  void aLogThatFailsForGoodTellsItsSubscribers() {
    OpenedLog opened =
        open(
            () -> {
              throw new IllegalStateException("I/O error");
            },
            () -> {});
    Supplier<OpenedLog> gone =
        () -> {
          throw new IllegalStateException("no such device");
        };
    try (StoredEventLog log = log(opened, gone)) {
      Collected reader = new Collected(Long.MAX_VALUE, 1);
      log.subscribe(Cursor.START, EventFilter.ALL).subscribe(reader);
      reader.await();
      assertThat(kindOf(log.submit(Harbour.toggle("b1", "Argo")))).isEqualTo(Kind.OUTCOME_UNKNOWN);
      reader.awaitEnd();
      assertThat(reader.error()).isNotNull();
      assertThat(kindOf(log.submit(Harbour.toggle("b1", "Argo")))).isEqualTo(Kind.UNAVAILABLE);
    }
  }

  private static Kind kindOf(CompletableFuture<?> answer) {
    try {
      answer.join();
    } catch (CompletionException e) {
      return RuntimeFailure.kindOf(e.getCause());
    }
    throw new AssertionError("It did not fail");
  }
}
