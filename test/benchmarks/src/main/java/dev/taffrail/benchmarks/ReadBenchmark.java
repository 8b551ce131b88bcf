package dev.taffrail.benchmarks;

import dev.taffrail.core.event.Subject;
import dev.taffrail.core.history.ObjectHistory;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.Snapshot;
import java.io.IOException;
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
 * One row as of a random moment, a page of 256 events from a random place, and the first page of
 * the history of a random object; in a log made for it, or in the one that {@code
 * -Dtaffrail.benchmark.log} names.
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

  private Ledger ledger;
  private long last;

  @Setup(Level.Trial)
  public void fill() throws IOException, InterruptedException {
    ledger = Ledger.keptOrFilled(events);
    last = ledger.log().head().sequence();
  }

  @TearDown(Level.Trial)
  public void delete() throws IOException {
    ledger.drop();
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
  public Object history() {
    int number = ThreadLocalRandom.current().nextInt(Ledger.SUBJECTS);
    return ObjectHistory.of(
        ledger.log(), Subject.of("ledger", "entry-" + number), 0, ledger.log().head(), 100);
  }

  @Benchmark
  public Object page() {
    return ledger.log().read(anywhere(), EventFilter.ALL, 256);
  }
}
