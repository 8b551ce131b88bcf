package dev.taffrail.containers;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.task.ResourceLimits;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceRulesTest {
  private static void check(String members) {
    String json =
        "{" + members.replace("'", "\"") + (members.isEmpty() ? "" : ",") + "\"ulimits\": []}";
    ResourceLimits limits =
        EventJson.read(json.getBytes(StandardCharsets.UTF_8), ResourceLimits.class);
    ResourceRules.check(limits, OptionalLong.empty(), 2);
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
        "'blockIoWeight': '500'"
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
        "'blockIoWeight': '5'|range of blkio weight is from 10 to 1000"
      })
  void refused(String limits, String words) {
    assertThatThrownBy(() -> check(limits)).hasMessage(words);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 2_000_000_001L})
  void cpusThatAreNotThere(long nanos) {
    assertThatThrownBy(() -> ResourceRules.check(ResourceLimits.NONE, OptionalLong.of(nanos), 2))
        .hasMessage("range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available");
  }
}
