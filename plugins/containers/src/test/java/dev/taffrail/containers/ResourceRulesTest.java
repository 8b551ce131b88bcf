package dev.taffrail.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.linux.ControlGroups;
import dev.taffrail.core.task.ResourceLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceRulesTest {
  private static final ControlGroups.Abilities ABLE =
      new ControlGroups.Abilities(
          false, true, true, true, true, true, true, true, "0-1", "0", true, true);
  private static final ControlGroups.Abilities UNABLE =
      new ControlGroups.Abilities(
          false, false, false, false, false, false, false, false, "", "", false, false);

  private static void check(String members) {
    String json =
        "{" + members.replace("'", "\"") + (members.isEmpty() ? "" : ",") + "\"ulimits\": []}";
    ResourceLimits limits =
        EventJson.read(json.getBytes(StandardCharsets.UTF_8), ResourceLimits.class);
    apply(limits, OptionalLong.empty(), ABLE);
  }

  private static List<String> apply(
      ResourceLimits limits, OptionalLong nanoCpus, ControlGroups.Abilities host) {
    List<String> warnings = new ArrayList<>();
    ResourceRules.apply(limits, nanoCpus, 2, host, warnings);
    return warnings;
  }

  @Test
  void whatTheHostCannotLimitIsLeftOutWithAWarning() {
    ResourceLimits asked =
        new ResourceLimits(
            OptionalLong.of(64 << 20),
            OptionalLong.of(32 << 20),
            OptionalLong.of(64 << 20),
            OptionalLong.of(512),
            OptionalLong.of(50_000),
            OptionalLong.of(100_000),
            Optional.of("0"),
            Optional.of("0"),
            OptionalLong.of(10),
            OptionalLong.of(500),
            List.of());
    List<String> warnings = new ArrayList<>();
    assertThat(ResourceRules.apply(asked, OptionalLong.empty(), 2, UNABLE, warnings))
        .isEqualTo(ResourceLimits.NONE);
    assertThat(warnings)
        .hasSize(7)
        .contains(
            "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight"
                + " discarded.");
  }

  @Test
  void memoryIsLimitedWithoutSwapWhereSwapCannotBe() {
    ControlGroups.Abilities noSwap =
        new ControlGroups.Abilities(
            false, true, false, true, true, true, true, true, "0-1", "0", true, true);
    ResourceLimits asked =
        EventJson.read(
            "{\"memory\":\"67108864\",\"ulimits\":[]}".getBytes(StandardCharsets.UTF_8),
            ResourceLimits.class);
    List<String> warnings = new ArrayList<>();
    ResourceLimits kept = ResourceRules.apply(asked, OptionalLong.empty(), 2, noSwap, warnings);
    assertThat(kept.memory()).hasValue(64 << 20);
    assertThat(kept.memorySwap()).hasValue(-1);
    assertThat(warnings).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "'memory': '6291456'",
        "'memory': '67108864', 'memorySwap': '67108864'",
        "'memory': '67108864', 'memorySwap': '-1'",
        "'memory': '67108864', 'memoryReservation': '6291456'",
        "'cpuPeriod': '1000', 'cpuQuota': '-1'",
        "'blockIoWeight': '500'",
        "'cpusetCpus': '0-1', 'cpusetMems': '0'"
      })
  void accepted(String limits) {
    assertThatCode(() -> check(limits)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'memory': '6291455'|Minimum memory limit allowed is 6MB",
        "'memory': '67108864', 'memorySwap': '6291456'|Minimum memoryswap limit should be larger"
            + " than memory limit, see usage",
        "'memorySwap': '1048576'|You should always set the Memory limit when using Memoryswap"
            + " limit, see usage",
        "'memoryReservation': '1'|Minimum memory reservation allowed is 6MB",
        "'memory': '6291456', 'memoryReservation': '7000000'|Minimum memory limit can not be less"
            + " than memory reservation limit, see usage",
        "'cpuPeriod': '999'|CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s"
            + " (i.e. 1000000)",
        "'cpuQuota': '999'|CPU cfs quota can not be less than 1ms (i.e. 1000)",
        "'blockIoWeight': '5'|Range of blkio weight is from 10 to 1000",
        "'cpuShares': '-1'|invalid CPU shares (-1): value must be a positive integer",
        "'cpusetCpus': '1-2'|Requested CPUs are not available - requested 1-2, available: 0-1",
        "'cpusetCpus': 'abc'|Invalid value abc for cpuset cpus: invalid format: abc",
        "'cpusetCpus': '1-0'|Invalid value 1-0 for cpuset cpus: invalid format: 1-0",
        "'cpusetMems': '9'|Requested memory nodes are not available - requested 9, available: 0"
      })
  void refused(String limits, String words) {
    assertThatThrownBy(() -> check(limits)).hasMessage(words);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 2_000_000_001L})
  void cpusThatAreNotThere(long nanos) {
    assertThatThrownBy(() -> apply(ResourceLimits.NONE, OptionalLong.of(nanos), ABLE))
        .hasMessage("range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available");
  }
}
