package dev.taffrail.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerCommandTest {
  private static String kept(String... words) {
    byte[] raw = (String.join("\0", words) + "\0").getBytes(StandardCharsets.UTF_8);
    return PeerCommand.of(raw).orElse("");
  }

  @ParameterizedTest
  @CsvSource({
    "docker run -e A=secret b, docker run -e A=*** b",
    "docker run --env A=secret=1 b, docker run --env A=*** b",
    "docker run --env=A=secret b, docker run --env=A=*** b",
    "docker run -eA_1=secret b, docker run -eA_1=*** b",
    "docker run -ite A=secret b, docker run -ite A=*** b",
    "docker build --build-arg A=secret ., docker build --build-arg A=*** .",
    "docker login -u me -p secret, docker login -u me -p ***",
    "docker login --password secret, docker login --password ***",
    "docker login --password=secret, docker login --password=***"
  })
  void whatTendsToBeSecretIsLeftOut(String given, String kept) {
    assertThat(kept(given.split(" ", -1))).isEqualTo(kept);
  }

  @ParameterizedTest
  @CsvSource({
    "docker run -e HOME busybox env",
    "docker run -p 80:80 --name web --label a=b --mount type=tmpfs busybox sh -c x=1",
    "docker stop --time 1 web",
    "dd if=/dev/zero of=/tmp/x"
  })
  void theRestIsKeptAsItIs(String line) {
    assertThat(kept(line.split(" ", -1))).isEqualTo(line);
  }

  @Test
  void aProcessWithoutOneHasNone() {
    assertThat(PeerCommand.of(new byte[0])).isEmpty();
    assertThat(PeerCommand.of(new byte[] {0})).isEmpty();
    assertThat(kept("x".repeat(300))).hasSize(256);
  }
}
