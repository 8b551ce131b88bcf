package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.host.DaemonEvent;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quick verification sees what came after the last beacon, and nothing before it. */
class RecentVerificationTest {
  private static final int EVENTS = 1500;

  @TempDir Path directory;

  private void fill(int events) {
    try (Harbour harbour = Harbour.open(directory)) {
      List<CompletableFuture<?>> replies = new ArrayList<>();
      for (int i = 0; i < events; i++) {
        replies.add(harbour.log().submit(Harbour.toggle("b" + i % 30, "s" + i % 30)));
        if (replies.size() == 100) {
          replies.forEach(CompletableFuture::join);
          replies.clear();
        }
      }
      replies.forEach(CompletableFuture::join);
    }
  }

  private VerifyReport verify(EventCatalogue catalogue) {
    try (StoppedLog log = StoppedLog.open(directory, catalogue)) {
      return log.verifyRecent().join();
    }
  }

  private VerifyReport verify() {
    return verify(Harbour.CATALOGUE);
  }

  private void put(ColumnFamily family, byte[] key, byte[] value) {
    try (RocksStore store = RocksStore.open(directory.resolve("db"));
        Batch batch = store.newBatch()) {
      batch.put(family, key, value);
      store.write(batch, true);
    }
  }

  private byte[] get(ColumnFamily family, byte[] key) {
    try (RocksStore store = RocksStore.openReadOnly(directory.resolve("db"))) {
      return store.get(family, key).orElseThrow();
    }
  }

  @Test
  void itStartsFromTheLastBeacon() {
    fill(EVENTS);
    VerifyReport report = verify();
    assertThat(report.problems()).isEmpty();
    assertThat(report.from()).isEqualTo(1024);
    assertThat(report.head().sequence()).isEqualTo(EVENTS + 1);
    assertThat(report.events()).isEqualTo(EVENTS + 1 - 1023);
    assertThat(report.notes())
        .containsExactly("events before 1024 were not read; a full verification reads them");
  }

  @Test
  void aShortLogIsVerifiedWhole() {
    fill(20);
    VerifyReport report = verify();
    assertThat(report.ok()).isTrue();
    assertThat(report.from()).isEqualTo(1);
    assertThat(report.events()).isEqualTo(21);
    assertThat(report.notes()).isEmpty();
  }

  @Test
  void damageBeforeTheBeaconIsForTheFullOne() {
    fill(EVENTS);
    byte[] key = Bytes.u64(300);
    byte[] frame = get(ColumnFamily.EVENTS, key);
    frame[frame.length / 2]++;
    put(ColumnFamily.EVENTS, key, frame);
    assertThat(verify().ok()).isTrue();
    VerifyReport full = LogVerifier.verify(directory, Harbour.CATALOGUE);
    assertThat(full.firstBad()).contains(300L);
    assertThat(full.from()).isEqualTo(1);
  }

  @Test
  void anEventAfterTheBeaconThatWasChangedIsFound() {
    fill(EVENTS);
    byte[] key = Bytes.u64(1300);
    byte[] frame = get(ColumnFamily.EVENTS, key);
    frame[frame.length / 2]++;
    put(ColumnFamily.EVENTS, key, frame);
    assertThat(verify().firstBad()).contains(1300L);
  }

  @Test
  void aRowOfTheStateThatWasChangedIsFoundHoweverOldItIs() {
    fill(EVENTS);
    RowKey key = new RowKey("ships", "default", "s3");
    byte[] row;
    try (RocksStore store = RocksStore.openReadOnly(directory.resolve("db"))) {
      row =
          store
              .get(ColumnFamily.STATE, key.bytes())
              .orElseGet(() -> StoredRow.of(HarbourEvent.SHIPS, 7, new Reservation("b99")).bytes());
    }
    row[row.length - 3]++;
    put(ColumnFamily.STATE, key.bytes(), row);
    assertThat(verify().problems()).anyMatch(problem -> problem.contains("ships/s3"));
  }

  @Test
  void historyThatDoesNotMakeUpTheStateOfTheBeaconIsFound() {
    fill(EVENTS);
    byte[] value = get(ColumnFamily.BEACONS, Bytes.u64(1024));
    value[3]++;
    put(ColumnFamily.BEACONS, Bytes.u64(1024), value);
    VerifyReport report = verify();
    assertThat(report.firstBad()).contains(1024L);
    assertThat(report.problems())
        .contains("event 1024: the state after it differs from its beacon");
  }

  @Test
  void beaconsOfOtherAppliersAreNoStart() {
    fill(EVENTS);
    EventCatalogue others =
        EventCatalogue.of(HarbourEvent.FAMILY, LogEvent.FAMILY, DaemonEvent.FAMILY);
    VerifyReport report = verify(others);
    assertThat(report.ok()).isTrue();
    assertThat(report.from()).isEqualTo(1);
    assertThat(report.notes()).contains("beacons of other appliers were not compared");
  }
}
