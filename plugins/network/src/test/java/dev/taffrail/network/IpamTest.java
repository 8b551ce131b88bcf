package dev.taffrail.network;

import static dev.taffrail.network.NetworkSamples.POOLS;
import static dev.taffrail.network.NetworkSamples.attach;
import static dev.taffrail.network.NetworkSamples.ids;
import static dev.taffrail.network.NetworkSamples.ip;
import static dev.taffrail.network.NetworkSamples.made;
import static dev.taffrail.network.NetworkSamples.network;
import static dev.taffrail.network.NetworkSamples.starting;
import static dev.taffrail.network.NetworkSamples.with;
import static dev.taffrail.testkit.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkRequest.PoolRequest;
import dev.taffrail.testkit.Scenario;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class IpamTest {
  private static final PoolRequest ANY =
      new PoolRequest(Optional.empty(), Optional.empty(), Optional.empty(), Map.of());

  private static AddressPool of(PoolRequest request, IpPrefix... taken) {
    return Ipam.pool(request, false, POOLS, List.of(taken), HostRanges.NONE);
  }

  private static PoolRequest pool(String subnet, String range, String gateway, String... aux) {
    Map<String, InetAddress> auxiliary = new HashMap<>();
    for (String each : aux) {
      auxiliary.put("for " + each, ip(each));
    }
    return new PoolRequest(
        Optional.of(IpPrefix.parse(subnet)),
        Optional.of(range).filter(text -> !text.isEmpty()).map(IpPrefix::parse),
        Optional.of(gateway).filter(text -> !text.isEmpty()).map(NetworkSamples::ip),
        auxiliary);
  }

  private static void refused(Kind kind, String words, ThrowingCallable what) {
    assertThatThrownBy(what)
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining(words)
        .satisfies(e -> assertThat(RuntimeFailure.kindOf(e)).isEqualTo(kind));
  }

  @Test
  void theGatewayIsTheFirstAddressThatIsGiven() {
    assertThat(of(NetworkSamples.pool("10.1.0.0/24")).gateway()).contains(ip("10.1.0.1"));
    assertThat(of(pool("10.1.0.0/24", "", "10.1.0.77")).gateway()).contains(ip("10.1.0.77"));
    assertThat(of(pool("10.1.0.0/24", "10.1.0.128/25", "")).gateway()).contains(ip("10.1.0.128"));
    assertThat(of(pool("10.1.0.0/24", "", "", "10.1.0.1")).gateway()).contains(ip("10.1.0.2"));
    assertThat(
            Ipam.pool(NetworkSamples.pool("fd00:1::/64"), true, POOLS, List.of(), HostRanges.NONE)
                .gateway())
        .contains(ip("fd00:1::1"));
  }

  @Test
  void withoutASubnetThereIsNothingToBePartOf() {
    refused(
        Kind.INVALID_ARGUMENT,
        "a subnet is needed",
        () ->
            of(
                new PoolRequest(
                    Optional.empty(), Optional.empty(), Optional.of(ip("10.1.0.1")), Map.of())));
  }

  @Test
  void aSubnetThatOverlapsAnotherIsRefused() {
    for (String subnet : List.of("10.1.0.0/24", "10.1.0.128/25", "10.0.0.0/8")) {
      refused(
          Kind.PERMISSION_DENIED,
          "invalid pool request: Pool overlaps with other one on this address space",
          () -> of(NetworkSamples.pool(subnet), IpPrefix.parse("10.1.0.0/24")));
    }
    assertThat(of(NetworkSamples.pool("10.1.1.0/24"), IpPrefix.parse("10.1.0.0/24")).subnet())
        .hasToString("10.1.1.0/24");
  }

  @Test
  void aSubnetOfTheHostsIsRefusedByNameAndAvoidedWhenNoneIsAskedFor() {
    HostRanges host =
        new HostRanges(
            Map.of(
                IpPrefix.parse("172.17.0.0/24"), "the address 172.17.0.5/24 of eth1",
                IpPrefix.parse("172.18.0.0/15"), "a route of this host"));
    refused(
        Kind.PERMISSION_DENIED,
        "invalid pool request: 172.17.0.0/16 overlaps with the address 172.17.0.5/24 of eth1",
        () -> Ipam.pool(NetworkSamples.pool("172.17.0.0/16"), false, POOLS, List.of(), host));
    assertThat(
            Ipam.pool(ANY, false, POOLS, List.of(IpPrefix.parse("172.20.0.0/16")), host).subnet())
        .hasToString("172.21.0.0/16");
  }

  @Test
  void rangesThatNobodyAskedForAreDockersOneAfterAnother() {
    List<IpPrefix> taken = new ArrayList<>();
    for (int i = 0; i < 31; i++) {
      taken.add(Ipam.pool(ANY, false, POOLS, taken, HostRanges.NONE).subnet());
    }
    assertThat(taken).doesNotHaveDuplicates();
    assertThat(taken.get(0)).hasToString("172.17.0.0/16");
    assertThat(taken.get(14)).hasToString("172.31.0.0/16");
    assertThat(taken.get(15)).hasToString("192.168.0.0/20");
    assertThat(taken.get(30)).hasToString("192.168.240.0/20");
    refused(
        Kind.PERMISSION_DENIED,
        "all predefined address pools have been fully subnetted",
        () -> Ipam.pool(ANY, false, POOLS, taken, HostRanges.NONE));
  }

  @Test
  void defaultAddressPoolsStandInForDockers() throws JsonProcessingException {
    DefaultPools own =
        DefaultPools.of(
            new JsonMapper()
                .readTree("{\"default-address-pools\":[{\"base\":\"10.9.0.0/23\",\"size\":24}]}"),
            "a log");
    IpPrefix first = Ipam.pool(ANY, false, own, List.of(), HostRanges.NONE).subnet();
    IpPrefix second = Ipam.pool(ANY, false, own, List.of(first), HostRanges.NONE).subnet();
    assertThat(List.of(first, second)).hasToString("[10.9.0.0/24, 10.9.1.0/24]");
    refused(
        Kind.PERMISSION_DENIED,
        "fully subnetted",
        () -> Ipam.pool(ANY, false, own, List.of(first, second), HostRanges.NONE));
    refused(
        Kind.INVALID_ARGUMENT,
        "size 16 does not fit 10.9.0.0/23",
        () ->
            DefaultPools.of(
                new JsonMapper()
                    .readTree(
                        "{\"default-address-pools\":[{\"base\":\"10.9.0.0/23\",\"size\":16}]}"),
                "a log"));
  }

  @Test
  void ipv6RangesAreOfAUniqueLocalPrefixOfTheLogsOwn() {
    IpPrefix first = Ipam.pool(ANY, true, POOLS, List.of(), HostRanges.NONE).subnet();
    IpPrefix second = Ipam.pool(ANY, true, POOLS, List.of(first), HostRanges.NONE).subnet();
    assertThat(IpPrefix.parse("fd00::/8").contains(first)).isTrue();
    assertThat(first.length()).isEqualTo(64);
    assertThat(second.overlaps(first)).isFalse();
    assertThat(new IpPrefix(first.address(), 48).contains(second)).isTrue();
    DefaultPools other = DefaultPools.of(MissingNode.getInstance(), "another log");
    assertThat(Ipam.pool(ANY, true, other, List.of(), HostRanges.NONE).subnet())
        .isNotEqualTo(first);
  }

  /** Gives addresses to containers until none is left. */
  private static List<String> all(Network network) {
    Scenario scenario = with(network);
    List<String> given = new ArrayList<>();
    for (char digit : "123456789abcdef".toCharArray()) {
      scenario = starting(scenario, digit);
      int before = given.size();
      Scenario.Outcome<NetworkDecider.Attachment> outcome =
          scenario
              .when(view -> decide(view, network, digit))
              .thenState(
                  view ->
                      NetworkIndex.of(view, id(digit))
                          .forEach(
                              endpoint -> given.add(endpoint.ipv4().orElseThrow().toString())));
      if (given.size() == before) {
        outcome.thenRejected(Kind.PERMISSION_DENIED, "no available IPv4 addresses");
        return given;
      }
      scenario = scenario.given(view -> decide(view, network, digit));
    }
    throw new AssertionError("There is no end of " + given);
  }

  private static Decision<NetworkDecider.Attachment> decide(
      StateView view, Network network, char digit) {
    return NetworkDecider.attach(
        view,
        attach(digit, network.name()),
        new Traits(),
        ids(digit),
        NetworkSamples.PREFIX,
        NetworkSamples.HOST);
  }

  @Test
  void theLowestFreeAddressIsGivenUntilNoneIsLeft() {
    assertThat(all(network('0', "sea", false, made("10.1.0.0/29", "10.1.0.1"))))
        .containsExactly("10.1.0.2/29", "10.1.0.3/29", "10.1.0.4/29", "10.1.0.5/29", "10.1.0.6/29");
  }

  @Test
  void aRangeOfTwoAddressesHasNoEnds() {
    assertThat(all(network('0', "sea", false, made("10.1.0.0/31", "10.1.0.0"))))
        .containsExactly("10.1.0.1/31");
  }

  @Test
  void addressesAreOfTheAllocatableRangeAndAuxiliaryOnesAreLeftOut() {
    AddressPool pool =
        new AddressPool(
            IpPrefix.parse("10.1.0.0/24"),
            Optional.of(IpPrefix.parse("10.1.0.252/30")),
            Optional.of(ip("10.1.0.1")),
            Map.of("router", ip("10.1.0.253")));
    // 10.1.0.255 is the subnet's broadcast address.
    assertThat(all(network('0', "sea", false, pool)))
        .containsExactly("10.1.0.252/24", "10.1.0.254/24");
  }

  @Test
  void aSecondSubnetFollowsTheFirst() {
    assertThat(
            all(
                network(
                    '0',
                    "sea",
                    false,
                    made("10.1.0.0/30", "10.1.0.1"),
                    made("10.2.0.0/30", "10.2.0.1"))))
        .containsExactly("10.1.0.2/30", "10.2.0.2/30");
  }
}
