package dev.taffrail.benchmarks;

import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogReplay;
import dev.taffrail.core.log.LogVerifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A stopped log of 300,000 events; the unit is events per second. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 3, time = 3)
public class ReplayBenchmark {
  private static final int EVENTS = 300_000;

  private Path directory;

  @Setup(Level.Trial)
  public void fill() throws IOException, InterruptedException {
    try (Ledger ledger = Ledger.create(LogMode.RELAXED)) {
      ledger.append(EVENTS, 1024);
      directory = ledger.directory();
    }
  }

  @TearDown(Level.Trial)
  public void delete() throws IOException {
    Ledger.delete(directory);
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public Object inMemory() {
    return LogReplay.inMemory(directory, LedgerEvent.CATALOGUE);
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public Object intoFreshStore() throws IOException {
    Path target = directory.resolveSibling(directory.getFileName() + "-replayed");
    Object result = LogReplay.intoStore(directory, LedgerEvent.CATALOGUE, target);
    Ledger.delete(target);
    return result;
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public Object verify() {
    return LogVerifier.verify(directory, LedgerEvent.CATALOGUE);
  }
}
