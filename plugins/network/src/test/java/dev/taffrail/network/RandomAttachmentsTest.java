package dev.taffrail.network;

import static dev.taffrail.core.network.NetworkEvent.ADDRESSES;
import static dev.taffrail.core.network.NetworkEvent.ENDPOINTS;
import static dev.taffrail.core.network.NetworkEvent.HOST_PORTS;
import static dev.taffrail.core.network.NetworkEvent.PORTS;
import static dev.taffrail.network.NetworkSamples.PREFIX;
import static dev.taffrail.network.NetworkSamples.made;
import static dev.taffrail.network.NetworkSamples.network;
import static dev.taffrail.network.NetworkSamples.starting;
import static dev.taffrail.network.NetworkSamples.with;
import static dev.taffrail.testkit.Samples.EXIT;
import static dev.taffrail.testkit.Samples.TASK;
import static dev.taffrail.testkit.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerEvent.Learnt;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.testkit.Samples;
import dev.taffrail.testkit.Scenario;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Containers attached, plugged, unplugged, published, started and ended in any order: no address
 * and no host port is ever somebody else's as well, what is reserved is what is used, and in the
 * end everything is free.
 */
class RandomAttachmentsTest {
  private static final int STEPS = 400;
  private static final String SHIPS = "abcdef";
  // So small that addresses and ports are often asked for twice, or all taken.
  private static final List<Network> NETWORKS =
      List.of(
          network('1', "sea", false, made("10.1.0.0/29", "10.1.0.1")),
          network(
              '2', "bay", false, made("10.2.0.0/30", "10.2.0.1"), made("fd00::/125", "fd00::1")),
          network('3', "lake", true, made("10.3.0.0/29", "10.3.0.1")));
  private static final HostPorts.Host HOST = new HostPorts.Host(true, 8000, 8004, Set.of());

  static long[] seeds() {
    long given = Long.getLong("taffrail.seed", 0);
    return given != 0 ? new long[] {given} : new long[] {1, 2, 3, System.nanoTime()};
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void nothingIsGivenTwiceAndEverythingIsReleased(long seed) {
    Random random = new Random(seed);
    Scenario scenario = with(NETWORKS.toArray(Network[]::new));
    int accepted = 0;
    for (int step = 0; step < STEPS; step++) {
      char ship = SHIPS.charAt(random.nextInt(SHIPS.length()));
      Optional<Scenario> next = step(scenario, ship, random);
      accepted += next.isPresent() ? 1 : 0;
      scenario = next.orElse(scenario);
      check(scenario.state(), "seed " + seed + ", step " + step);
    }
    assertThat(accepted).as("seed %s: steps that were accepted", seed).isGreaterThan(STEPS / 4);
    for (int i = 0; i < SHIPS.length(); i++) {
      char ship = SHIPS.charAt(i);
      scenario = scenario.given(view -> NetworkDecider.detached(view, id(ship)));
    }
    StateView end = scenario.state();
    assertThat(end.list(ENDPOINTS)).as("seed %s", seed).isEmpty();
    assertThat(end.list(ADDRESSES)).as("seed %s", seed).isEmpty();
    assertThat(end.list(PORTS)).as("seed %s", seed).isEmpty();
    assertThat(end.list(HOST_PORTS)).as("seed %s", seed).isEmpty();
  }

  private static Optional<Scenario> step(Scenario scenario, char ship, Random random) {
    Optional<ContainerStatus> status = scenario.state().find(ContainerEvent.CONTAINERS, id(ship));
    if (status.isEmpty()) {
      return Optional.of(starting(scenario, ship));
    }
    Network network = NETWORKS.get(random.nextInt(NETWORKS.size()));
    switch (status.get().phase()) {
      case STARTING -> {
        if (random.nextInt(3) == 0) {
          return Optional.of(
              scenario.given(
                  ContainerEvent.subject(id(ship)),
                  new ContainerEvent.TaskStarted(TASK, Samples.NOON)));
        }
        AttachRequest request = request(ship, random);
        long choice = random.nextLong();
        HostPorts.Host host =
            random.nextBoolean() ? HOST : HOST.with(new HostPorts.Busy("tcp", 8000));
        return decided(
            scenario,
            view ->
                NetworkDecider.attach(
                    view, request, new Traits(), new Numbered(choice)::next, PREFIX, host));
      }
      case RUNNING -> {
        if (random.nextInt(4) == 0) {
          return Optional.of(
              scenario.given(
                  ContainerEvent.subject(id(ship)),
                  new ContainerEvent.TaskExited(EXIT, Learnt.LIVE, Optional.empty())));
        }
        EndpointSettings settings = settings(network, random);
        String id = new Numbered(random.nextLong()).next();
        return random.nextBoolean()
            ? decided(
                scenario,
                view ->
                    NetworkDecider.plug(
                        view,
                        NetworkSamples.attach(ship),
                        new Traits(),
                        network.name(),
                        settings,
                        id,
                        PREFIX))
            : decided(
                scenario,
                view -> NetworkDecider.unplugged(view, new Traits(), id(ship), network.id()));
      }
      default -> {
        // An ended container is detached, or starts again with what it has.
        return random.nextBoolean()
            ? decided(scenario, view -> NetworkDecider.detached(view, id(ship)))
            : Optional.of(
                scenario.given(
                    ContainerEvent.subject(id(ship)), new ContainerEvent.TaskStarting(1)));
      }
    }
  }

  /** Empty when it was rejected; another exception than a rejection ends the test. */
  private static <R> Optional<Scenario> decided(Scenario scenario, Decider<R> decider) {
    try {
      return Optional.of(scenario.given(decider));
    } catch (RuntimeFailure rejection) {
      return Optional.empty();
    }
  }

  private static AttachRequest request(char ship, Random random) {
    Map<String, EndpointSettings> endpoints = new HashMap<>();
    for (Network network : NETWORKS) {
      if (random.nextBoolean()) {
        endpoints.put(network.name(), settings(network, random));
      }
    }
    List<String> ports = new ArrayList<>();
    String[] addresses = {"", "127.0.0.1", "::1"};
    String[] numbers = {"", "8001", "8000-8002"};
    for (int i = random.nextInt(3); i > 0; i--) {
      ports.add(addresses[random.nextInt(3)] + "|" + numbers[random.nextInt(3)] + "|" + i + "/tcp");
    }
    Networking networking =
        NetworkSamples.publishing(random.nextBoolean(), ports.toArray(String[]::new));
    return NetworkSamples.attach(ship, endpoints, networking);
  }

  private static EndpointSettings settings(Network network, Random random) {
    IpPrefix subnet = network.pools().get(0).subnet();
    return random.nextInt(3) > 0
        ? EndpointSettings.NONE
        : NetworkSamples.settings(IpText.of(subnet.at(random.nextInt(subnet.size().intValue()))));
  }

  private static void check(StateView view, String when) {
    Set<String> addresses = new HashSet<>();
    Map<String, Set<String>> links = new HashMap<>();
    Map<String, Integer> waysOut = new HashMap<>();
    view.list(ENDPOINTS)
        .forEach(
            row -> {
              Endpoint endpoint = row.value();
              Network network = NetworkIndex.resolve(view, endpoint.network());
              for (boolean v6 : new boolean[] {false, true}) {
                Optional<InetAddress> address = endpoint.address(v6);
                assertThat(address.isPresent()).as(when).isEqualTo(network.pool(v6).isPresent());
                address.ifPresent(
                    given -> {
                      assertThat(network.pool(v6).orElseThrow().subnet().contains(given))
                          .as(when)
                          .isTrue();
                      assertThat(network.pool(v6).orElseThrow().gateway())
                          .as(when)
                          .isNotEqualTo(address);
                      assertThat(addresses.add(NetworkEvent.addressKey(network.id(), given)))
                          .as("%s: %s of one endpoint alone", when, given)
                          .isTrue();
                    });
              }
              assertThat(
                      links
                          .computeIfAbsent(endpoint.container(), none -> new HashSet<>())
                          .add(endpoint.containerLink()))
                  .as("%s: %s once in its container", when, endpoint)
                  .isTrue();
              waysOut.merge(endpoint.container(), endpoint.gateway() ? 1 : 0, Integer::sum);
            });
    assertThat(waysOut.values()).as(when).allMatch(count -> count <= 1);
    assertThat(view.list(ADDRESSES))
        .as(when)
        .extracting(row -> row.id())
        .containsExactlyInAnyOrderElementsOf(addresses);
    List<PortBinding> bindings = new ArrayList<>();
    view.list(PORTS)
        .forEach(
            row -> {
              Optional<Endpoint> endpoint =
                  view.find(ENDPOINTS, Endpoint.key(row.id(), row.value().network()));
              assertThat(endpoint).as("%s: published by an endpoint", when).isPresent();
              assertThat(endpoint.orElseThrow().gateway()).as(when).isTrue();
              bindings.addAll(row.value().bindings());
            });
    for (PortBinding one : bindings) {
      assertThat(bindings).as(when).filteredOn(other -> clash(one, other)).containsExactly(one);
    }
    assertThat(view.list(HOST_PORTS)).as(when).hasSize(bindings.size());
  }

  private static boolean clash(PortBinding one, PortBinding other) {
    boolean sameFamily =
        one.hostAddress().getAddress().length == other.hostAddress().getAddress().length;
    boolean sameAddress =
        one.hostAddress().equals(other.hostAddress())
            || one.hostAddress().isAnyLocalAddress()
            || other.hostAddress().isAnyLocalAddress();
    return one.hostPort() == other.hostPort()
        && one.protocol().equals(other.protocol())
        && sameFamily
        && sameAddress;
  }

  /** Ids from a seed. */
  private static final class Numbered {
    private final Random random;

    Numbered(long seed) {
      this.random = new Random(seed);
    }

    String next() {
      StringBuilder id = new StringBuilder();
      for (int i = 0; i < 64; i++) {
        id.append(Character.forDigit(random.nextInt(16), 16));
      }
      return id.toString();
    }
  }
}
