package dev.taffrail.network;

import static dev.taffrail.core.network.NetworkEvent.ADDRESSES;
import static dev.taffrail.core.network.NetworkEvent.LEASES;
import static dev.taffrail.core.network.NetworkEvent.subject;
import static dev.taffrail.network.NetworkSamples.HOST;
import static dev.taffrail.network.NetworkSamples.POOLS;
import static dev.taffrail.network.NetworkSamples.PREFIX;
import static dev.taffrail.network.NetworkSamples.ip;
import static dev.taffrail.network.NetworkSamples.made;
import static dev.taffrail.network.NetworkSamples.network;
import static dev.taffrail.network.NetworkSamples.pool;
import static dev.taffrail.network.NetworkSamples.starting;
import static dev.taffrail.network.NetworkSamples.with;
import static dev.taffrail.testkit.Samples.NOON;
import static dev.taffrail.testkit.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.event.Emission;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent.Addressed;
import dev.taffrail.core.network.NetworkEvent.Attached;
import dev.taffrail.core.network.NetworkEvent.Detached;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.network.NetworkTraits.WayOut;
import dev.taffrail.network.NetworkDecider.Attachment;
import dev.taffrail.network.NetworkDecider.Link;
import dev.taffrail.testkit.Scenario;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Networks whose driver gives addresses of its own: those are learnt, not reserved. */
class LeasesTest {
  private static final AddressPool RANGE = made("10.8.0.0/16", "10.8.0.1");
  private static final Network BRIDGE =
      network('0', "bridge", false, made("172.17.0.0/16", "172.17.0.1"));
  private static final Network SEA = network('1', "sea", false, RANGE);
  private static final NetworkTraits LEASING =
      new NetworkTraits(false, WayOut.LINK, true, true, true, Optional.of(List.of(RANGE)));
  private static final Traits TRAITS = new Traits();

  static {
    TRAITS.put(SEA, LEASING);
  }

  private static final Scenario ALL = with(BRIDGE, SEA);
  private static final Lease LEASE =
      new Lease(
          Optional.of("02:00:00:00:00:05"),
          Optional.of(IpPrefix.parse("10.8.0.5/16")),
          Optional.empty(),
          Optional.of(ip("10.8.0.1")),
          Optional.empty(),
          List.of("10.8.0.53"),
          List.of(),
          List.of());

  private static NetworkRequest request(String ipamDriver, NetworkRequest.PoolRequest... pools) {
    return new NetworkRequest(
        "port",
        "cni",
        false,
        false,
        true,
        false,
        ipamDriver,
        Map.of(),
        List.of(pools),
        Map.of("conflist", "port"),
        Map.of());
  }

  private static Decider<Network> create(NetworkRequest request, NetworkTraits traits) {
    HostRanges host = new HostRanges(Map.of(RANGE.subnet(), "the address of cni0"));
    return view -> NetworkDecider.create(view, id('9'), request, traits, NOON, POOLS, host, false);
  }

  private static NetworkTraits leasing(AddressPool... ranges) {
    return new NetworkTraits(false, WayOut.LINK, true, true, true, Optional.of(List.of(ranges)));
  }

  private static Decider<Attachment> attach(AttachRequest request, char id) {
    Supplier<String> ids = () -> id(id);
    return view -> NetworkDecider.attach(view, request, TRAITS, ids, PREFIX, HOST);
  }

  private static Endpoint endpoint(char id) {
    return new Endpoint(
        id(id),
        id('a'),
        SEA.id(),
        EndpointSettings.NONE,
        PREFIX + id(id).substring(0, 15 - PREFIX.length() - 2),
        "eth0",
        "",
        Optional.empty(),
        Optional.empty(),
        List.of("ship-a", "aaaaaaaaaaaa", "host-a"),
        true);
  }

  private static Scenario addressed() {
    return starting(ALL, 'a')
        .given(attach(NetworkSamples.attach('a', "sea"), 'e'))
        .given(view -> NetworkDecider.addressed(view, endpoint('e'), LEASE));
  }

  @Test
  void aNetworkHasTheRangesThatItsDriverKnowsAlsoWhereTheHostIs() {
    AddressPool both = made("fd00:9::/64", "fd00:9::1");
    with(BRIDGE)
        .when(create(request(""), leasing(RANGE, both)))
        .thenState(
            view -> {
              Network made = NetworkIndex.resolve(view, "port");
              assertThat(made.pools()).containsExactly(RANGE, both);
              assertThat(made.ipamDriver()).isEqualTo("cni");
              assertThat(made.ipv6()).isTrue();
            });
    with(BRIDGE)
        .when(create(request("default"), leasing()))
        .thenState(view -> assertThat(NetworkIndex.resolve(view, "port").pools()).isEmpty());
  }

  @Test
  void rangesOfNetworksWithReservedAddressesAreNobodyElses() {
    ALL.when(create(request(""), leasing(made("172.17.7.0/24", "172.17.7.1"))))
        .thenRejected(Kind.PERMISSION_DENIED, "Pool overlaps with other one");
  }

  @Test
  void nothingAboutAddressesCanBeChosen() {
    ALL.when(create(request("", pool("10.9.0.0/16")), leasing()))
        .thenRejected(Kind.INVALID_ARGUMENT, "the driver cni gives addresses of its own");
    ALL.when(create(request("other"), leasing()))
        .thenRejected(Kind.NOT_FOUND, "could not find plugin other in v1 plugin registry");
  }

  @Test
  void anEndpointHasNoAddressesUntilItsDriverHasGivenThem() {
    starting(ALL, 'a')
        .when(attach(NetworkSamples.attach('a', "sea"), 'e'))
        .thenEvents(subject(SEA.id()), new Attached(endpoint('e')))
        .thenState(view -> assertThat(view.list(ADDRESSES)).isEmpty());
    starting(ALL, 'a')
        .given(attach(NetworkSamples.attach('a', "sea"), 'e'))
        .when(view -> NetworkDecider.addressed(view, endpoint('e'), LEASE))
        .thenEvents(subject(SEA.id()), new Addressed(id('a'), LEASE))
        .thenState(
            view -> {
              assertThat(view.list(ADDRESSES)).isEmpty();
              Link link = NetworkDecider.links(view, id('a')).links().get(0);
              assertThat(link.endpoint().ipv4()).contains(IpPrefix.parse("10.8.0.5/16"));
              assertThat(link.endpoint().mac()).isEqualTo("02:00:00:00:00:05");
              assertThat(link.lease()).contains(LEASE);
              assertThat(NetworkIndex.on(view, SEA.id())).containsExactly(link.endpoint());
            });
  }

  @Test
  void whatIsGivenToAnEndpointThatIsGoneIsForgotten() {
    addressed().when(view -> NetworkDecider.addressed(view, endpoint('f'), LEASE)).thenNothing();
    ALL.when(view -> NetworkDecider.addressed(view, endpoint('e'), LEASE)).thenNothing();
  }

  @Test
  void aLeaseGoesWithItsEndpoint() {
    addressed()
        .when(view -> NetworkDecider.detached(view, id('a')))
        .thenEvents(subject(SEA.id()), new Detached(id('a')))
        .thenState(view -> assertThat(view.list(LEASES)).isEmpty());
  }

  @Test
  void theNextRunHasAnEndpointOfItsOwn() {
    addressed()
        .when(attach(NetworkSamples.attach('a', "sea"), 'f'))
        .thenEvents(
            new Emission(subject(SEA.id()), new Detached(id('a'))),
            new Emission(subject(SEA.id()), new Attached(endpoint('f'))))
        .thenReply(
            new Attachment(
                List.of(new Link(SEA, endpoint('f'))),
                List.of(new Link(SEA, endpoint('e').with(Optional.of(LEASE)))),
                Optional.empty()))
        .thenState(view -> assertThat(view.list(LEASES)).isEmpty());
  }
}
