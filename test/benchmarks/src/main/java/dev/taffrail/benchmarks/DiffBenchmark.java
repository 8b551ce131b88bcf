package dev.taffrail.benchmarks;

import dev.taffrail.core.event.Subject;
import dev.taffrail.core.history.Blame;
import dev.taffrail.core.history.StateDiff;
import dev.taffrail.core.log.Cursor;
import java.io.IOException;
import java.util.Optional;
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
 * The diff of two moments 1,000 events apart, each of which changed another row, with the patch of
 * each row; the same for one object; and the blame of an object's field. In a log made for it, or
 * in the one that {@code -Dtaffrail.benchmark.log} names.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 3, time = 5)
public class DiffBenchmark {
  private static final int RANGE = 1000;

  @Param({"200000"})
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

  private static int patches(StateDiff diff) {
    return diff.rows().stream().mapToInt(row -> row.row().patch().size()).sum();
  }

  private Cursor anywhere() {
    return new Cursor(1, ThreadLocalRandom.current().nextLong(1, last - RANGE));
  }

  private static Subject anything() {
    return Subject.of("ledger", "entry-" + ThreadLocalRandom.current().nextInt(Ledger.SUBJECTS));
  }

  @Benchmark
  public int diffOfThousandEvents() {
    Cursor from = anywhere();
    Cursor to = new Cursor(1, from.sequence() + RANGE);
    return patches(StateDiff.of(ledger.log(), from, to, Optional.empty()));
  }

  @Benchmark
  public int diffOfOneObject() {
    Cursor from = anywhere();
    Cursor to = new Cursor(1, from.sequence() + RANGE);
    return patches(StateDiff.of(ledger.log(), from, to, anything()));
  }

  @Benchmark
  public int blameOfOneField() {
    return Blame.of(ledger.log(), anything(), Optional.of("amount"), ledger.log().head())
        .lines()
        .size();
  }
}
