package dev.taffrail.benchmarks;

import dev.taffrail.core.log.LogMode;
import java.nio.file.Path;

/** Fills a log for {@link ReadBenchmark} to be kept: {@code FillLedger DIRECTORY EVENTS}. */
public final class FillLedger {
  private FillLedger() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Ledger ledger = Ledger.open(Path.of(arguments[0]), LogMode.RELAXED)) {
      ledger.append(Integer.parseInt(arguments[1]), 1024);
    }
  }
}
