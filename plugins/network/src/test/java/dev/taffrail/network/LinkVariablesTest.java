package dev.taffrail.network;

import static dev.taffrail.network.NetworkSamples.ip;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.testkit.Samples;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LinkVariablesTest {
  private static List<String> told(String alias, List<String> ports, String... environment) {
    ContainerSpecification linked =
        Samples.specification(
            Samples.id('a'),
            "\"exposedPorts\": %s, \"environment\": %s"
                .formatted(json(ports), json(List.of(environment))));
    return LinkVariables.of("web", alias, ip("172.17.0.2"), linked);
  }

  private static String json(List<String> texts) {
    return texts.stream()
        .collect(Collectors.joining("\", \"", "[\"", "\"]"))
        .replace("[\"\"]", "[]");
  }

  @Test
  void portsNameAndVariablesAreTold() {
    assertThat(told("my-db", List.of("80/tcp"), "A=b=c", "EMPTY=", "PATH=/bin", "HOME=/root"))
        .containsExactly(
            "MY_DB_PORT=tcp://172.17.0.2:80",
            "MY_DB_PORT_80_TCP=tcp://172.17.0.2:80",
            "MY_DB_PORT_80_TCP_ADDR=172.17.0.2",
            "MY_DB_PORT_80_TCP_PORT=80",
            "MY_DB_PORT_80_TCP_PROTO=tcp",
            "MY_DB_NAME=/web/my-db",
            "MY_DB_ENV_A=b=c",
            "MY_DB_ENV_EMPTY=");
  }

  @Test
  void withoutPortsThereIsTheNameAlone() {
    assertThat(told("db", List.of())).containsExactly("DB_NAME=/web/db");
  }

  @Test
  void tcpComesFirstAndRangesAreToldAsSuch() {
    List<String> told = told("db", List.of("53/udp", "8001/tcp", "80/tcp", "8000/tcp", "8002/tcp"));
    assertThat(told.get(0)).isEqualTo("DB_PORT=tcp://172.17.0.2:80");
    assertThat(told)
        .filteredOn(variable -> variable.contains("_START=") || variable.contains("_END="))
        .containsExactly(
            "DB_PORT_8000_TCP_START=tcp://172.17.0.2:8000",
            "DB_PORT_8000_TCP_PORT_START=8000",
            "DB_PORT_8000_TCP_END=tcp://172.17.0.2:8002",
            "DB_PORT_8000_TCP_PORT_END=8002");
    assertThat(told)
        .filteredOn(variable -> variable.endsWith("_PROTO=tcp"))
        .containsExactly(
            "DB_PORT_80_TCP_PROTO=tcp",
            "DB_PORT_8000_TCP_PROTO=tcp",
            "DB_PORT_8001_TCP_PROTO=tcp",
            "DB_PORT_8002_TCP_PROTO=tcp");
    assertThat(told).contains("DB_PORT_53_UDP=udp://172.17.0.2:53");
  }
}
