package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Row;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stopped directory reads as the live log did, and nothing in it changes. */
class StoppedLogTest {
  @TempDir Path directory;

  private StoppedLog open() {
    return StoppedLog.open(directory, Harbour.CATALOGUE);
  }

  private Kind kindOfOpening() {
    return catchThrowableOfType(RuntimeFailure.class, () -> open().close()).kind();
  }

  /** What can be read of a log: events, the states, the moments. */
  private static List<Object> reading(ReadableLog log) {
    List<Object> read = new ArrayList<>();
    read.add(log.info());
    read.add(log.oldest());
    read.addAll(log.read(log.oldest(), EventFilter.ALL, 1000).events());
    for (long sequence = 0; sequence <= log.head().sequence(); sequence++) {
      Cursor cursor = log.at(sequence);
      read.add(cursor);
      try (Snapshot state = log.asOf(cursor)) {
        List<Row<HarbourEvent.Berth>> rows = state.list(HarbourEvent.BERTHS);
        read.add(rows);
      }
      log.find(sequence).ifPresent(event -> read.add(log.at(event.header().time())));
    }
    try (Snapshot state = log.snapshot()) {
      read.add(state.cursor());
      read.add(state.listAll(HarbourEvent.SHIPS));
    }
    read.add(log.verify().join());
    return read;
  }

  @Test
  void itReadsAsTheLiveLogDid() {
    List<Object> live;
    try (Harbour harbour = Harbour.open(directory)) {
      for (int i = 0; i < 90; i++) {
        harbour.take("b" + i % 17, "s" + i % 17);
      }
      live = reading(harbour.log());
    }
    try (StoppedLog log = open()) {
      assertThat(reading(log)).isEqualTo(live);
    }
  }

  @Test
  void readingChangesNothing() throws IOException {
    try (Harbour harbour = Harbour.open(directory)) {
      harbour.take("b1", "Argo");
    }
    Map<String, String> before = files();
    try (StoppedLog log = open()) {
      assertThat(reading(log)).isNotEmpty();
    }
    assertThat(files()).isEqualTo(before);
  }

  private Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(directory)) {
      for (Path path : walk.toList()) {
        files.put(
            path.toString(),
            Files.getLastModifiedTime(path)
                + " "
                + (Files.isRegularFile(path)
                    ? new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1)
                    : ""));
      }
    }
    return files;
  }

  @Test
  void whereThereIsNoLogNoneIsMade() {
    assertThat(kindOfOpening()).isEqualTo(Kind.NOT_FOUND);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aLogThatThisProcessWritesIsRefusedAndStaysLocked() {
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(kindOfOpening()).isEqualTo(Kind.FAILED_PRECONDITION);
      assertThat(harbour.take("b1", "Argo").cursor()).isEqualTo(new Cursor(1, 2));
    }
    open().close();
  }

  @Test
  void aLogThatAnotherProcessWritesIsRefusedUntilItIsKilled() throws Exception {
    Process writer = KilledWriter.start(directory, 7);
    Cursor acknowledged;
    try (BufferedReader answers = writer.inputReader(StandardCharsets.UTF_8)) {
      acknowledged = Cursor.parse(answers.readLine());
      assertThat(kindOfOpening()).isEqualTo(Kind.FAILED_PRECONDITION);
    } finally {
      writer.destroyForcibly();
      assertThat(writer.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    try (StoppedLog log = open()) {
      assertThat(log.head()).isGreaterThanOrEqualTo(acknowledged);
      assertThat(log.verify().join().problems()).isEmpty();
      assertThat(log.read(Cursor.START, EventFilter.ALL, 10).events()).isNotEmpty();
    }
  }

  @Test
  void aClosedOneIsUnavailable() {
    Harbour.open(directory).close();
    StoppedLog log = open();
    log.close();
    log.close();
    assertThat(catchThrowableOfType(RuntimeFailure.class, log::snapshot).kind())
        .isEqualTo(Kind.UNAVAILABLE);
  }
}
