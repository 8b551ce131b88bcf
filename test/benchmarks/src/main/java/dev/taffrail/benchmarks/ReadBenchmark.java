package dev.taffrail.benchmarks;

import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One row as of a random moment, and a page of 256 events from a random place; in a log made for
 * it, or in the one that {@code -Dtaffrail.benchmark.log} names.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 3, time = 5)
public class ReadBenchmark {
  @Param({"1000000"})
  public int events;

  private final String kept = System.getProperty("taffrail.benchmark.log");
  private Ledger ledger;
  private long last;

  @Setup(Level.Trial)
  public void fill() throws IOException, InterruptedException {
    if (kept == null) {
      ledger = Ledger.create(LogMode.RELAXED);
      ledger.append(events, 1024);
    } else {
      ledger = Ledger.open(Path.of(kept), LogMode.RELAXED);
    }
    last = ledger.log().head().sequence();
  }

  @TearDown(Level.Trial)
  public void delete() throws IOException {
    ledger.close();
    if (kept == null) {
      ledger.delete();
    }
  }

  private Cursor anywhere() {
    return new Cursor(1, ThreadLocalRandom.current().nextLong(1, last));
  }

  @Benchmark
  public Object asOf() {
    String id = "entry-" + ThreadLocalRandom.current().nextInt(Ledger.SUBJECTS);
    try (Snapshot then = ledger.log().asOf(anywhere())) {
      return then.find(LedgerEvent.ENTRIES, id);
    }
  }

  @Benchmark
  public Object page() {
    return ledger.log().read(anywhere(), EventFilter.ALL, 256);
  }
}
