package dev.taffrail.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Networking;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkRulesTest {
  private final List<String> warnings = new ArrayList<>();

  private NetworkRules.Merged merge(String mode, Networking networking) {
    return NetworkRules.merge(mode, networking, Optional.empty(), warnings);
  }

  /** With members of JSON in place of nothing. */
  private static Networking networking(String members) {
    ObjectNode json = EventJson.read(EventJson.write(Networking.NONE), ObjectNode.class);
    json.setAll(
        EventJson.read(("{" + members + "}").getBytes(StandardCharsets.UTF_8), ObjectNode.class));
    return EventJson.read(json.toString().getBytes(StandardCharsets.UTF_8), Networking.class);
  }

  private static EndpointSettings aliased(String alias) {
    return new EndpointSettings(
        List.of(alias),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Map.of(),
        0);
  }

  private static Networking on(Map<String, EndpointSettings> endpoints) {
    return new Networking(
        endpoints,
        List.of(),
        false,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({"'', bridge", "default, bridge", "bridge, bridge", "sea, sea"})
  void aModeThatIsANetworkHasAnEndpointOnIt(String asked, String mode) {
    NetworkRules.Merged merged = merge(asked, Networking.NONE);
    assertThat(merged.mode()).isEqualTo(mode);
    assertThat(merged.networking().endpoints()).isEqualTo(Map.of(mode, EndpointSettings.NONE));
  }

  @Test
  void whatIsSaidOfAnEndpointIsKept() {
    assertThat(
            merge("sea", on(Map.of("sea", aliased("a"), "bay", aliased("b"))))
                .networking()
                .endpoints())
        .isEqualTo(Map.of("sea", aliased("a"), "bay", aliased("b")));
    assertThat(merge("default", on(Map.of("default", aliased("a")))).networking().endpoints())
        .isEqualTo(Map.of("bridge", aliased("a")));
  }

  @ParameterizedTest
  @CsvSource({"none", "host", "container:other"})
  void aModeWithoutANetworkOfItsOwnHasNoEndpoints(String mode) {
    assertThat(merge(mode, on(Map.of("sea", aliased("a")))).networking().endpoints()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "container:a | \"links\":[\"b:c\"] | container type network can't be used with links",
        "container:a | \"dns\":[\"10.0.0.1\"] | dns and the network mode",
        "container:a | \"extraHosts\":[\"a:10.0.0.1\"] | custom host-to-IP mapping and the network",
        "container:a | \"publishAll\":true | port publishing and the container type network mode",
        "container:a | \"ports\":[{\"port\":\"80/tcp\",\"hostAddress\":\"\",\"hostPort\":\"\"}]"
            + " | port publishing and the container type network mode",
        "container:a | \"mac\":\"02:00:00:00:00:01\" | mac-address and the network mode",
        "host | \"mac\":\"02:00:00:00:00:01\" | mac-address and the network mode",
        "host | \"links\":[\"b:c\"] | host type networking can't be used with links"
      })
  void whatContradictsTheModeIsRefused(String mode, String members, String words) {
    assertThatThrownBy(() -> merge(mode, networking(members)))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageStartingWith("conflicting options: " + words)
        .satisfies(e -> assertThat(RuntimeFailure.kindOf(e)).isEqualTo(Kind.INVALID_ARGUMENT));
    assertThat(merge("sea", networking(members)).mode()).isEqualTo("sea");
  }

  @Test
  void aSharedNetworkHasItsOwnersHostname() {
    assertThatThrownBy(
            () -> NetworkRules.merge("container:a", Networking.NONE, Optional.of("argo"), warnings))
        .hasMessage("conflicting options: hostname and the network mode");
    assertThatThrownBy(() -> merge("container:", Networking.NONE))
        .hasMessageContaining("invalid container format container:<name|id>");
  }

  @Test
  void theHostsPortsAreNotPublished() {
    merge(
        "host",
        networking("\"ports\":[{\"port\":\"80/tcp\",\"hostAddress\":\"\",\"hostPort\":\"\"}]"));
    assertThat(warnings)
        .containsExactly("Published ports are discarded when using host network mode");
  }
}
