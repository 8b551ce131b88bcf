package dev.taffrail.network;

import static dev.taffrail.core.network.NetworkEvent.ENDPOINTS;
import static dev.taffrail.core.network.NetworkEvent.NAMES;
import static dev.taffrail.core.network.NetworkEvent.NETWORKS;
import static dev.taffrail.core.network.NetworkEvent.PORTS;
import static dev.taffrail.core.network.NetworkEvent.subject;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.NetworkRequest.PoolRequest;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.network.PublishedPorts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Decides every command about networks; refusals are in Docker Engine's words. */
final class NetworkDecider {
  private static final String HOST_BINDING = "com.docker.network.bridge.host_binding_ipv4";
  private static final int SHORT_ID = 12;

  private NetworkDecider() {}

  /**
   * An endpoint and its network.
   *
   * @param endpoint with the addresses of its lease, if there is one
   */
  record Link(Network network, Endpoint endpoint, Optional<Lease> lease) {
    /** One whose addresses are reserved, or not known yet. */
    Link(Network network, Endpoint endpoint) {
      this(network, endpoint, Optional.empty());
    }

    /** The same with what its driver has given it. */
    Link with(Optional<Lease> given) {
      return new Link(network, endpoint.with(given), given);
    }
  }

  /**
   * The links of a container that is about to run.
   *
   * @param dropped links of an earlier run that it does not want any more
   * @param ports published through the endpoint that is the way out
   */
  record Attachment(List<Link> links, List<Link> dropped, Optional<PublishedPorts> ports) {}

  /**
   * A network to be.
   *
   * @param traits its own
   * @param predefined whether the daemon makes it for itself
   */
  static Decision<Network> create(
      StateView view,
      String id,
      NetworkRequest request,
      NetworkTraits traits,
      Instant now,
      DefaultPools defaults,
      HostRanges host,
      boolean predefined) {
    if (!predefined && NetworkNames.isPredefined(request.name())) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "operation is not permitted on predefined " + request.name() + " network");
    }
    CreationRules.check(request);
    if (view.find(NAMES, request.name()).isPresent()) {
      throw new RuntimeFailure(
          Kind.ALREADY_EXISTS, "network with name " + request.name() + " already exists");
    }
    List<AddressPool> pools =
        traits.ownRanges().isPresent()
            ? ownPools(view, request, traits.ownRanges().get())
            : pools(view, request, traits, defaults, host);
    Network network =
        new Network(
            id,
            request.name(),
            request.driver().isEmpty() ? NetworkNames.BRIDGE : request.driver(),
            now,
            request.internal(),
            request.attachable(),
            request.ipv4(),
            request.ipv6() || pools.stream().anyMatch(pool -> pool.subnet().isV6()),
            pools,
            request.options(),
            // A driver with addresses of its own is the IPAM driver as well.
            traits.ownRanges().isPresent() ? request.driver() : CreationRules.IPAM_DRIVER,
            request.ipamOptions(),
            request.labels());
    return Decision.of(subject(id), new NetworkEvent.Created(network)).reply(network);
  }

  private static List<AddressPool> pools(
      StateView view,
      NetworkRequest request,
      NetworkTraits traits,
      DefaultPools defaults,
      HostRanges host) {
    List<IpPrefix> taken = new ArrayList<>(Ipam.subnets(NetworkIndex.all(view)));
    List<AddressPool> pools = new ArrayList<>();
    for (boolean v6 : new boolean[] {false, true}) {
      if (v6 ? request.ipv6() : request.ipv4()) {
        for (PoolRequest pool : requests(request, v6)) {
          boolean shared = traits.sharesRanges() && pool.subnet().isPresent();
          AddressPool found = Ipam.pool(pool, v6, defaults, taken, shared ? HostRanges.NONE : host);
          taken.add(found.subnet());
          pools.add(
              traits.gateway() || pool.gateway().isPresent() ? found : found.withoutGateway());
        }
      }
    }
    return pools;
  }

  /** The host may be in these ranges, and other networks of such drivers. */
  private static List<AddressPool> ownPools(
      StateView view, NetworkRequest request, List<AddressPool> pools) {
    if (!request.pools().isEmpty()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "the driver "
              + request.driver()
              + " gives addresses of its own: no subnet, range or gateway can be chosen");
    }
    List<Network> others =
        NetworkIndex.all(view).stream()
            .filter(other -> !other.ipamDriver().equals(other.driver()))
            .toList();
    pools.forEach(pool -> Ipam.refuseOverlap(pool.subnet(), Ipam.subnets(others)));
    return pools;
  }

  private static List<PoolRequest> requests(NetworkRequest request, boolean v6) {
    List<PoolRequest> own =
        request.pools().stream()
            .filter(pool -> pool.subnet().map(IpPrefix::isV6).orElse(false) == v6)
            .toList();
    return own.isEmpty()
        ? List.of(new PoolRequest(Optional.empty(), Optional.empty(), Optional.empty(), Map.of()))
        : own;
  }

  /** PERMISSION_DENIED while containers are on it. */
  static Decision<Network> remove(StateView view, String name) {
    Network network = NetworkIndex.resolve(view, name);
    if (network.isPredefined()) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          network.name() + " is a pre-defined network and cannot be removed");
    }
    List<Endpoint> endpoints = NetworkIndex.on(view, network.id());
    if (!endpoints.isEmpty()) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "error while removing network: network "
              + network.name()
              + " has active endpoints"
              + names(view, endpoints));
    }
    return Decision.of(subject(network.id()), new NetworkEvent.Removed()).reply(network);
  }

  /** A network that could not be made, or the default bridge that is to be another. */
  static Decision<Void> dropped(StateView view, String id) {
    return view.find(NETWORKS, id).isPresent()
        ? Decision.of(subject(id), new NetworkEvent.Removed())
        : Decision.none(null);
  }

  private static String names(StateView view, List<Endpoint> endpoints) {
    StringBuilder text = new StringBuilder(" (");
    for (Endpoint endpoint : endpoints) {
      String name =
          view.find(ContainerEvent.CONTAINERS, endpoint.container())
              .map(ContainerStatus::name)
              .orElse(endpoint.container());
      text.append(text.length() > 2 ? ", " : "")
          .append("name:\"")
          .append(name)
          .append("\" id:\"")
          .append(endpoint.id(), 0, SHORT_ID)
          .append('"');
    }
    return text.append(')').toString();
  }

  /** Addresses and ports for a container that is about to run. */
  static Decision<Attachment> attach(
      StateView view,
      AttachRequest request,
      Traits traits,
      Supplier<String> ids,
      String linkPrefix,
      HostPorts.Host host) {
    String container = request.container();
    requirePhase(view, container, Phase.STARTING);
    Map<String, EndpointSettings> wanted = wanted(view, request);
    List<Network> networks =
        wanted.keySet().stream()
            .map(id -> NetworkIndex.resolve(view, id))
            .sorted(
                Comparator.comparingInt((Network each) -> -wanted.get(each.id()).gatewayPriority())
                    .thenComparing(Network::name))
            .toList();
    Optional<Network> gateway = networks.stream().filter(traits::leadsOut).findFirst();
    Decision<Void> decision = new Decision<>(List.of(), null);
    List<Link> dropped = new ArrayList<>();
    Map<String, Endpoint> before = new HashMap<>();
    for (Endpoint endpoint : NetworkIndex.of(view, container)) {
      Network on = NetworkIndex.resolve(view, endpoint.network());
      // What a driver has given cannot be kept for it.
      boolean same =
          traits.of(on).ownRanges().isEmpty()
              && wanted.containsKey(endpoint.network())
              && wanted.get(endpoint.network()).equals(endpoint.settings());
      if (same) {
        before.put(endpoint.network(), endpoint);
      } else {
        dropped.add(new Link(on, endpoint));
        decision = decision.and(subject(endpoint.network()), new NetworkEvent.Detached(container));
      }
    }
    List<Link> links = new ArrayList<>();
    Set<String> linkNames = linkNames(before.values());
    for (int index = 0; index < networks.size(); index++) {
      Network network = networks.get(index);
      boolean isGateway = gateway.map(network::equals).orElse(false);
      Optional<Endpoint> kept = Optional.ofNullable(before.get(network.id()));
      if (kept.isPresent()) {
        links.add(new Link(network, kept.get().withGateway(isGateway)));
        if (kept.get().gateway() != isGateway) {
          decision =
              decision.and(subject(network.id()), new NetworkEvent.Rerouted(container, isGateway));
        }
        continue;
      }
      Endpoint endpoint =
          endpoint(
              view,
              request,
              network,
              traits.of(network),
              wanted.get(network.id()),
              ids.get(),
              linkPrefix,
              freeLink(linkNames),
              isGateway,
              index == 0 ? request.networking().mac() : Optional.empty());
      linkNames.add(endpoint.containerLink());
      links.add(new Link(network, endpoint));
      decision = decision.and(subject(network.id()), new NetworkEvent.Attached(endpoint));
    }
    Optional<PublishedPorts> ports = view.find(PORTS, container);
    if (ports.isPresent() && !gateway.map(Network::id).equals(ports.map(PublishedPorts::network))) {
      decision =
          decision.and(subject(ports.get().network()), new NetworkEvent.Unpublished(container));
      ports = Optional.empty();
    }
    if (ports.isEmpty() && gateway.isPresent() && traits.of(gateway.get()).ports()) {
      List<PortBinding> bindings = ports(view, request, links, gateway.get(), host);
      if (!bindings.isEmpty()) {
        ports = Optional.of(new PublishedPorts(gateway.get().id(), bindings));
        decision =
            decision.and(
                subject(gateway.get().id()), new NetworkEvent.Published(container, bindings));
      }
    }
    return decision.reply(new Attachment(links, dropped, ports));
  }

  private static List<PortBinding> ports(
      StateView view,
      AttachRequest request,
      List<Link> links,
      Network network,
      HostPorts.Host host) {
    try {
      return allocate(view, request, network, host);
    } catch (RuntimeFailure failure) {
      String endpoint =
          links.stream()
              .map(Link::endpoint)
              .filter(Endpoint::gateway)
              .map(Endpoint::id)
              .findFirst()
              .orElse("");
      throw new RuntimeFailure(
          failure.kind(),
          "driver failed programming external connectivity on endpoint "
              + request.name()
              + " ("
              + endpoint
              + "): "
              + failure.getMessage(),
          failure);
    }
  }

  private static List<PortBinding> allocate(
      StateView view, AttachRequest request, Network network, HostPorts.Host host) {
    return HostPorts.allocate(
        view,
        request.container(),
        request.networking(),
        request.exposedPorts(),
        host,
        network.option(HOST_BINDING).filter(address -> !address.equals("0.0.0.0")).orElse(""));
  }

  /** By network id. */
  private static Map<String, EndpointSettings> wanted(StateView view, AttachRequest request) {
    Map<String, EndpointSettings> wanted = new LinkedHashMap<>();
    request
        .endpoints()
        .forEach(
            (name, settings) ->
                wanted.merge(
                    NetworkIndex.resolve(view, name).id(),
                    settings,
                    (one, other) -> one.equals(EndpointSettings.NONE) ? other : one));
    return wanted;
  }

  private static void requirePhase(StateView view, String container, Phase phase) {
    Optional<Phase> actual =
        view.find(ContainerEvent.CONTAINERS, container).map(ContainerStatus::phase);
    if (!actual.equals(Optional.of(phase))) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "Container " + container + " is " + actual.map(Enum::toString).orElse("gone"));
    }
  }

  private static Endpoint endpoint(
      StateView view,
      AttachRequest request,
      Network network,
      NetworkTraits traits,
      EndpointSettings settings,
      String id,
      String linkPrefix,
      String containerLink,
      boolean gateway,
      Optional<String> mac) {
    if ((settings.ipv4().isPresent() || settings.ipv6().isPresent()) && network.isPredefined()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "user specified IP address is supported on user defined networks only");
    }
    if (!settings.aliases().isEmpty() && network.isPredefined()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "network-scoped aliases are only supported for user-defined networks");
    }
    Optional<String> asked = settings.mac().or(() -> mac);
    if (asked.isPresent() && !traits.macs()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          network.driver() + " interfaces do not support custom mac address assignment");
    }
    boolean leased = traits.ownRanges().isPresent();
    Optional<IpPrefix> ipv4 =
        !leased && network.pool(false).isPresent()
            ? Optional.of(Ipam.address(view, network, false, settings.ipv4(), request.container()))
            : Optional.empty();
    Optional<IpPrefix> ipv6 =
        !leased && network.pool(true).isPresent()
            ? Optional.of(Ipam.address(view, network, true, settings.ipv6(), request.container()))
            : Optional.empty();
    return new Endpoint(
        id,
        request.container(),
        network.id(),
        settings,
        linkPrefix + id.substring(0, 15 - linkPrefix.length() - 2),
        containerLink,
        traits.macs() && !leased ? asked.orElseGet(() -> mac(ipv4, id)) : asked.orElse(""),
        ipv4,
        ipv6,
        network.isPredefined() ? List.of() : dnsNames(request, settings),
        gateway);
  }

  /** Locally administered: made of the IPv4 address, as Docker's, so that ARP caches stay right. */
  private static String mac(Optional<IpPrefix> ipv4, String id) {
    StringBuilder mac = new StringBuilder("02:42");
    if (ipv4.isPresent()) {
      for (byte each : ipv4.get().address().getAddress()) {
        mac.append(String.format(java.util.Locale.ROOT, ":%02x", each));
      }
    } else {
      for (int i = 0; i < 8; i += 2) {
        mac.append(':').append(id, i, i + 2);
      }
    }
    return mac.toString();
  }

  private static List<String> dnsNames(AttachRequest request, EndpointSettings settings) {
    Set<String> names = new LinkedHashSet<>();
    names.add(request.name());
    names.addAll(settings.aliases());
    names.add(request.container().substring(0, SHORT_ID));
    names.add(request.hostname());
    return List.copyOf(names);
  }

  /** One more network for a container that runs. */
  static Decision<Link> plug(
      StateView view,
      AttachRequest request,
      Traits traits,
      String name,
      EndpointSettings settings,
      String id,
      String linkPrefix) {
    requirePhase(view, request.container(), Phase.RUNNING);
    Network network = NetworkIndex.resolve(view, name);
    List<Endpoint> others = NetworkIndex.of(view, request.container());
    if (others.stream().anyMatch(other -> other.network().equals(network.id()))) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "endpoint with name " + request.name() + " already exists in network " + network.name());
    }
    boolean gateway = traits.leadsOut(network) && others.stream().noneMatch(Endpoint::gateway);
    Endpoint endpoint =
        endpoint(
            view,
            request,
            network,
            traits.of(network),
            settings,
            id,
            linkPrefix,
            freeLink(linkNames(others)),
            gateway,
            Optional.empty());
    return Decision.of(subject(network.id()), new NetworkEvent.Attached(endpoint))
        .reply(new Link(network, endpoint));
  }

  /** What a driver has given; nothing when the endpoint is not there any more. */
  static Decision<Void> addressed(StateView view, Endpoint endpoint, Lease lease) {
    return view.find(ENDPOINTS, endpoint.key())
        .filter(found -> found.id().equals(endpoint.id()))
        .map(
            found ->
                Decision.of(
                    subject(found.network()), new NetworkEvent.Addressed(found.container(), lease)))
        .orElse(Decision.none(null));
  }

  private static Set<String> linkNames(Collection<Endpoint> endpoints) {
    Set<String> names = new HashSet<>();
    endpoints.forEach(endpoint -> names.add(endpoint.containerLink()));
    return names;
  }

  private static String freeLink(Set<String> used) {
    int index = 0;
    while (used.contains("eth" + index)) {
      index++;
    }
    return "eth" + index;
  }

  /** What belongs to a container. */
  static Attachment links(StateView view, String container) {
    List<Link> links =
        NetworkIndex.of(view, container).stream()
            .map(
                endpoint ->
                    new Link(
                        NetworkIndex.resolve(view, endpoint.network()),
                        endpoint,
                        NetworkEvent.lease(view, endpoint)))
            .toList();
    return new Attachment(links, List.of(), view.find(PORTS, container));
  }

  /** All that a container has is free. */
  static Decision<Void> detached(StateView view, String container) {
    Attachment attachment = links(view, container);
    Decision<Void> decision = new Decision<>(List.of(), null);
    if (attachment.ports().isPresent()) {
      decision =
          decision.and(
              subject(attachment.ports().get().network()), new NetworkEvent.Unpublished(container));
    }
    for (Link link : attachment.links()) {
      decision = decision.and(subject(link.network().id()), new NetworkEvent.Detached(container));
    }
    return decision;
  }

  /**
   * One network less; the way out and the published ports go to the next one.
   *
   * @return the link that is the way out now, when that has changed
   */
  static Decision<Optional<Link>> unplugged(
      StateView view, Traits traits, String container, String network) {
    Decision<Void> decision = new Decision<>(List.of(), null);
    Optional<Endpoint> gone = view.find(ENDPOINTS, Endpoint.key(container, network));
    if (gone.isEmpty()) {
      return decision.reply(Optional.empty());
    }
    Optional<PublishedPorts> ports =
        view.find(PORTS, container).filter(each -> each.network().equals(network));
    if (ports.isPresent()) {
      decision = decision.and(subject(network), new NetworkEvent.Unpublished(container));
    }
    decision = decision.and(subject(network), new NetworkEvent.Detached(container));
    if (!gone.get().gateway()) {
      return decision.reply(Optional.empty());
    }
    Optional<Link> next =
        links(view, container).links().stream()
            .filter(link -> !link.network().id().equals(network))
            .filter(link -> traits.leadsOut(link.network()))
            .min(
                Comparator.comparingInt(
                        (Link link) -> -link.endpoint().settings().gatewayPriority())
                    .thenComparing(link -> link.network().name()));
    if (next.isPresent()) {
      String id = next.get().network().id();
      decision = decision.and(subject(id), new NetworkEvent.Rerouted(container, true));
      if (ports.isPresent() && traits.of(next.get().network()).ports()) {
        decision =
            decision.and(
                subject(id), new NetworkEvent.Published(container, ports.get().bindings()));
      }
    }
    return decision.reply(next);
  }

  /** Other ports for a container, since somebody else listens at those it was given. */
  static Decision<List<PortBinding>> republish(
      StateView view, AttachRequest request, HostPorts.Host host) {
    PublishedPorts before =
        view.find(PORTS, request.container())
            .orElseThrow(
                () ->
                    new RuntimeFailure(
                        Kind.FAILED_PRECONDITION,
                        "Container " + request.container() + " has no published ports"));
    List<PortBinding> bindings =
        allocate(view, request, NetworkIndex.resolve(view, before.network()), host);
    return Decision.of(
            subject(before.network()),
            new NetworkEvent.Unpublished(request.container()),
            new NetworkEvent.Published(request.container(), bindings))
        .reply(bindings);
  }
}
