package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.LooseFiles;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each file of a log damaged alone: what can be derived is, what is lost is told. */
class DamagedFilesTest {
  private static final int COMMANDS = 1300;

  @TempDir Path directory;

  private Map<String, String> ships;
  private Cursor head;

  private static Map<String, String> ships(EventLog log) {
    Map<String, String> ships = new TreeMap<>();
    log.<Void>read(
        view -> {
          view.list(HarbourEvent.BERTHS).forEach(row -> ships.put(row.id(), row.value().ship()));
          return null;
        });
    return ships;
  }

  /** The first half lies in tables, the second in the write-ahead log. */
  private void fill() {
    for (int half = 0; half < 2; half++) {
      try (Harbour harbour = Harbour.open(directory)) {
        for (int i = 0; i < COMMANDS / 2; i++) {
          var reply = harbour.log().submit(Harbour.toggle("b" + i % 17, "s" + i % 17));
          if (i % 100 == 0) {
            reply.join();
          }
        }
        harbour.take("last" + half, "last" + half);
        ships = ships(harbour.log());
        head = harbour.log().head();
      }
    }
  }

  private void moveIntoTables() {
    Harbour.open(directory).close();
  }

  private Path only(String pattern) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().matches(pattern)).toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  private List<Path> tablesOf(ColumnFamily family) throws IOException {
    return LooseFiles.tables(directory.resolve("db")).stream()
        .filter(
            table -> {
              Set<ColumnFamily> families = EnumSet.noneOf(ColumnFamily.class);
              LooseFiles.read(table, (of, key, value) -> families.add(of));
              return families.contains(family);
            })
        .toList();
  }

  /** In the middle of its first data block. */
  private static void damage(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(Math.min(60, bytes.length() / 2));
      int before = bytes.read();
      bytes.seek(bytes.getFilePointer() - 1);
      bytes.write(before ^ 0x5a);
    }
  }

  private List<LoggedEvent> told(Harbour harbour, String type) {
    return harbour
        .log()
        .read(harbour.log().oldest(), new EventFilter(List.of(type), List.of()), 100)
        .events();
  }

  private void assertNothingIsLost(Harbour harbour, int epoch) {
    assertThat(told(harbour, "dev.taffrail.log.salvaged.v1")).isEmpty();
    assertThat(ships(harbour.log())).isEqualTo(ships);
    assertThat(harbour.log().head().epoch()).isEqualTo(epoch);
    assertThat(harbour.log().head().sequence()).isGreaterThanOrEqualTo(head.sequence());
    VerifyReport report = harbour.verify();
    assertThat(report.problems()).isEmpty();
    assertThat(report.notes()).isEmpty();
    assertThat(report.events()).isEqualTo(report.head().sequence());
    harbour.take("later", "Later");
  }

  private void assertRebuiltWithoutLoss() {
    try (Harbour harbour = Harbour.open(directory)) {
      assertNothingIsLost(harbour, 1);
      LoggedEvent rebuilt = told(harbour, "dev.taffrail.log.rebuilt.v1").get(0);
      assertThat(rebuilt.data().get("upTo").asText()).isEqualTo(Long.toString(head.sequence()));
      Path quarantine = directory.resolve(rebuilt.data().get("quarantine").asText());
      assertThat(quarantine).isNotEmptyDirectory();
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(told(harbour, "dev.taffrail.log.rebuilt.v1")).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void currentIsMadeAgain(boolean missing) throws IOException {
    fill();
    Path current = directory.resolve("db/CURRENT");
    if (missing) {
      Files.delete(current);
    } else {
      Files.writeString(current, "\0\0\0\0");
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertNothingIsLost(harbour, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void withoutAManifestTheFilesAreLookedThrough(boolean missing) throws IOException {
    fill();
    Path manifest = only("MANIFEST-.*");
    if (missing) {
      Files.delete(manifest);
    } else {
      Files.writeString(manifest, "not a manifest");
    }
    assertRebuiltWithoutLoss();
  }

  @ParameterizedTest
  @EnumSource(
      value = ColumnFamily.class,
      names = {"STATE", "META"})
  void whatAStartNeedsIsDerivedFromTheEvents(ColumnFamily family) throws IOException {
    fill();
    moveIntoTables();
    for (Path table : tablesOf(family)) {
      damage(table);
    }
    assertRebuiltWithoutLoss();
  }

  @ParameterizedTest
  @EnumSource(
      value = ColumnFamily.class,
      names = {"HISTORY", "INDEX", "BEACONS"})
  void whatAReaderOrVerifyFindsIsDerivedAtTheNextStart(ColumnFamily family) throws IOException {
    fill();
    moveIntoTables();
    List<Path> tables = tablesOf(family);
    assertThat(tables).isNotEmpty();
    for (Path table : tables) {
      damage(table);
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(ships(harbour.log())).isEqualTo(ships);
      assertThat(harbour.verify().ok()).isFalse();
    }
    assertRebuiltWithoutLoss();
  }

  @Test
  void damagedHistoryThatIsOnlyReadIsDerivedAtTheNextStart() throws IOException {
    fill();
    moveIntoTables();
    for (Path table : tablesOf(ColumnFamily.HISTORY)) {
      damage(table);
    }
    try (Harbour harbour = Harbour.open(directory);
        Snapshot then = harbour.log().asOf(new Cursor(1, 20))) {
      assertThatThrownBy(() -> then.list(HarbourEvent.BERTHS)).isInstanceOf(RuntimeException.class);
    }
    assertRebuiltWithoutLoss();
  }

  @Test
  void anOldEventThatAReaderFindsDamagedIsSalvagedAtTheNextStart() throws IOException {
    fill();
    moveIntoTables();
    Path oldest = tablesOf(ColumnFamily.EVENTS).get(0);
    // The first block holds the oldest events; a start looks at the last thousand alone.
    damage(oldest);
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(harbour.log().head()).isEqualTo(head);
      assertThatThrownBy(() -> harbour.log().read(Cursor.START, EventFilter.ALL, 10))
          .isInstanceOf(RuntimeException.class);
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(harbour.log().head().epoch()).isEqualTo(2);
      assertThat(harbour.log().info().salvage()).isPresent();
      assertThat(ships(harbour.log())).isEqualTo(ships);
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void withoutTheHeadFileAnEpochBegins(boolean missing) throws IOException {
    fill();
    if (missing) {
      Files.delete(directory.resolve("head"));
    } else {
      Files.write(directory.resolve("head"), new byte[256]);
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertNothingIsLost(harbour, 2);
    }
  }
}
