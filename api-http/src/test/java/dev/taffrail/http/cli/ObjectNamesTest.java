package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.event.Subject;
import dev.taffrail.core.history.ObjectNames;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectNamesTest {
  @TempDir Path directory;

  static NetworkEvent.Created network(String id, String name) {
    return new NetworkEvent.Created(
        new Network(
            id,
            name,
            "bridge",
            Instant.EPOCH,
            false,
            false,
            true,
            false,
            List.of(),
            Map.of(),
            "default",
            Map.of(),
            Map.of()));
  }

  @Test
  void aNetworksNameStandsForWhoeverHeldItLast() {
    Subject one = NetworkEvent.subject("aa1");
    Subject two = NetworkEvent.subject("bb2");
    try (Voyage voyage = new Voyage(directory)) {
      voyage.tell(one, network("aa1", "back"));
      long first = voyage.tell(one, new NetworkEvent.Removed()).sequence();
      long second = voyage.tell(two, network("bb2", "back")).sequence();
      assertThat(ObjectNames.resolve(voyage.log(), "networks/back", first)).isEqualTo(one);
      assertThat(ObjectNames.resolve(voyage.log(), "networks/back", second)).isEqualTo(two);
      assertThat(ObjectNames.resolve(voyage.log(), "networks/aa", second)).isEqualTo(one);
      assertThatThrownBy(() -> ObjectNames.resolve(voyage.log(), "networks/nosuch", second))
          .hasMessageContaining("networks/nosuch");
    }
    TestTerminal terminal = new TestTerminal("", false, Map.of());
    assertThat(
            terminal.run("state", "get", "--data-root", directory.toString(), "networks", "back"))
        .as(terminal.err())
        .isZero();
    assertThat(terminal.out()).contains("bb2");
  }
}
