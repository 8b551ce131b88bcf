package dev.taffrail.network;

import static dev.taffrail.network.NetworkSamples.HOST;
import static dev.taffrail.network.NetworkSamples.made;
import static dev.taffrail.network.NetworkSamples.network;
import static dev.taffrail.network.NetworkSamples.publishing;
import static dev.taffrail.network.NetworkSamples.with;
import static dev.taffrail.testkit.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortBinding;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPortsTest {
  private static final List<String> EXPOSED = List.of("80/tcp", "53/udp");
  private static final Network SEA = network('1', "sea", false, made("10.1.0.0/16", "10.1.0.1"));
  private static final HostPorts.Host V4_ONLY = new HostPorts.Host(false, 32768, 32771, Set.of());

  /** Another container has these: {@code tcp 0.0.0.0 8080}. */
  private static StateView taken(String... ports) {
    List<PortBinding> bindings =
        Arrays.stream(ports)
            .map(text -> text.split(" ", -1))
            .map(
                parts ->
                    new PortBinding(
                        parts[0], 1, IpText.parse(parts[1]), Integer.parseInt(parts[2])))
            .toList();
    return with(SEA)
        .given(NetworkEvent.subject(SEA.id()), new NetworkEvent.Published(id('b'), bindings))
        .state();
  }

  /** Text as {@code docker port} prints it. */
  private static List<String> given(StateView view, Networking networking, HostPorts.Host host) {
    return HostPorts.allocate(view, id('a'), networking, EXPOSED, host, "").stream()
        .map(
            binding ->
                binding.port()
                    + " -> "
                    + IpText.withPort(binding.hostAddress(), binding.hostPort()))
        .toList();
  }

  private static void refused(Kind kind, String words, ThrowingCallable what) {
    assertThatThrownBy(what)
        .isInstanceOf(RuntimeFailure.class)
        .hasMessage(words)
        .satisfies(e -> assertThat(RuntimeFailure.kindOf(e)).isEqualTo(kind));
  }

  @Test
  void aPortWithoutAnAddressIsOfBothFamiliesWhereTheHostHasThem() {
    assertThat(given(taken(), publishing(false, "|8080|80/tcp"), HOST))
        .containsExactly("80/tcp -> 0.0.0.0:8080", "80/tcp -> [::]:8080");
    assertThat(given(taken(), publishing(false, "|8080|80/tcp"), V4_ONLY))
        .containsExactly("80/tcp -> 0.0.0.0:8080");
    assertThat(given(taken(), publishing(false, "::1|8080|80/udp"), HOST))
        .containsExactly("80/udp -> [::1]:8080");
  }

  @ParameterizedTest
  @CsvSource({
    "tcp 0.0.0.0 8080, 0.0.0.0, true",
    "tcp 0.0.0.0 8080, 127.0.0.1, true",
    "tcp 127.0.0.1 8080, 0.0.0.0, true",
    "tcp 127.0.0.1 8080, 127.0.0.1, true",
    "tcp 127.0.0.1 8080, 127.0.0.2, false",
    "tcp :: 8080, 127.0.0.1, false",
    "tcp :: 8080, ::1, true",
    "tcp ::1 8080, ::, true",
    "tcp ::1 8080, ::2, false",
    "udp 0.0.0.0 8080, 0.0.0.0, false",
    "tcp 0.0.0.0 8081, 0.0.0.0, false",
  })
  void whoListensEverywhereListensAtEachAddress(String taken, String address, boolean conflict) {
    StateView view = taken(taken);
    Networking wanted = publishing(false, address + "|8080|80/tcp");
    String at = IpText.withPort(IpText.parse(address), 8080);
    if (conflict) {
      refused(
          Kind.INTERNAL,
          "Bind for " + at + " failed: port is already allocated",
          () -> given(view, wanted, HOST));
    } else {
      assertThat(given(view, wanted, HOST)).containsExactly("80/tcp -> " + at);
    }
  }

  @Test
  void aContainerCannotHaveAPortTwice() {
    refused(
        Kind.INTERNAL,
        "Bind for 0.0.0.0:8080 failed: port is already allocated",
        () -> given(taken(), publishing(false, "|8080|80/tcp", "|8080|81/tcp"), HOST));
  }

  @Test
  void ofARangeTheFirstFreePortIsGiven() {
    StateView view = taken("tcp 0.0.0.0 8000", "tcp 127.0.0.1 8001");
    assertThat(given(view, publishing(false, "|8000-8002|80/tcp"), V4_ONLY))
        .containsExactly("80/tcp -> 0.0.0.0:8002");
    assertThat(given(view, publishing(false, "127.0.0.2|8000-8002|80/tcp"), V4_ONLY))
        .containsExactly("80/tcp -> 127.0.0.2:8001");
    refused(
        Kind.INTERNAL,
        "all ports are allocated",
        () -> given(view, publishing(false, "|8000-8001|80/tcp"), V4_ONLY));
  }

  @Test
  void bothFamiliesHaveTheSamePort() {
    assertThat(given(taken("tcp :: 32768"), publishing(false, "||80/tcp"), HOST))
        .containsExactly("80/tcp -> 0.0.0.0:32769", "80/tcp -> [::]:32769");
  }

  @Test
  void portsOfTheHostsRangeAreGivenUntilNoneIsLeft() {
    Networking five = publishing(false, "||1/tcp", "||2/tcp", "||3/tcp", "||4/tcp", "|0|5/tcp");
    refused(Kind.INTERNAL, "all ports are allocated", () -> given(taken(), five, V4_ONLY));
    assertThat(
            given(taken(), publishing(false, "||1/tcp", "||2/tcp", "||3/tcp", "|0|4/tcp"), V4_ONLY))
        .containsExactly(
            "1/tcp -> 0.0.0.0:32768",
            "2/tcp -> 0.0.0.0:32769",
            "3/tcp -> 0.0.0.0:32770",
            "4/tcp -> 0.0.0.0:32771");
  }

  @Test
  void aPortThatIsAskedForIsNotGivenToOneThatTakesAny() {
    assertThat(given(taken(), publishing(false, "||80/tcp", "|32768|81/tcp"), V4_ONLY))
        .containsExactly("81/tcp -> 0.0.0.0:32768", "80/tcp -> 0.0.0.0:32769");
  }

  @Test
  void publishAllTakesWhatIsExposedAndNotAskedFor() {
    assertThat(given(taken(), publishing(true, "|8080|80/tcp"), V4_ONLY))
        .containsExactly("80/tcp -> 0.0.0.0:8080", "53/udp -> 0.0.0.0:32768");
    assertThat(given(taken(), publishing(true), V4_ONLY))
        .containsExactly("53/udp -> 0.0.0.0:32768", "80/tcp -> 0.0.0.0:32768");
    assertThat(given(taken(), publishing(false), V4_ONLY)).isEmpty();
  }

  @Test
  void whereSomebodyElseListensNobodyIsPutButByNumber() {
    HostPorts.Host busy = V4_ONLY.with(new HostPorts.Busy("tcp", 32768));
    assertThat(given(taken(), publishing(false, "||80/tcp", "||53/udp"), busy))
        .containsExactly("80/tcp -> 0.0.0.0:32769", "53/udp -> 0.0.0.0:32768");
    // Whether it is free is for the kernel to say.
    assertThat(given(taken(), publishing(false, "|32768|80/tcp"), busy))
        .containsExactly("80/tcp -> 0.0.0.0:32768");
  }

  @Test
  void onlyAPortThatWasAskedForByNumberIsFixed() {
    Networking asked = publishing(false, "|8080|80/tcp", "|8000-8010|81/tcp", "||82/tcp");
    PortBinding fixed = new PortBinding("tcp", 80, IpText.parse("0.0.0.0"), 8080);
    PortBinding ranged = new PortBinding("tcp", 81, IpText.parse("0.0.0.0"), 8000);
    PortBinding any = new PortBinding("tcp", 82, IpText.parse("0.0.0.0"), 32768);
    assertThat(List.of(fixed, ranged, any))
        .filteredOn(binding -> HostPorts.isFixed(asked, binding))
        .containsExactly(fixed);
  }

  @ParameterizedTest
  @CsvSource({"x", "65536", "-1", "1-x", "8010-8000"})
  void whatIsNoPortIsRefused(String port) {
    assertThatThrownBy(() -> given(taken(), publishing(false, "|" + port + "|80/tcp"), HOST))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("invalid port")
        .satisfies(e -> assertThat(RuntimeFailure.kindOf(e)).isEqualTo(Kind.INVALID_ARGUMENT));
  }
}
