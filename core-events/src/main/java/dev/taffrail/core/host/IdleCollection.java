package dev.taffrail.core.host;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Collects garbage while the daemon has nothing to do, and gives the memory back. The serial
 * collector looks at old objects only once their space is full, so what a busy minute leaves would
 * stay resident for as long as the daemon is idle. A collection takes some 50 ms; nobody waits for
 * an idle daemon.
 */
final class IdleCollection {
  static final long INTERVAL_MILLIS = 20_000;

  /** A hundredth of one processor, in ticks of 10 ms; see proc(5) and time(7). */
  private static final long IDLE_TICKS = INTERVAL_MILLIS / 10 / 100;

  private static final long WORTHWHILE_BYTES = 2L << 20;
  private static final String LEAST_FREE = "MinHeapFreeRatio";
  private static final String MOST_FREE = "MaxHeapFreeRatio";
  private static final String IDLE_FREE_PERCENT = "8";
  private static final Path STAT = Path.of("/proc/self/stat");

  /** Fields after the command's name, which may contain anything but a later parenthesis. */
  private static final int USER_TICKS = 11;

  private static final int SYSTEM_TICKS = 12;

  private final LongSupplier processorTicks;
  private final LongSupplier usedBytes;
  private final Runnable collection;
  private long ticks;
  private long leftBytes;

  /**
   * Nothing is known at first, so the first look never collects.
   *
   * @param processorTicks used by this process so far
   * @param usedBytes of the heap, garbage included
   */
  IdleCollection(LongSupplier processorTicks, LongSupplier usedBytes, Runnable collection) {
    this.processorTicks = processorTicks;
    this.usedBytes = usedBytes;
    this.collection = collection;
  }

  static IdleCollection ofThisProcess() {
    Runtime runtime = Runtime.getRuntime();
    return new IdleCollection(
        IdleCollection::ownTicks,
        () -> runtime.totalMemory() - runtime.freeMemory(),
        IdleCollection::collectAndShrink);
  }

  /**
   * A heap without room to spare for this one time: work to come finds room by the usual ratios.
   */
  private static void collectAndShrink() {
    HotSpotDiagnosticMXBean machine =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    String least = machine.getVMOption(LEAST_FREE).getValue();
    String most = machine.getVMOption(MOST_FREE).getValue();
    machine.setVMOption(LEAST_FREE, IDLE_FREE_PERCENT);
    machine.setVMOption(MOST_FREE, IDLE_FREE_PERCENT);
    try {
      System.gc();
    } finally {
      machine.setVMOption(MOST_FREE, most);
      machine.setVMOption(LEAST_FREE, least);
    }
  }

  /** Called every {@link #INTERVAL_MILLIS}. */
  synchronized void look() {
    long now = processorTicks.getAsLong();
    boolean idle = now - ticks < IDLE_TICKS;
    ticks = now;
    if (idle && usedBytes.getAsLong() - leftBytes > WORTHWHILE_BYTES) {
      collection.run();
      leftBytes = usedBytes.getAsLong();
      // The collection itself is no sign of work.
      ticks = processorTicks.getAsLong();
    }
  }

  private static long ownTicks() {
    try {
      return ticks(Files.readString(STAT, StandardCharsets.ISO_8859_1));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + STAT, failure);
    }
  }

  /** From the text of {@code /proc/self/stat}. */
  static long ticks(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]);
  }
}
