package dev.taffrail.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class NetworkFlagsTest {
  @Command
  private static final class Line {
    @Mixin private final NetworkFlags network = new NetworkFlags();
  }

  private static Map<ConfigurationKey, JsonNode> given(String... arguments) {
    Line line = new Line();
    new CommandLine(line).parseArgs(arguments);
    return line.network.given();
  }

  @Test
  void whatIsNotGivenIsNotSaid() {
    assertThat(given()).isEmpty();
  }

  @Test
  void flagsSayWhatTheFileCouldSay() throws IOException {
    Map<String, JsonNode> given =
        given(
                "-b",
                "deck0",
                "--bip=10.1.0.1/24",
                "--icc=false",
                "--ipv6",
                "--mtu=1400",
                "--dns=10.0.0.1",
                "--dns=10.0.0.2",
                "--default-address-pool=base=10.2.0.0/16,size=24")
            .entrySet()
            .stream()
            .collect(Collectors.toMap(each -> each.getKey().text(), Map.Entry::getValue));
    assertThat(new ObjectMapper().<JsonNode>valueToTree(given))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"bridge": "deck0", "bip": "10.1.0.1/24", "icc": false, "ipv6": true, "mtu": 1400,
                     "dns": ["10.0.0.1", "10.0.0.2"],
                     "default-address-pools": [{"base": "10.2.0.0/16", "size": 24}]}
                    """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--default-address-pool=base=10.2.0.0/16,size=x | invalid size value: x",
        "--default-address-pool=base=10.2.0.0/16 | needs a base and a size",
        "--default-address-pool=10.2.0.0/16 | unexpected key '10.2.0.0/16'",
        "--mtu=-1 | mtu must be a number, at least 0, not -1",
      })
  void whatCannotBeIsRefused(String argument, String words) {
    assertThatThrownBy(() -> given(argument))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining(words);
  }

  @Test
  void pluginsReadThemAndTheFileMustNotSayTheSame(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("daemon.json");
    Files.writeString(file, "{\"icc\": true}");
    DaemonConfiguration.Flags mtu =
        new DaemonConfiguration.Flags(Optional.of(file), Map.copyOf(given("--mtu=1400")));
    assertThat(DaemonConfiguration.load(mtu).settings().configuration().path("mtu").asInt())
        .isEqualTo(1400);
    DaemonConfiguration.Flags both =
        new DaemonConfiguration.Flags(Optional.of(file), Map.copyOf(given("--icc=false")));
    assertThatThrownBy(() -> DaemonConfiguration.load(both))
        .hasMessageContaining("icc: (from flag: false, from file: true)");
  }
}
