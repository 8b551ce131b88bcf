package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.task.ResourceLimits;
import java.util.Locale;
import java.util.OptionalLong;

/** Which limits make sense, and what is said of those that do not, as Docker Engine does. */
final class ResourceRules {
  private static final long MINIMUM_MEMORY = 6L << 20;
  private static final long NANOS_PER_CPU = 1_000_000_000L;
  private static final long MINIMUM_QUOTA = 1000;
  private static final long MAXIMUM_PERIOD = 1_000_000;
  private static final long MINIMUM_WEIGHT = 10;
  private static final long MAXIMUM_WEIGHT = 1000;
  private static final long UNLIMITED = -1;

  private ResourceRules() {}

  /** INVALID_ARGUMENT for the first limit that makes none. */
  static void check(ResourceLimits limits, OptionalLong nanoCpus, int cpus) {
    memory(limits);
    long nanos = nanoCpus.orElse(0);
    refuse(
        nanos < 0 || nanos > cpus * NANOS_PER_CPU,
        String.format(
            Locale.ROOT,
            "range of CPUs is from 0.01 to %1$d.00, as there are only %1$d CPUs available",
            cpus));
    long period = limits.cpuPeriod().orElse(MINIMUM_QUOTA);
    refuse(
        period < MINIMUM_QUOTA || period > MAXIMUM_PERIOD,
        "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
    long quota = limits.cpuQuota().orElse(MINIMUM_QUOTA);
    refuse(
        quota > 0 && quota < MINIMUM_QUOTA, "CPU cfs quota can not be less than 1ms (i.e. 1000)");
    long weight = limits.blockIoWeight().orElse(MINIMUM_WEIGHT);
    refuse(
        weight < MINIMUM_WEIGHT || weight > MAXIMUM_WEIGHT,
        "range of blkio weight is from 10 to 1000");
  }

  private static void memory(ResourceLimits limits) {
    long memory = limits.memory().orElse(0);
    long swap = limits.memorySwap().orElse(0);
    long reservation = limits.memoryReservation().orElse(0);
    refuse(memory != 0 && memory < MINIMUM_MEMORY, "Minimum memory limit allowed is 6MB");
    refuse(
        memory > 0 && swap != 0 && swap != UNLIMITED && swap < memory,
        "Minimum memoryswap limit should be larger than memory limit, see usage");
    refuse(
        memory == 0 && swap > 0,
        "You should always set the Memory limit when using Memoryswap limit, see usage");
    refuse(
        reservation != 0 && reservation < MINIMUM_MEMORY,
        "Minimum memory reservation allowed is 6MB");
    refuse(
        memory > 0 && reservation > memory,
        "Minimum memory limit can not be less than memory reservation limit, see usage");
  }

  private static void refuse(boolean wrong, String message) {
    if (wrong) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
    }
  }
}
