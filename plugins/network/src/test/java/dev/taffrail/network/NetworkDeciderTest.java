package dev.taffrail.network;

import static dev.taffrail.core.network.NetworkEvent.ADDRESSES;
import static dev.taffrail.core.network.NetworkEvent.HOST_PORTS;
import static dev.taffrail.core.network.NetworkEvent.subject;
import static dev.taffrail.network.NetworkSamples.HOST;
import static dev.taffrail.network.NetworkSamples.POOLS;
import static dev.taffrail.network.NetworkSamples.PREFIX;
import static dev.taffrail.network.NetworkSamples.ip;
import static dev.taffrail.network.NetworkSamples.made;
import static dev.taffrail.network.NetworkSamples.network;
import static dev.taffrail.network.NetworkSamples.pool;
import static dev.taffrail.network.NetworkSamples.prior;
import static dev.taffrail.network.NetworkSamples.publishing;
import static dev.taffrail.network.NetworkSamples.request;
import static dev.taffrail.network.NetworkSamples.settings;
import static dev.taffrail.network.NetworkSamples.started;
import static dev.taffrail.network.NetworkSamples.starting;
import static dev.taffrail.network.NetworkSamples.with;
import static dev.taffrail.testkit.Samples.NOON;
import static dev.taffrail.testkit.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.event.Emission;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent.Attached;
import dev.taffrail.core.network.NetworkEvent.Created;
import dev.taffrail.core.network.NetworkEvent.Detached;
import dev.taffrail.core.network.NetworkEvent.Published;
import dev.taffrail.core.network.NetworkEvent.Removed;
import dev.taffrail.core.network.NetworkEvent.Rerouted;
import dev.taffrail.core.network.NetworkEvent.Unpublished;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.NetworkRequest.PoolRequest;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.network.NetworkTraits.WayOut;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.network.NetworkDecider.Attachment;
import dev.taffrail.network.NetworkDecider.Link;
import dev.taffrail.testkit.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NetworkDeciderTest {
  private static final Network BRIDGE =
      network('0', "bridge", false, made("172.17.0.0/16", "172.17.0.1"));
  private static final Network SEA = network('1', "sea", false, made("10.1.0.0/16", "10.1.0.1"));
  private static final Network BAY =
      network('2', "bay", false, made("10.2.0.0/16", "10.2.0.1"), made("fd00:2::/64", "fd00:2::1"));
  private static final Network LAKE = network('3', "lake", true, made("10.3.0.0/16", "10.3.0.1"));

  /** Containers on it are on a network that the host is on. */
  private static final Network COAST =
      network('4', "coast", false, made("10.4.0.0/16", "10.4.0.1"));

  /** Nobody else is on it, though an address was kept for a gateway. */
  private static final Network POOL = network('5', "pool", false, made("10.5.0.0/16", "10.5.0.1"));

  /** Routed: its containers need no gateway's address, and have no hardware addresses. */
  private static final Network RIVER =
      network('6', "river", false, made("10.6.0.0/16", "10.6.0.1").withoutGateway());

  private static final NetworkTraits ON_THE_HOSTS_NETWORK =
      new NetworkTraits(true, WayOut.GATEWAY, false, true, true, Optional.empty());
  private static final NetworkTraits ALONE =
      new NetworkTraits(false, WayOut.NONE, false, true, true, Optional.empty());
  private static final NetworkTraits ROUTED =
      new NetworkTraits(false, WayOut.LINK, false, false, true, Optional.empty());
  private static final Traits TRAITS = new Traits();

  static {
    TRAITS.put(COAST, ON_THE_HOSTS_NETWORK);
    TRAITS.put(POOL, ALONE);
    TRAITS.put(RIVER, ROUTED);
  }

  private static final Scenario ALL = with(BRIDGE, SEA, BAY, LAKE, COAST, POOL, RIVER);

  private static Decider<Network> create(NetworkRequest request) {
    return create(request, NetworkTraits.BRIDGE, HostRanges.NONE);
  }

  private static Decider<Network> create(
      NetworkRequest request, NetworkTraits traits, HostRanges host) {
    return view -> NetworkDecider.create(view, id('9'), request, traits, NOON, POOLS, host, false);
  }

  private static Decider<Attachment> attach(AttachRequest request) {
    // Endpoints of one attachment have ids of their own, and the same ones when decided again.
    return view -> {
      int[] next = {0};
      return NetworkDecider.attach(
          view,
          request,
          TRAITS,
          () -> "0" + next[0]++ + request.container().substring(2),
          PREFIX,
          HOST);
    };
  }

  private static Decider<Link> plug(char digit, String network, EndpointSettings settings) {
    return view ->
        NetworkDecider.plug(
            view, NetworkSamples.attach(digit), TRAITS, network, settings, id('e'), PREFIX);
  }

  private static Endpoint first(Scenario.Outcome<Attachment> outcome, char digit) {
    Endpoint[] found = new Endpoint[1];
    outcome.thenState(view -> found[0] = NetworkIndex.of(view, id(digit)).get(0));
    return found[0];
  }

  private static Scenario attached(char digit, String... networks) {
    return starting(ALL, digit).given(attach(NetworkSamples.attach(digit, networks)));
  }

  @Test
  void aNetworkIsCreatedWithARangeThatNobodyElseHas() {
    ALL.when(create(request("port")))
        .thenEvents(
            subject(id('9')),
            new Created(
                new Network(
                    id('9'),
                    "port",
                    "bridge",
                    NOON,
                    false,
                    false,
                    true,
                    false,
                    List.of(made("172.18.0.0/16", "172.18.0.1")),
                    Map.of(),
                    "default",
                    Map.of(),
                    Map.of("ship", "argo"))));
  }

  @Test
  void aNetworkOfBothFamiliesHasARangeOfEach() {
    ALL.when(create(request("port", pool("fd00:9::/64"))))
        .thenState(
            view ->
                assertThat(NetworkIndex.resolve(view, "port").pools())
                    .containsExactly(
                        made("172.18.0.0/16", "172.18.0.1"), made("fd00:9::/64", "fd00:9::1")));
  }

  @Test
  void aNameIsGivenOnceAndRangesDoNotOverlap() {
    ALL.when(create(request("sea")))
        .thenRejected(Kind.ALREADY_EXISTS, "network with name sea already exists");
    for (String name : List.of("bridge", "host", "none", "default")) {
      ALL.when(create(request(name)))
          .thenRejected(
              Kind.PERMISSION_DENIED,
              "operation is not permitted on predefined " + name + " network");
    }
    ALL.when(create(request("port", pool("10.1.7.0/24"))))
        .thenRejected(Kind.PERMISSION_DENIED, "Pool overlaps with other one");
    ALL.when(create(request("port", pool("10.7.0.0/24"), pool("10.7.0.0/25"))))
        .thenRejected(Kind.PERMISSION_DENIED, "Pool overlaps with other one");
  }

  @Test
  void aRemovedNetworksNameAndRangeAreFree() {
    ALL.when(view -> NetworkDecider.remove(view, "sea"))
        .thenEvents(subject(SEA.id()), new Removed())
        .thenReply(SEA);
    ALL.given(view -> NetworkDecider.remove(view, "sea"))
        .when(create(request("sea", pool("10.1.0.0/16"))))
        .thenState(view -> assertThat(NetworkIndex.resolve(view, "sea").id()).isEqualTo(id('9')));
  }

  @Test
  void aNetworkInUseOrPredefinedStays() {
    attached('a', "sea")
        .when(view -> NetworkDecider.remove(view, "sea"))
        .thenRejected(
            Kind.PERMISSION_DENIED,
            "error while removing network: network sea has active endpoints (name:\"ship-a\""
                + " id:\"00aaaaaaaaaa\")");
    ALL.when(view -> NetworkDecider.remove(view, "bridge"))
        .thenRejected(
            Kind.PERMISSION_DENIED, "bridge is a pre-defined network and cannot be removed");
    ALL.when(view -> NetworkDecider.remove(view, "ocean"))
        .thenRejected(Kind.NOT_FOUND, "network ocean not found");
  }

  @Test
  void aNetworkIsFoundByNameByIdAndByTheBeginningOfAnId() {
    for (String name : List.of("sea", SEA.id(), "11111")) {
      assertThat(NetworkIndex.resolve(ALL.state(), name)).isEqualTo(SEA);
    }
    Network twin =
        new Network(
            "1".repeat(63) + "2",
            "twin",
            "bridge",
            NOON,
            false,
            false,
            true,
            false,
            List.of(),
            Map.of(),
            "default",
            Map.of(),
            Map.of());
    ALL.given(subject(twin.id()), new Created(twin))
        .when(view -> NetworkDecider.remove(view, "11111"))
        .thenRejected(Kind.INVALID_ARGUMENT, "network 11111 is ambiguous (2 matches");
  }

  @Test
  void anEndpointHasAnAddressAMacMadeOfItAndNames() {
    Endpoint endpoint =
        new Endpoint(
            "00" + "a".repeat(62),
            id('a'),
            BAY.id(),
            settings("", "harbour"),
            PREFIX + "00aaaaa",
            "eth0",
            "02:42:0a:02:00:02",
            Optional.of(IpPrefix.parse("10.2.0.2/16")),
            Optional.of(IpPrefix.parse("fd00:2::2/64")),
            List.of("ship-a", "harbour", "aaaaaaaaaaaa", "host-a"),
            true);
    starting(ALL, 'a')
        .when(
            attach(
                NetworkSamples.attach(
                    'a', Map.of("bay", settings("", "harbour")), Networking.NONE)))
        .thenEvents(subject(BAY.id()), new Attached(endpoint))
        .thenReply(new Attachment(List.of(new Link(BAY, endpoint)), List.of(), Optional.empty()));
  }

  @Test
  void onThePredefinedBridgeThereAreNoNamesAndNoAddressIsChosen() {
    Scenario scenario = starting(ALL, 'a');
    assertThat(first(scenario.when(attach(NetworkSamples.attach('a', "bridge"))), 'a').names())
        .isEmpty();
    scenario
        .when(
            attach(
                NetworkSamples.attach(
                    'a', Map.of("bridge", settings("172.17.0.9")), Networking.NONE)))
        .thenRejected(
            Kind.INVALID_ARGUMENT,
            "user specified IP address is supported on user defined networks only");
    scenario
        .when(
            attach(
                NetworkSamples.attach(
                    'a', Map.of("bridge", settings("", "harbour")), Networking.NONE)))
        .thenRejected(
            Kind.INVALID_ARGUMENT,
            "network-scoped aliases are only supported for user-defined networks");
  }

  private static Scenario.Outcome<Attachment> asking(String address) {
    return starting(attached('a', "sea"), 'b')
        .when(
            attach(NetworkSamples.attach('b', Map.of("sea", settings(address)), Networking.NONE)));
  }

  @Test
  void anAddressIsGivenOnce() {
    assertThat(first(asking("10.1.0.77"), 'b').ipv4()).contains(IpPrefix.parse("10.1.0.77/16"));
    for (String taken : List.of("10.1.0.2", "10.1.0.1", "10.1.0.0", "10.1.255.255")) {
      asking(taken).thenRejected(Kind.PERMISSION_DENIED, "Address already in use");
    }
    asking("10.2.0.9")
        .thenRejected(
            Kind.INVALID_ARGUMENT,
            "Invalid address 10.2.0.9: It does not belong to any of this network's subnets");
  }

  @Test
  void theWayOutIsTheFirstNetworkThatHasOne() {
    assertThat(gateways('a', Map.of("lake", prior(0), "sea", prior(0), "bay", prior(0))))
        .containsExactly("bay eth0", "lake eth1", "sea eth2", "way out bay");
    assertThat(gateways('a', Map.of("lake", prior(9), "sea", prior(1), "bay", prior(0))))
        .containsExactly("lake eth0", "sea eth1", "bay eth2", "way out sea");
    assertThat(gateways('a', Map.of("lake", prior(0)))).containsExactly("lake eth0");
  }

  private static List<String> gateways(char digit, Map<String, EndpointSettings> wanted) {
    List<String> found = new ArrayList<>();
    starting(ALL, digit)
        .when(attach(NetworkSamples.attach(digit, wanted, Networking.NONE)))
        .thenState(
            view -> {
              for (Endpoint endpoint : NetworkIndex.of(view, id(digit))) {
                found.add(
                    NetworkIndex.resolve(view, endpoint.network()).name()
                        + " "
                        + endpoint.containerLink());
              }
              NetworkIndex.of(view, id(digit)).stream()
                  .filter(Endpoint::gateway)
                  .forEach(
                      way ->
                          found.add("way out " + NetworkIndex.resolve(view, way.network()).name()));
            });
    return found;
  }

  @Test
  void onlyAContainerThatIsAboutToRunIsAttached() {
    ALL.when(attach(NetworkSamples.attach('a', "sea")))
        .thenRejected(Kind.FAILED_PRECONDITION, "is gone");
    started(starting(ALL, 'a'), 'a')
        .when(attach(NetworkSamples.attach('a', "sea")))
        .thenRejected(Kind.FAILED_PRECONDITION, "is RUNNING");
  }

  @Test
  void theNextRunHasTheSameAddressesAndPorts() {
    AttachRequest request =
        NetworkSamples.attach('a', Map.of("sea", prior(0)), publishing(false, "||80/tcp"));
    Scenario before = starting(ALL, 'a').given(attach(request));
    // Somebody else has taken the next ones meanwhile.
    Scenario after =
        starting(before, 'b')
            .given(
                attach(
                    NetworkSamples.attach(
                        'b', Map.of("sea", prior(0)), publishing(false, "||80/tcp"))));
    after.when(attach(request)).thenNothing();
  }

  @Test
  void whatTheNextRunDoesNotWantIsDropped() {
    Networking ports = publishing(false, "127.0.0.1|80|80/tcp");
    AttachRequest first = NetworkSamples.attach('a', Map.of("bay", prior(0)), ports);
    AttachRequest second = NetworkSamples.attach('a', Map.of("sea", prior(0)), ports);
    starting(ALL, 'a')
        .given(attach(first))
        .when(attach(second))
        .thenState(
            view -> {
              assertThat(NetworkIndex.of(view, id('a')))
                  .extracting(Endpoint::network)
                  .containsExactly(SEA.id());
              assertThat(NetworkDecider.links(view, id('a')).ports().orElseThrow().network())
                  .isEqualTo(SEA.id());
              assertThat(view.list(ADDRESSES)).hasSize(1);
              assertThat(view.list(HOST_PORTS))
                  .extracting(row -> row.id())
                  .containsExactly("tcp/80/127.0.0.1");
            });
  }

  @Test
  void whatTheNextRunKeepsFitsWhatIsNew() {
    attached('a', "lake", "sea")
        .when(attach(NetworkSamples.attach('a', "bay", "lake", "sea")))
        .thenState(
            view -> {
              assertThat(NetworkIndex.of(view, id('a')))
                  .extracting(Endpoint::network)
                  .containsExactly(LAKE.id(), SEA.id(), BAY.id());
              assertThat(NetworkIndex.of(view, id('a')))
                  .filteredOn(Endpoint::gateway)
                  .extracting(Endpoint::network)
                  .containsExactly(BAY.id());
            });
  }

  @Test
  void portsArePublishedThroughTheWayOutOnly() {
    starting(ALL, 'a')
        .when(
            attach(
                NetworkSamples.attach(
                    'a', Map.of("lake", prior(0)), publishing(false, "|80|80/tcp"))))
        .thenState(view -> assertThat(view.list(HOST_PORTS)).isEmpty());
  }

  @Test
  void aPortThatIsTakenIsRefusedWithTheEndpointThatWantedIt() {
    Networking ports = publishing(false, "|8080|80/tcp");
    Scenario taken =
        starting(ALL, 'a', 'b')
            .given(attach(NetworkSamples.attach('a', Map.of("sea", prior(0)), ports)));
    taken
        .when(attach(NetworkSamples.attach('b', Map.of("bay", prior(0)), ports)))
        .thenRejected(
            Kind.INTERNAL,
            "driver failed programming external connectivity on endpoint ship-b (00"
                + "b".repeat(62)
                + "): Bind for 0.0.0.0:8080 failed: port is already allocated");
  }

  @Test
  void aRunningContainerIsPluggedIntoOneMoreNetwork() {
    Scenario running = started(attached('a', "sea"), 'a');
    running
        .when(plug('a', "bay", settings("10.2.0.9", "harbour")))
        .thenState(
            view -> {
              Endpoint added = NetworkIndex.of(view, id('a')).get(1);
              assertThat(added.network()).isEqualTo(BAY.id());
              assertThat(added.containerLink()).isEqualTo("eth1");
              assertThat(added.ipv4()).contains(IpPrefix.parse("10.2.0.9/16"));
              assertThat(added.gateway()).isFalse();
            });
    running
        .when(plug('a', "sea", EndpointSettings.NONE))
        .thenRejected(
            Kind.PERMISSION_DENIED, "endpoint with name ship-a already exists in network sea");
    attached('b', "sea")
        .when(plug('b', "bay", EndpointSettings.NONE))
        .thenRejected(Kind.FAILED_PRECONDITION, "is STARTING");
  }

  @Test
  void aContainerWithoutAWayOutGetsOneWithItsNextNetwork() {
    Scenario running = started(attached('a', "lake"), 'a');
    running
        .when(plug('a', "sea", EndpointSettings.NONE))
        .thenState(
            view ->
                assertThat(NetworkIndex.of(view, id('a')))
                    .filteredOn(Endpoint::gateway)
                    .extracting(Endpoint::network)
                    .containsExactly(SEA.id()));
  }

  @Test
  void theNameOfAFreedLinkIsGivenAgain() {
    started(attached('a', "bay", "lake", "sea"), 'a')
        .given(view -> NetworkDecider.unplugged(view, TRAITS, id('a'), LAKE.id()))
        .when(plug('a', "bridge", EndpointSettings.NONE))
        .thenState(
            view ->
                assertThat(NetworkIndex.of(view, id('a')))
                    .extracting(Endpoint::containerLink)
                    .containsExactly("eth0", "eth1", "eth2"));
  }

  @Test
  void theWayOutAndThePortsGoToTheNextNetwork() {
    List<PortBinding> bindings = List.of(new PortBinding("tcp", 80, ip("127.0.0.1"), 8080));
    Scenario running =
        started(
            starting(ALL, 'a')
                .given(
                    attach(
                        NetworkSamples.attach(
                            'a',
                            Map.of("bay", prior(0), "lake", prior(0), "sea", prior(0)),
                            publishing(false, "127.0.0.1|8080|80/tcp")))),
            'a');
    running
        .when(view -> NetworkDecider.unplugged(view, TRAITS, id('a'), BAY.id()))
        .thenEvents(
            new Emission(subject(BAY.id()), new Unpublished(id('a'))),
            new Emission(subject(BAY.id()), new Detached(id('a'))),
            new Emission(subject(SEA.id()), new Rerouted(id('a'), true)),
            new Emission(subject(SEA.id()), new Published(id('a'), bindings)));
    running
        .when(view -> NetworkDecider.unplugged(view, TRAITS, id('a'), LAKE.id()))
        .thenEvents(subject(LAKE.id()), new Detached(id('a')))
        .thenReply(Optional.empty());
    running
        .when(view -> NetworkDecider.unplugged(view, TRAITS, id('a'), BRIDGE.id()))
        .thenNothing()
        .thenReply(Optional.empty());
  }

  @Test
  void withoutAnotherWayOutThePortsAreFree() {
    started(
            starting(ALL, 'a')
                .given(
                    attach(
                        NetworkSamples.attach(
                            'a',
                            Map.of("lake", prior(0), "sea", prior(0)),
                            publishing(false, "127.0.0.1|8080|80/tcp")))),
            'a')
        .when(view -> NetworkDecider.unplugged(view, TRAITS, id('a'), SEA.id()))
        .thenEvents(subject(SEA.id()), new Unpublished(id('a')), new Detached(id('a')))
        .thenReply(Optional.empty());
  }

  @Test
  void noPortsAreReservedWhereNoneLeadToTheContainer() {
    Networking ports = publishing(true, "|8080|80/tcp");
    starting(ALL, 'a')
        .when(attach(NetworkSamples.attach('a', Map.of("coast", prior(0)), ports)))
        .thenState(
            view -> {
              assertThat(view.list(HOST_PORTS)).isEmpty();
              assertThat(NetworkIndex.of(view, id('a')))
                  .extracting(Endpoint::gateway)
                  .containsExactly(true);
            });
    // The way out goes on to such a network, the ports do not.
    started(
            starting(ALL, 'a')
                .given(
                    attach(
                        NetworkSamples.attach(
                            'a', Map.of("coast", prior(0), "sea", prior(1)), ports))),
            'a')
        .when(view -> NetworkDecider.unplugged(view, TRAITS, id('a'), SEA.id()))
        .thenEvents(
            new Emission(subject(SEA.id()), new Unpublished(id('a'))),
            new Emission(subject(SEA.id()), new Detached(id('a'))),
            new Emission(subject(COAST.id()), new Rerouted(id('a'), true)));
  }

  private static void theWayOutIsThrough(Network expected, String... networks) {
    starting(ALL, 'a')
        .when(attach(NetworkSamples.attach('a', networks)))
        .thenState(
            view ->
                assertThat(NetworkIndex.of(view, id('a')))
                    .filteredOn(Endpoint::gateway)
                    .extracting(Endpoint::network)
                    .containsExactly(expected.id()));
  }

  @Test
  void theWayOutIsThroughAGatewayOrOntoALinkAsTheDriverSays() {
    theWayOutIsThrough(RIVER, "pool", "river");
    theWayOutIsThrough(SEA, "pool", "sea");
    theWayOutIsThrough(RIVER, "river", "sea");
    starting(ALL, 'a')
        .when(attach(NetworkSamples.attach('a', "pool", "lake")))
        .thenState(view -> assertThat(NetworkIndex.of(view, id('a'))).noneMatch(Endpoint::gateway));
  }

  @Test
  void aRangeHasAGatewayWhereTheDriverWantsOneOrTheClient() {
    ALL.when(create(request("port", pool("10.9.0.0/24")), ROUTED, HostRanges.NONE))
        .thenState(
            view ->
                assertThat(NetworkIndex.resolve(view, "port").pools())
                    .containsExactly(made("10.9.0.0/24", "10.9.0.1").withoutGateway()));
    PoolRequest asked =
        new PoolRequest(
            Optional.of(IpPrefix.parse("10.9.0.0/24")),
            Optional.empty(),
            Optional.of(ip("10.9.0.7")),
            Map.of());
    ALL.when(create(request("port", asked), ALONE, HostRanges.NONE))
        .thenState(
            view ->
                assertThat(NetworkIndex.resolve(view, "port").pools())
                    .containsExactly(made("10.9.0.0/24", "10.9.0.7")));
  }

  @Test
  void aRangeOfTheHostIsSharedWhereTheContainersAreOnTheHostsNetwork() {
    HostRanges lan =
        new HostRanges(
            Map.of(IpPrefix.parse("10.9.0.0/24"), "eth0", IpPrefix.parse("172.18.0.0/16"), "eth1"));
    NetworkRequest asked = request("port", pool("10.9.0.0/24"));
    ALL.when(create(asked, ON_THE_HOSTS_NETWORK, lan))
        .thenState(
            view ->
                assertThat(NetworkIndex.resolve(view, "port").pools())
                    .containsExactly(made("10.9.0.0/24", "10.9.0.1")));
    ALL.when(create(asked, NetworkTraits.BRIDGE, lan)).thenRejected(Kind.PERMISSION_DENIED);
    // One that nobody has asked for is the host's by chance.
    ALL.when(create(request("port"), ON_THE_HOSTS_NETWORK, lan))
        .thenState(
            view ->
                assertThat(NetworkIndex.resolve(view, "port").pools())
                    .containsExactly(made("172.19.0.0/16", "172.19.0.1")));
  }

  @Test
  void whereLinksHaveNoHardwareAddressNoneIsGiven() {
    starting(ALL, 'a')
        .when(attach(NetworkSamples.attach('a', "river")))
        .thenState(
            view ->
                assertThat(NetworkIndex.of(view, id('a')))
                    .extracting(Endpoint::mac)
                    .containsExactly(""));
    EndpointSettings mac =
        new EndpointSettings(
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.of("02:00:00:00:00:07"),
            Map.of(),
            0);
    starting(ALL, 'a')
        .when(attach(NetworkSamples.attach('a', Map.of("river", mac), Networking.NONE)))
        .thenRejected(
            Kind.INVALID_ARGUMENT, "interfaces do not support custom mac address assignment");
  }

  @Test
  void aDetachedContainerHasNothing() {
    starting(ALL, 'a')
        .given(
            attach(
                NetworkSamples.attach(
                    'a',
                    Map.of("bay", prior(0), "sea", prior(0)),
                    publishing(true, "|8080|80/tcp"))))
        .when(view -> NetworkDecider.detached(view, id('a')))
        .thenState(
            view -> {
              assertThat(view.list(ADDRESSES)).isEmpty();
              assertThat(view.list(HOST_PORTS)).isEmpty();
              assertThat(NetworkIndex.of(view, id('a'))).isEmpty();
            });
    ALL.when(view -> NetworkDecider.detached(view, id('a'))).thenNothing();
  }

  @Test
  void portsAtWhichSomebodyElseListensAreLeftForOthers() {
    AttachRequest request =
        NetworkSamples.attach('a', Map.of("sea", prior(0)), publishing(false, "127.0.0.1||80/tcp"));
    HostPorts.Host busy = HOST.with(new HostPorts.Busy("tcp", 32768));
    starting(ALL, 'a')
        .given(attach(request))
        .when(view -> NetworkDecider.republish(view, request, busy))
        .thenEvents(
            subject(SEA.id()),
            new Unpublished(id('a')),
            new Published(id('a'), List.of(new PortBinding("tcp", 80, ip("127.0.0.1"), 32769))));
  }

  @Test
  void aCustomMacIsOfTheFirstEndpointAlone() {
    Networking mac =
        new Networking(
            Map.of(),
            List.of(),
            false,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.of("02:00:00:00:00:07"));
    starting(ALL, 'a')
        .when(attach(NetworkSamples.attach('a', Map.of("bay", prior(0), "sea", prior(0)), mac)))
        .thenState(
            view ->
                assertThat(NetworkIndex.of(view, id('a')))
                    .extracting(Endpoint::mac)
                    .containsExactly("02:00:00:00:00:07", "02:42:0a:01:00:02"));
  }
}
