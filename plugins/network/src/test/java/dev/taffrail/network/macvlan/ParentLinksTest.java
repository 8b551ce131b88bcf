package dev.taffrail.network.macvlan;

import static dev.taffrail.testkit.Samples.NOON;
import static dev.taffrail.testkit.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.Network;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a kernel with VLANs and dummy links is asked for, which not every machine has. */
class ParentLinksTest {
  private static final Set<String> ALL = Set.of("macvlan", "ipvlan", "vlan", "dummy");
  private static final Network ON_ETH0 = network('a', Map.of("parent", "eth0"));
  private static final Network ON_A_VLAN = network('b', Map.of("parent", "eth0.10"));
  private static final Network ALONE = network('c', Map.of());
  private static final String DUMMY = "dm-cccccccccccc";

  private final FakeLinks links = new FakeLinks(ALL, "lo", "eth0");
  private final ParentLinks parents = of("a log", links);

  private static ParentLinks of(String logId, FakeLinks links) {
    return new ParentLinks(new Macvlan(), links.stack(), logId);
  }

  private static Network network(char digit, Map<String, String> options) {
    return new Network(
        id(digit), "sea", "macvlan", NOON, false, false, true, false, List.of(), options, "default",
        Map.of(), Map.of());
  }

  @Test
  void whatTheAdministratorHasMadeIsLeftAsItIs() {
    links.put("eth0.10", "vlan", false, 0);
    for (Network network : List.of(ON_ETH0, ON_A_VLAN)) {
      parents.check(network);
      parents.make(network);
      parents.remove(network);
    }
    parents.keep(Set.of());
    assertThat(links.names()).containsExactly("eth0", "eth0.10", "lo");
    assertThat(links.link("eth0.10").up()).isFalse();
  }

  @Test
  void whatIsNotThereIsMadeOnceAndGoes() {
    for (Network network : List.of(ON_A_VLAN, ALONE)) {
      parents.check(network);
      parents.make(network);
      parents.make(network);
    }
    assertThat(links.names()).containsExactly(DUMMY, "eth0", "eth0.10", "lo");
    assertThat(links.link("eth0.10").kind()).isEqualTo("vlan");
    assertThat(links.link("eth0.10").up()).isTrue();
    assertThat(links.link(DUMMY).kind()).isEqualTo("dummy");
    assertThat(links.link(DUMMY).group()).isPositive();
    parents.remove(ON_A_VLAN);
    parents.remove(ALONE);
    assertThat(links.names()).containsExactly("eth0", "lo");
  }

  /** The daemon may have died between making it and setting it up. */
  @Test
  void oneThatWasCutShortIsSetUp() {
    parents.make(ON_A_VLAN);
    links.put("eth0.10", "vlan", false, links.link("eth0.10").group());
    parents.make(ON_A_VLAN);
    assertThat(links.link("eth0.10").up()).isTrue();
  }

  @Test
  void onlyWhatWasMadeHereIsSwept() {
    parents.make(ON_A_VLAN);
    parents.make(ALONE);
    of("another log", links).make(network('d', Map.of()));
    new ParentLinks(new Ipvlan(), links.stack(), "a log").make(network('e', Map.of()));
    of("a log", links).keep(Set.of(DUMMY));
    assertThat(links.names())
        .containsExactly("di-eeeeeeeeeeee", DUMMY, "dm-dddddddddddd", "eth0", "lo");
  }

  private static void refused(FakeLinks links, Network network, Kind kind, String words) {
    assertThatThrownBy(() -> of("a log", links).check(network))
        .hasMessageContaining(words)
        .extracting(failure -> ((RuntimeFailure) failure).kind())
        .isEqualTo(kind);
  }

  @Test
  void aKindThatTheKernelLacksIsNamed() {
    refused(new FakeLinks(Set.of(), "eth0"), ON_ETH0, Kind.UNIMPLEMENTED, "of the kind macvlan");
    FakeLinks plain = new FakeLinks(Set.of("macvlan"), "eth0");
    refused(plain, ON_A_VLAN, Kind.UNIMPLEMENTED, "of the kind vlan");
    refused(plain, ALONE, Kind.UNIMPLEMENTED, "of the kind dummy");
    of("a log", plain).check(ON_ETH0);
  }

  @Test
  void aNameIsThatOfAVlanOrThatOfALink() {
    Map<String, String> refusals =
        Map.of(
            "lo", "loopback interface is not a valid macvlan parent link",
            "eth1", "invalid subinterface vlan name eth1, example formatting is eth0.10",
            "eth1.10", "-o parent interface was not found on the host: eth1",
            "eth0.1.2", "required interface name format is: name.vlan_id",
            "eth0.ten", "unable to parse a valid vlan id from: ten (ex. eth0.10 for vlan 10)",
            "eth0.4095", "vlan id must be between 1-4094, received: 4095");
    refusals.forEach(
        (parent, words) ->
            refused(links, network('a', Map.of("parent", parent)), Kind.INVALID_ARGUMENT, words));
  }
}
