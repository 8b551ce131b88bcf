package dev.taffrail.network;

import static dev.taffrail.testkit.Samples.NOON;
import static dev.taffrail.testkit.Samples.id;

import com.fasterxml.jackson.databind.node.MissingNode;
import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.NetworkRequest.PoolRequest;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortRequest;
import dev.taffrail.testkit.Samples;
import dev.taffrail.testkit.Scenario;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Networks, and containers that want to be on them. */
final class NetworkSamples {
  static final DefaultPools POOLS = DefaultPools.of(MissingNode.getInstance(), "a log");
  static final HostPorts.Host HOST = new HostPorts.Host(true, 32768, 32771, Set.of());
  static final String PREFIX = "tf0000";

  private NetworkSamples() {}

  /** A container of one character. */
  static String container(char digit) {
    return id(digit);
  }

  static PoolRequest pool(String subnet) {
    return new PoolRequest(
        Optional.of(IpPrefix.parse(subnet)), Optional.empty(), Optional.empty(), Map.of());
  }

  static AddressPool made(String subnet, String gateway) {
    return new AddressPool(
        IpPrefix.parse(subnet), Optional.empty(), Optional.of(ip(gateway)), Map.of());
  }

  static NetworkRequest request(String name, PoolRequest... pools) {
    boolean ipv6 =
        Arrays.stream(pools).anyMatch(pool -> pool.subnet().map(IpPrefix::isV6).orElse(false));
    return new NetworkRequest(
        name,
        "",
        false,
        false,
        true,
        ipv6,
        "",
        Map.of(),
        List.of(pools),
        Map.of(),
        Map.of("ship", "argo"));
  }

  static Network network(char digit, String name, boolean internal, AddressPool... pools) {
    return new Network(
        id(digit),
        name,
        "bridge",
        NOON,
        internal,
        false,
        true,
        Arrays.stream(pools).anyMatch(pool -> pool.subnet().isV6()),
        List.of(pools),
        Map.of(),
        "default",
        Map.of(),
        Map.of());
  }

  static InetAddress ip(String text) {
    return IpText.parse(text);
  }

  /** These networks are there. */
  static Scenario with(Network... networks) {
    Scenario scenario = Scenario.of(NetworkEvent.FAMILY, ContainerEvent.FAMILY);
    for (Network network : networks) {
      scenario =
          scenario.given(NetworkEvent.subject(network.id()), new NetworkEvent.Created(network));
    }
    return scenario;
  }

  /** So is a container that is about to run. */
  static Scenario starting(Scenario scenario, char... digits) {
    Scenario next = scenario;
    for (char digit : digits) {
      next =
          next.given(
              ContainerEvent.subject(id(digit)),
              new ContainerEvent.Created(name(digit), Samples.specification(id(digit))),
              new ContainerEvent.TaskStarting(1));
    }
    return next;
  }

  /** And now it runs. */
  static Scenario started(Scenario scenario, char digit) {
    return scenario.given(
        ContainerEvent.subject(id(digit)), new ContainerEvent.TaskStarted(Samples.TASK, NOON));
  }

  static String name(char digit) {
    return "ship-" + digit;
  }

  static AttachRequest attach(char digit, String... networks) {
    return attach(
        digit,
        Arrays.stream(networks).collect(Collectors.toMap(each -> each, NetworkSamples::none)),
        Networking.NONE);
  }

  private static EndpointSettings none(String network) {
    return EndpointSettings.NONE;
  }

  static AttachRequest attach(
      char digit, Map<String, EndpointSettings> endpoints, Networking networking) {
    return new AttachRequest(
        id(digit),
        name(digit),
        "host-" + digit,
        Optional.empty(),
        false,
        new TreeMap<>(endpoints),
        List.of("80/tcp", "53/udp"),
        networking);
  }

  /** {@code -p} as {@code address|host port|container port}; {@code -P}. */
  static Networking publishing(boolean all, String... ports) {
    return new Networking(
        Map.of(),
        Arrays.stream(ports)
            .map(text -> text.split("\\|", -1))
            .map(parts -> new PortRequest(parts[2], parts[0], parts[1]))
            .toList(),
        all,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  static EndpointSettings settings(String ipv4, String... aliases) {
    return new EndpointSettings(
        List.of(aliases),
        List.of(),
        Optional.of(ipv4).filter(text -> !text.isEmpty()).map(IpText::parse),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Map.of(),
        0);
  }

  static EndpointSettings prior(int priority) {
    return new EndpointSettings(
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Map.of(),
        priority);
  }

  /** Always the same, since a test decides twice. */
  static Supplier<String> ids(char digit) {
    return () -> id(digit);
  }
}
