package dev.taffrail.benchmarks;

import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.EventLogs;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * A log in a directory of its own below {@code -Dtaffrail.benchmark.dir}, or the one that {@code
 * -Dtaffrail.benchmark.log} names; its events are about {@code -Dtaffrail.benchmark.subjects}
 * objects, one after another.
 */
final class Ledger implements AutoCloseable {
  private static final String TEXT = "x".repeat(60);
  private static final Origin ORIGIN = Origin.component("benchmark");
  static final int SUBJECTS = Integer.getInteger("taffrail.benchmark.subjects", 1000);

  private final Path directory;
  private final EventLogs.Open open;

  private Ledger(Path directory, EventLogs.Open open) {
    this.directory = directory;
    this.open = open;
  }

  static Ledger create(LogMode mode) throws IOException {
    Path directory =
        Files.createTempDirectory(
            Files.createDirectories(
                Path.of(System.getProperty("taffrail.benchmark.dir", "target/logs"))),
            "log");
    return open(directory, mode);
  }

  /** The log that is kept, or one with so many events, which {@link #drop} deletes. */
  static Ledger keptOrFilled(int events) throws IOException, InterruptedException {
    if (kept().isPresent()) {
      return open(kept().get(), LogMode.RELAXED);
    }
    Ledger ledger = create(LogMode.RELAXED);
    ledger.append(events, 1024);
    return ledger;
  }

  /** Closes the log, and deletes it unless it is kept. */
  void drop() throws IOException {
    close();
    if (kept().isEmpty()) {
      delete();
    }
  }

  static Optional<Path> kept() {
    return Optional.ofNullable(System.getProperty("taffrail.benchmark.log")).map(Path::of);
  }

  static Ledger open(Path directory, LogMode mode) {
    LogSettings settings =
        new LogSettings(directory, mode, Ledger::nanos, new SecureRandom(), 4096, 65_536, 1000);
    return new Ledger(directory, EventLogs.open(settings, LedgerEvent.CATALOGUE));
  }

  private static long nanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  EventLog log() {
    return open.log();
  }

  Path directory() {
    return directory;
  }

  /** Appends events, so many at a time; returns once all are committed. */
  void append(int events, int inFlight) throws InterruptedException {
    Semaphore permits = new Semaphore(inFlight);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int i = 0; i < events; i++) {
      int number = i;
      permits.acquire();
      var unused =
          log()
              .submit(
                  Command.request(
                      ORIGIN,
                      view ->
                          Decision.of(
                              Subject.of("ledger", "entry-" + number % SUBJECTS),
                              new LedgerEvent.Written(TEXT, number))))
              .whenComplete(
                  (done, e) -> {
                    if (e != null) {
                      failure.set(e);
                    }
                    permits.release();
                  });
    }
    permits.acquire(inFlight);
    if (failure.get() != null) {
      throw new IllegalStateException("An append failed", failure.get());
    }
  }

  @Override
  public void close() {
    try {
      open.closer().close();
    } catch (Exception e) {
      throw new IllegalStateException("Closing failed", e);
    }
  }

  void delete() throws IOException {
    delete(directory);
  }

  static void delete(Path tree) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(tree)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }
}
