package dev.taffrail.benchmarks;

import dev.taffrail.core.log.LogMode;
import java.io.IOException;
import java.nio.file.Path;
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
 * Opening a log that was closed, checks included; in a log made for it, or in the one that {@code
 * -Dtaffrail.benchmark.log} names. The first of a fork is what a daemon's start takes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 0)
@Measurement(iterations = 3)
public class StartBenchmark {
  @Param({"1000000"})
  public int events;

  private Path directory;
  private Ledger ledger;

  @Setup(Level.Trial)
  public void fill() throws IOException, InterruptedException {
    if (Ledger.kept().isPresent()) {
      directory = Ledger.kept().get();
    } else {
      try (Ledger filled = Ledger.keptOrFilled(events)) {
        directory = filled.directory();
      }
    }
  }

  @TearDown(Level.Invocation)
  public void close() {
    ledger.close();
  }

  @TearDown(Level.Trial)
  public void delete() throws IOException {
    if (Ledger.kept().isEmpty()) {
      Ledger.delete(directory);
    }
  }

  @Benchmark
  public Object open() {
    ledger = Ledger.open(directory, LogMode.RELAXED);
    return ledger.log().head();
  }
}
