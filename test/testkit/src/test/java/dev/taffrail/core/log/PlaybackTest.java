package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.testkit.log.Harbour;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A playback is at every moment what the stored history says, whichever way it came there. */
class PlaybackTest {
  private final long seed = Long.getLong("taffrail.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @TempDir Path directory;

  private void fill(Harbour harbour, int events) {
    for (int i = 0; i < events; i++) {
      int berth = random.nextInt(20);
      harbour.take("b" + berth, "s" + berth);
    }
  }

  /** All rows of all tables, with the sequences of their last changes. */
  private static List<Object> rows(EventCatalogue catalogue, StateView state) {
    List<Object> rows = new ArrayList<>();
    for (Table<?> table : catalogue.tables()) {
      rows.addAll(state.listAll(table));
    }
    return rows;
  }

  private void assertIsAsStored(ReadableLog log, Playback playback) {
    Cursor cursor = playback.cursor();
    try (Snapshot stored = log.asOf(cursor)) {
      assertThat(rows(log.catalogue(), playback.state()))
          .as("seed %s as of %s", seed, cursor)
          .isEqualTo(rows(log.catalogue(), stored));
    }
    if (cursor.sequence() > log.oldest().sequence()) {
      try (Snapshot before = log.asOf(log.at(cursor.sequence() - 1))) {
        assertThat(rows(log.catalogue(), playback.before()))
            .as("seed %s before %s", seed, cursor)
            .isEqualTo(rows(log.catalogue(), before));
      }
    }
  }

  @Test
  void everyMomentIsAsStoredForwardsAndBackwards() {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 200);
      ReadableLog log = harbour.log();
      try (Playback playback = new Playback(log, log.oldest())) {
        assertThat(playback.here()).isEmpty();
        assertThat(playback.back()).isEmpty();
        assertIsAsStored(log, playback);
        Optional<Playback.Step> step = playback.forward();
        long sequence = 0;
        while (step.isPresent()) {
          sequence++;
          assertThat(step.get().event()).isEqualTo(log.find(sequence).orElseThrow());
          assertThat(playback.cursor()).isEqualTo(step.get().event().header().cursor());
          assertIsAsStored(log, playback);
          step = playback.forward();
        }
        assertThat(playback.cursor()).isEqualTo(log.head());
        step = playback.back();
        while (step.isPresent()) {
          assertThat(step.get().event().header().sequence()).isEqualTo(sequence);
          sequence--;
          assertIsAsStored(log, playback);
          step = playback.back();
        }
        assertThat(playback.cursor()).isEqualTo(Cursor.START);
        assertThat(rows(log.catalogue(), playback.state())).isEmpty();
      }
    }
  }

  @Test
  void aRandomWalkIsAsStoredAtEachStop() {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 700);
      ReadableLog log = harbour.log();
      try (Playback playback = new Playback(log, log.at(random.nextInt(700)))) {
        for (int i = 0; i < 60; i++) {
          switch (random.nextInt(4)) {
            case 0 -> playback.seek(log.at(random.nextLong(0, log.head().sequence() + 1)));
            case 1 -> {
              for (int back = random.nextInt(30); back > 0; back--) {
                playback.back();
              }
            }
            default -> {
              for (int forward = random.nextInt(30); forward > 0; forward--) {
                playback.forward();
              }
            }
          }
          assertIsAsStored(log, playback);
        }
      }
    }
  }

  @Test
  void theStateHashIsThatOfTheLogWhereverThePlaybackBegan() {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 150);
    }
    String expected = LogReplay.inMemory(directory, Harbour.CATALOGUE).stateHash();
    try (StoppedLog log = StoppedLog.open(directory, Harbour.CATALOGUE)) {
      for (long start : new long[] {0, 1, 77, 151}) {
        try (Playback playback = new Playback(log, log.at(start))) {
          playback.seek(log.head());
          assertThat(playback.stateHash()).as("from %s", start).isEqualTo(expected);
          for (int i = 0; i < 20; i++) {
            playback.back();
          }
          playback.seek(log.head());
          assertThat(playback.stateHash()).as("back and forth").isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void changesSayWhatWasAndWhatIs() {
    try (Harbour harbour = Harbour.open(directory)) {
      harbour.take("b1", "Argo");
      harbour.take("b1", "Argo");
      try (Playback playback = new Playback(harbour.log(), harbour.log().at(1))) {
        List<StateChange> taken = playback.forward().orElseThrow().changes();
        assertThat(taken)
            .extracting(StateChange::table, StateChange::id)
            .containsExactlyInAnyOrder(tuple("ships", "Argo"), tuple("berths", "b1"));
        assertThat(taken).allMatch(change -> change.before().isEmpty());
        List<StateChange> left = playback.forward().orElseThrow().changes();
        StateChange berth =
            left.stream().filter(change -> change.table().equals("berths")).findFirst().get();
        assertThat(berth.after()).isEmpty();
        assertThat(berth.before().orElseThrow().toString())
            .isEqualTo("{\"ship\":\"Argo\",\"cargo\":\"tea\"}");
      }
    }
  }

  @Test
  void itEndsWhereTheLogEndedWhenItBegan() {
    try (Harbour harbour = Harbour.open(directory)) {
      harbour.take("b1", "Argo");
      try (Playback playback = new Playback(harbour.log(), Cursor.START)) {
        harbour.take("b2", "Beagle");
        playback.forward();
        playback.forward();
        assertThat(playback.forward()).isEmpty();
        assertThat(playback.cursor().sequence()).isEqualTo(2);
      }
    }
  }

  @Test
  void whatWasLostIsSteppedOverBothWays() {
    long lost;
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 100);
      lost = 50;
    }
    try (RocksStore store = RocksStore.open(directory.resolve("db"));
        Batch batch = store.newBatch()) {
      batch.put(ColumnFamily.EVENTS, Bytes.u64(lost), new byte[] {1, 2, 3});
      store.write(batch, true);
    }
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 5);
      ReadableLog log = harbour.log();
      try (Playback playback = new Playback(log, log.at(lost - 3))) {
        playback.forward();
        Optional<Playback.Step> before = playback.forward();
        assertThat(before.orElseThrow().event().header().sequence()).isEqualTo(lost - 1);
        Playback.Step over = playback.forward().orElseThrow();
        assertThat(over.event().header().sequence()).isEqualTo(lost + 1);
        assertThat(over.note()).contains("events 50 to 50 were lost");
        assertThat(playback.back().orElseThrow().event()).isEqualTo(over.event());
        assertThat(playback.cursor().sequence()).isEqualTo(lost - 1);
        playback.seek(log.head());
        assertThat(playback.cursor()).isEqualTo(log.head());
        assertThat(rows(log.catalogue(), playback.state()))
            .isEqualTo(log.read(state -> rows(log.catalogue(), state)));
        playback.seek(log.at(lost + 10));
        while (playback.cursor().sequence() > lost - 10) {
          playback.back();
        }
        assertIsAsStored(log, playback);
      }
    }
  }

  @Test
  void aRedactedEventLeavesTheStateAsStored() {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 40);
      ReadableLog log = new Redacted(harbour.log(), 20);
      try (Playback playback = new Playback(log, Cursor.START)) {
        playback.seek(log.at(19));
        Playback.Step redacted = playback.forward().orElseThrow();
        assertThat(redacted.note()).contains("it is redacted; the state is as stored");
        assertThat(redacted.changes()).isEmpty();
        playback.forward();
        assertIsAsStored(harbour.log(), playback);
        playback.back();
        playback.back();
        assertThat(playback.cursor().sequence()).isEqualTo(19);
        assertIsAsStored(harbour.log(), playback);
      }
    }
  }

  @Test
  void aRedactedEventIsFoldedAsItsSubstituteSays() {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 40);
      harbour.take("vault", "Argo");
      Cursor taken = harbour.log().head();
      fill(harbour, 10);
      harbour
          .log()
          .redact(new RedactionRequest(Harbour.ORIGIN, taken, List.of("/cargo"), "a secret"))
          .join();
      ReadableLog log = harbour.log();
      try (Playback playback = new Playback(log, log.at(taken.sequence() - 1))) {
        Playback.Step redacted = playback.forward().orElseThrow();
        assertThat(redacted.event().payload()).isEmpty();
        assertThat(redacted.note()).isEmpty();
        assertThat(redacted.changes())
            .extracting(StateChange::table, StateChange::id)
            .contains(tuple("berths", "vault"));
        assertThat(redacted.changes().toString()).contains("[redacted]");
        assertIsAsStored(log, playback);
        playback.back();
        assertIsAsStored(log, playback);
        playback.seek(log.head());
        assertIsAsStored(log, playback);
      }
    }
  }

  @Test
  void aMomentThatTheLogDoesNotHaveIsRefused() {
    try (Harbour harbour = Harbour.open(directory)) {
      assertThatThrownBy(() -> new Playback(harbour.log(), new Cursor(1, 99)).close())
          .isInstanceOf(RuntimeFailure.class)
          .hasMessageContaining("above the head");
    }
  }

  /** A log in which one payload is gone. */
  private record Redacted(ReadableLog log, long sequence) implements ReadableLog {
    @Override
    public Cursor head() {
      return log.head();
    }

    @Override
    public LogInfo info() {
      return log.info();
    }

    @Override
    public EventCatalogue catalogue() {
      return log.catalogue();
    }

    @Override
    public Snapshot snapshot() {
      return log.snapshot();
    }

    @Override
    public Snapshot asOf(Cursor cursor) {
      return log.asOf(cursor);
    }

    private LoggedEvent redact(LoggedEvent event) {
      return event.header().sequence() == sequence
          ? new LoggedEvent(event.header(), Optional.empty(), event.hash(), event.previousHash())
          : event;
    }

    @Override
    public Page read(Cursor after, EventFilter filter, int limit) {
      Page page = log.read(after, filter, limit);
      return new Page(
          page.events().stream().map(this::redact).toList(), page.next(), page.atHead());
    }

    @Override
    public Optional<LoggedEvent> find(long wanted) {
      return log.find(wanted).map(this::redact);
    }

    @Override
    public Cursor oldest() {
      return log.oldest();
    }

    @Override
    public Cursor at(long wanted) {
      return log.at(wanted);
    }

    @Override
    public Cursor at(Instant time) {
      return log.at(time);
    }

    @Override
    public CompletableFuture<VerifyReport> verify() {
      return log.verify();
    }
  }
}
