package dev.taffrail.benchmarks;

import dev.taffrail.core.log.LogMode;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Commands of one event each, so many in flight; the unit is events per second. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 4, time = 3)
public class AppendBenchmark {
  private static final int EVENTS = 4096;

  @Param({"1", "16", "256"})
  public int inFlight;

  @Param({"DURABLE"})
  public LogMode mode;

  private Ledger ledger;

  @Setup(Level.Trial)
  public void open() throws IOException {
    ledger = Ledger.create(mode);
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    ledger.close();
    ledger.delete();
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void append() throws InterruptedException {
    ledger.append(EVENTS, inFlight);
  }
}
