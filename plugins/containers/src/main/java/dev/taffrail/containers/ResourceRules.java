package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ControlGroups;
import dev.taffrail.core.task.ResourceLimits;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which limits make sense, and what is said of those that do not, as Docker Engine does: what is
 * nonsense is refused, what this host cannot limit is left out with a warning.
 */
final class ResourceRules {
  private static final long MINIMUM_MEMORY = 6L << 20;
  private static final long NANOS_PER_CPU = 1_000_000_000L;
  private static final long MINIMUM_QUOTA = 1000;
  private static final long MAXIMUM_PERIOD = 1_000_000;
  private static final long MINIMUM_WEIGHT = 10;
  private static final long MAXIMUM_WEIGHT = 1000;
  private static final long UNLIMITED = -1;
  private static final int HIGHEST_CPU = 8192;
  private static final Pattern RANGE = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?");

  private final ControlGroups.Abilities host;
  private final List<String> warnings;

  private ResourceRules(ControlGroups.Abilities host, List<String> warnings) {
    this.host = host;
    this.warnings = warnings;
  }

  /** What remains of {@code limits}; INVALID_ARGUMENT for the first that makes no sense. */
  static ResourceLimits apply(
      ResourceLimits limits,
      OptionalLong nanoCpus,
      int cpus,
      ControlGroups.Abilities host,
      List<String> warnings) {
    return new ResourceRules(host, warnings).apply(limits, nanoCpus, cpus);
  }

  private ResourceLimits apply(ResourceLimits limits, OptionalLong nanoCpus, int cpus) {
    OptionalLong memory = memory(limits);
    OptionalLong swap = swap(limits, memory);
    OptionalLong reservation = reservation(limits, memory);
    OptionalLong pids =
        kept(limits.pids(), host.pids(), "PIDs limit capabilities", "PIDs limit discarded.");
    processors(nanoCpus, cpus);
    OptionalLong shares = limits.cpuShares();
    refuse(
        shares.orElse(0) < 0,
        "invalid CPU shares (" + shares.orElse(0) + "): value must be a positive integer");
    shares = kept(shares, host.cpuShares(), "CPU shares", "Shares discarded.");
    boolean quotaKept = quota(limits);
    Optional<String> processors = limits.cpusetCpus();
    Optional<String> nodes = limits.cpusetMems();
    if ((processors.isPresent() || nodes.isPresent()) && !host.cpuset()) {
      warn("Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.");
      processors = Optional.empty();
      nodes = Optional.empty();
    }
    processors.ifPresent(asked -> available(asked, host.cpus(), "cpuset cpus", "CPUs"));
    nodes.ifPresent(asked -> available(asked, host.memoryNodes(), "cpuset mems", "memory nodes"));
    OptionalLong weight =
        kept(limits.blockIoWeight(), host.blockIoWeight(), "Block I/O weight", "Weight discarded.");
    refuse(
        weight.isPresent()
            && (weight.getAsLong() < MINIMUM_WEIGHT || weight.getAsLong() > MAXIMUM_WEIGHT),
        "Range of blkio weight is from 10 to 1000");
    return new ResourceLimits(
        memory,
        reservation,
        swap,
        shares,
        quotaKept ? limits.cpuQuota() : OptionalLong.empty(),
        quotaKept ? limits.cpuPeriod() : OptionalLong.empty(),
        processors,
        nodes,
        pids,
        weight,
        limits.ulimits());
  }

  private OptionalLong memory(ResourceLimits limits) {
    long memory = limits.memory().orElse(0);
    refuse(memory != 0 && memory < MINIMUM_MEMORY, "Minimum memory limit allowed is 6MB");
    return kept(
        limits.memory(), host.memory(), "memory limit capabilities", "Limitation discarded.");
  }

  private OptionalLong swap(ResourceLimits limits, OptionalLong memory) {
    if (limits.memory().isPresent() && memory.isEmpty()) {
      return OptionalLong.empty();
    }
    long swap = limits.memorySwap().orElse(0);
    if (memory.isPresent() && swap != UNLIMITED && !host.swap()) {
      warn(
          "Your kernel does not support swap limit capabilities or the cgroup is not mounted."
              + " Memory limited without swap.");
      return OptionalLong.of(UNLIMITED);
    }
    refuse(
        memory.isPresent() && swap > 0 && swap < memory.getAsLong(),
        "Minimum memoryswap limit should be larger than memory limit, see usage");
    refuse(
        memory.isEmpty() && swap > 0,
        "You should always set the Memory limit when using Memoryswap limit, see usage");
    return limits.memorySwap();
  }

  private OptionalLong reservation(ResourceLimits limits, OptionalLong memory) {
    OptionalLong reservation =
        kept(
            limits.memoryReservation(),
            host.memoryReservation(),
            "memory soft limit capabilities",
            "Limitation discarded.");
    long bytes = reservation.orElse(0);
    refuse(bytes != 0 && bytes < MINIMUM_MEMORY, "Minimum memory reservation allowed is 6MB");
    refuse(
        memory.isPresent() && bytes > memory.getAsLong(),
        "Minimum memory limit can not be less than memory reservation limit, see usage");
    return reservation;
  }

  private void processors(OptionalLong nanoCpus, int cpus) {
    long nanos = nanoCpus.orElse(0);
    refuse(
        nanos > 0 && !host.cpuQuota(),
        "NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup"
            + " is not mounted");
    refuse(
        nanos < 0 || nanos > cpus * NANOS_PER_CPU,
        String.format(
            Locale.ROOT,
            "range of CPUs is from 0.01 to %1$d.00, as there are only %1$d CPUs available",
            cpus));
  }

  /** Whether period and quota are kept. */
  private boolean quota(ResourceLimits limits) {
    if ((limits.cpuPeriod().isPresent() || limits.cpuQuota().isPresent()) && !host.cpuQuota()) {
      warn("Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.");
      return false;
    }
    long period = limits.cpuPeriod().orElse(MINIMUM_QUOTA);
    refuse(
        period < MINIMUM_QUOTA || period > MAXIMUM_PERIOD,
        "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
    long quota = limits.cpuQuota().orElse(MINIMUM_QUOTA);
    refuse(
        quota > 0 && quota < MINIMUM_QUOTA, "CPU cfs quota can not be less than 1ms (i.e. 1000)");
    return true;
  }

  private static void available(String asked, String there, String option, String noun) {
    BitSet missing =
        numbers(asked)
            .orElseThrow(
                () ->
                    invalid(
                        "Invalid value "
                            + asked
                            + " for "
                            + option
                            + ": invalid format: "
                            + asked));
    missing.andNot(numbers(there).orElseGet(BitSet::new));
    refuse(
        !missing.isEmpty(),
        "Requested " + noun + " are not available - requested " + asked + ", available: " + there);
  }

  /** The members of a list such as {@code 0-3,7}, as in cpuset(7); empty when it is none. */
  private static Optional<BitSet> numbers(String list) {
    BitSet numbers = new BitSet();
    for (String part : list.split(",", -1)) {
      Matcher range = RANGE.matcher(part.strip());
      if (!range.matches()) {
        return Optional.empty();
      }
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      if (last < first || last > HIGHEST_CPU) {
        return Optional.empty();
      }
      numbers.set(first, last + 1);
    }
    return Optional.of(numbers);
  }

  private OptionalLong kept(OptionalLong limit, boolean able, String what, String consequence) {
    if (able || limit.isEmpty()) {
      return limit;
    }
    warn("Your kernel does not support " + what + " or the cgroup is not mounted. " + consequence);
    return OptionalLong.empty();
  }

  private void warn(String warning) {
    warnings.add(warning);
  }

  private static void refuse(boolean wrong, String message) {
    if (wrong) {
      throw invalid(message);
    }
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
