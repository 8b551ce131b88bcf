package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.network.PortRequest;
import dev.taffrail.core.network.PublishedPorts;
import dev.taffrail.core.task.StartedTask;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What a container has to do with networks, in the shapes of Docker's API. */
final class NetworkSettingsJson {
  private static final int SHORT_ID = 12;
  private static final String NO_ADDRESS = "";

  private final BuiltinNetworks builtin;

  NetworkSettingsJson(BuiltinNetworks builtin) {
    this.builtin = builtin;
  }

  /**
   * A network that a container is on, or will be when it runs.
   *
   * @param id absent before the first run, as with Docker, and of a network that is gone
   * @param endpoint while it runs
   * @param lease of the endpoint, if its driver gives some
   */
  record Place(
      String name,
      Optional<String> id,
      EndpointSettings settings,
      Optional<Network> network,
      Optional<Endpoint> endpoint,
      Optional<Lease> lease) {}

  /**
   * A port of a container that runs.
   *
   * @param hostAddress empty when it is only exposed
   * @param hostPort 0 when it is only exposed
   */
  record Port(String hostAddress, int containerPort, int hostPort, String protocol) {
    static Port of(PortBinding binding) {
      return new Port(
          IpText.of(binding.hostAddress()),
          binding.containerPort(),
          binding.hostPort(),
          binding.protocol());
    }

    /** Empty for what an image calls a port and is none. */
    static Optional<Port> exposed(String text) {
      try {
        String port = PortsBody.port(text);
        int slash = port.indexOf('/');
        return Optional.of(
            new Port(
                NO_ADDRESS,
                Integer.parseInt(port.substring(0, slash)),
                0,
                port.substring(slash + 1)));
      } catch (RuntimeFailure e) {
        return Optional.empty();
      }
    }
  }

  /** Ordered by name. */
  List<Place> places(ContainerView view, KnownNetworks known) {
    ContainerSpecification spec = view.specification();
    boolean hasRun = view.status().run() > 0;
    String mode = spec.networkMode();
    List<Place> places = new ArrayList<>();
    if (!NetworkNames.hasEndpoints(mode)) {
      builtin
          .find(mode)
          .ifPresent(
              network ->
                  places.add(
                      new Place(
                          mode,
                          Optional.of(network.id()).filter(id -> hasRun),
                          EndpointSettings.NONE,
                          Optional.empty(),
                          Optional.empty(),
                          Optional.empty())));
    } else if (!view.links().isEmpty()) {
      for (ContainerView.Link link : view.links()) {
        places.add(
            new Place(
                link.network().name(),
                Optional.of(link.network().id()),
                link.endpoint().settings(),
                Optional.of(link.network()),
                Optional.of(link.endpoint()),
                link.lease()));
      }
    } else {
      view.status()
          .endpoints(spec)
          .forEach(
              (key, settings) -> {
                Optional<Network> network = known.find(key);
                places.add(
                    new Place(
                        network.map(Network::name).orElse(key),
                        network.map(Network::id).filter(id -> hasRun),
                        settings,
                        network,
                        Optional.empty(),
                        Optional.empty()));
              });
    }
    places.sort(Comparator.comparing(Place::name));
    return places;
  }

  /** {@code NetworkSettings} of an inspection. */
  ObjectNode settings(ContainerView view, KnownNetworks known, ApiVersion version) {
    List<Place> places = places(view, known);
    ObjectNode json = Json.object().put("Bridge", "");
    // The sandbox is that of the first process, and nobody else's name for it is needed.
    Optional<Integer> pid =
        view.status()
            .task()
            .filter(task -> view.status().isRunning())
            .filter(task -> !NetworkNames.isContainer(view.specification().networkMode()))
            .map(StartedTask::pid);
    json.put("SandboxID", pid.map(running -> view.id()).orElse(""))
        .put("SandboxKey", pid.map(running -> "/proc/" + running + "/ns/net").orElse(""));
    json.set("Ports", ports(view));
    json.put("HairpinMode", false)
        .put("LinkLocalIPv6Address", "")
        .put("LinkLocalIPv6PrefixLen", 0)
        .putNull("SecondaryIPAddresses");
    json.putNull("SecondaryIPv6Addresses");
    bridge(
        json,
        places.stream().filter(place -> place.name().equals(NetworkNames.BRIDGE)).findFirst());
    ObjectNode networks = json.putObject("Networks");
    for (Place place : places) {
      networks.set(place.name(), network(view, place, version));
    }
    return json;
  }

  /** The members of before there were several networks. */
  private static void bridge(ObjectNode json, Optional<Place> bridge) {
    Addresses addresses = Addresses.of(bridge);
    json.put("EndpointID", addresses.endpoint())
        .put("Gateway", addresses.gateway())
        .put("GlobalIPv6Address", addresses.ipv6())
        .put("GlobalIPv6PrefixLen", addresses.ipv6Length())
        .put("IPAddress", addresses.ipv4())
        .put("IPPrefixLen", addresses.ipv4Length())
        .put("IPv6Gateway", addresses.ipv6Gateway())
        .put("MacAddress", bridge.map(place -> mac(place, addresses)).orElse(""));
  }

  /** Before its first run a container shows what it asked for, as with Docker. */
  private static String mac(Place place, Addresses addresses) {
    return addresses.mac().isEmpty() && place.id().isEmpty()
        ? place.settings().mac().orElse("")
        : addresses.mac();
  }

  private static ObjectNode network(ContainerView view, Place place, ApiVersion version) {
    EndpointSettings settings = place.settings();
    ObjectNode json = Json.object();
    json.set("IPAMConfig", asked(settings, true));
    json.set("Links", nullable(settings.links()));
    json.set("Aliases", nullable(aliases(view, place, version)));
    Addresses addresses = Addresses.of(Optional.of(place));
    json.put("MacAddress", mac(place, addresses));
    json.set(
        "DriverOpts",
        settings.driverOptions().isEmpty()
            ? NullNode.getInstance()
            : Json.strings(settings.driverOptions()));
    addTo(json, place, addresses, version);
    if (version.atLeast(44)) {
      json.set("DNSNames", nullable(names(view, place)));
    }
    return json;
  }

  private static void addTo(ObjectNode json, Place place, Addresses addresses, ApiVersion version) {
    if (version.atLeast(48)) {
      json.put("GwPriority", place.settings().gatewayPriority());
    }
    json.put("NetworkID", place.id().orElse(""))
        .put("EndpointID", addresses.endpoint())
        .put("Gateway", addresses.gateway())
        .put("IPAddress", addresses.ipv4())
        .put("IPPrefixLen", addresses.ipv4Length())
        .put("IPv6Gateway", addresses.ipv6Gateway())
        .put("GlobalIPv6Address", addresses.ipv6())
        .put("GlobalIPv6PrefixLen", addresses.ipv6Length());
  }

  /** Since API 1.45 only what the client said; before also what others call it anyway. */
  private static Collection<String> aliases(ContainerView view, Place place, ApiVersion version) {
    if (version.atLeast(45) || !EndpointBody.isUserDefined(place.name())) {
      return place.settings().aliases();
    }
    Set<String> aliases = new LinkedHashSet<>(place.settings().aliases());
    aliases.add(view.id().substring(0, SHORT_ID));
    aliases.add(view.specification().hostname());
    return aliases;
  }

  private static Collection<String> names(ContainerView view, Place place) {
    if (!EndpointBody.isUserDefined(place.name()) || place.id().isEmpty()) {
      return List.of();
    }
    if (place.endpoint().isPresent()) {
      return place.endpoint().get().names();
    }
    Set<String> names = new LinkedHashSet<>();
    names.add(view.status().name());
    names.addAll(place.settings().aliases());
    names.add(view.id().substring(0, SHORT_ID));
    names.add(view.specification().hostname());
    return names;
  }

  private static JsonNode asked(EndpointSettings settings, boolean linkLocal) {
    if (settings.ipv4().isEmpty() && settings.ipv6().isEmpty() && settings.linkLocal().isEmpty()) {
      return NullNode.getInstance();
    }
    ObjectNode json = Json.object();
    settings.ipv4().ifPresent(address -> json.put("IPv4Address", IpText.of(address)));
    settings.ipv6().ifPresent(address -> json.put("IPv6Address", IpText.of(address)));
    if (linkLocal && !settings.linkLocal().isEmpty()) {
      json.set(
          "LinkLocalIPs", Json.strings(settings.linkLocal().stream().map(IpText::of).toList()));
    }
    return json;
  }

  private static JsonNode nullable(Collection<String> values) {
    return values.isEmpty() ? NullNode.getInstance() : Json.strings(values);
  }

  /** {@code NetworkSettings} of an element of a list, which tells less. */
  ObjectNode summary(ContainerView view, KnownNetworks known, ApiVersion version) {
    ObjectNode json = Json.object();
    ObjectNode networks = json.putObject("Networks");
    for (Place place : places(view, known)) {
      ObjectNode network = networks.putObject(place.name());
      network.set("IPAMConfig", asked(place.settings(), false));
      network.putNull("Links");
      network.putNull("Aliases");
      Addresses addresses = Addresses.of(Optional.of(place));
      network.put("MacAddress", mac(place, addresses)).putNull("DriverOpts");
      addTo(network, place, addresses, version);
      if (version.atLeast(44)) {
        network.putNull("DNSNames");
      }
    }
    return json;
  }

  /** An exposed port that is not published is null; without a network that has ports, nothing. */
  private static ObjectNode ports(ContainerView view) {
    Map<String, ArrayNode> byPort = new TreeMap<>();
    for (PortBinding binding : bindings(view)) {
      Port port = Port.of(binding);
      byPort
          .computeIfAbsent(binding.port(), absent -> Json.array())
          .addObject()
          .put("HostIp", port.hostAddress())
          .put("HostPort", Integer.toString(port.hostPort()));
    }
    exposed(view).forEach(port -> byPort.putIfAbsent(port, null));
    ObjectNode json = Json.object();
    byPort.forEach(json::set);
    return json;
  }

  private static List<PortBinding> bindings(ContainerView view) {
    return view.ports().map(PublishedPorts::bindings).orElse(List.of());
  }

  private static List<String> exposed(ContainerView view) {
    boolean shown =
        view.links().stream()
            .map(ContainerView.Link::network)
            .anyMatch(network -> network.driver().equals("bridge") && !network.internal());
    return shown ? view.specification().exposedPorts() : List.of();
  }

  /** By number; those that are only exposed have no port of the host. */
  List<Port> publicPorts(ContainerView view) {
    List<Port> ports = new ArrayList<>(bindings(view).stream().map(Port::of).toList());
    Set<String> published = new LinkedHashSet<>();
    bindings(view).forEach(binding -> published.add(binding.port()));
    exposed(view).stream()
        .filter(port -> !published.contains(port))
        .map(Port::exposed)
        .flatMap(Optional::stream)
        .forEach(ports::add);
    ports.sort(
        Comparator.comparingInt(Port::containerPort)
            .thenComparing(Port::protocol)
            .thenComparing(Port::hostAddress)
            .thenComparingInt(Port::hostPort));
    return ports;
  }

  /** {@code Ports} of an element of a list. */
  ArrayNode portSummaries(ContainerView view) {
    ArrayNode json = Json.array();
    for (Port port : publicPorts(view)) {
      ObjectNode shown = json.addObject();
      if (!port.hostAddress().isEmpty()) {
        shown.put("IP", port.hostAddress());
      }
      shown.put("PrivatePort", port.containerPort());
      if (port.hostPort() != 0) {
        shown.put("PublicPort", port.hostPort());
      }
      shown.put("Type", port.protocol());
    }
    return json;
  }

  /** {@code HostConfig.PortBindings}. */
  static ObjectNode requested(Networking networking) {
    Map<String, ArrayNode> byPort = new TreeMap<>();
    for (PortRequest request : networking.ports()) {
      byPort
          .computeIfAbsent(request.port(), absent -> Json.array())
          .addObject()
          .put("HostIp", request.hostAddress())
          .put("HostPort", request.hostPort());
    }
    ObjectNode json = Json.object();
    byPort.forEach(json::set);
    return json;
  }

  /** {@code HostConfig.Links}: with full names, and only where the host keeps them. */
  static JsonNode links(ContainerView view) {
    ContainerSpecification spec = view.specification();
    List<String> links = networking(spec).links();
    if (links.isEmpty() || EndpointBody.isUserDefined(spec.networkMode())) {
      return NullNode.getInstance();
    }
    return Json.strings(
        links.stream()
            .map(LinkText::parse)
            .map(link -> "/" + link.container() + ":/" + view.status().name() + "/" + link.alias())
            .toList());
  }

  static Networking networking(ContainerSpecification spec) {
    return spec.networking().orElse(Networking.NONE);
  }

  /** {@code Config.MacAddress}: what was asked for on the network of its mode. */
  Optional<String> mac(ContainerView view, KnownNetworks known) {
    String mode = view.specification().networkMode();
    return places(view, known).stream()
        .filter(
            place ->
                place.name().equals(mode)
                    || place.network().filter(network -> network.id().startsWith(mode)).isPresent())
        .findFirst()
        .flatMap(place -> place.settings().mac());
  }

  /** What an endpoint has while it is there; empty and 0 otherwise. */
  private record Addresses(
      String endpoint,
      String gateway,
      String ipv4,
      int ipv4Length,
      String ipv6Gateway,
      String ipv6,
      int ipv6Length,
      String mac) {
    private static final Addresses NONE = new Addresses("", "", "", 0, "", "", 0, "");

    static Addresses of(Optional<Place> place) {
      if (place.flatMap(Place::endpoint).isEmpty()) {
        return NONE;
      }
      Endpoint endpoint = place.get().endpoint().get();
      Network network = place.get().network().orElseThrow();
      return new Addresses(
          endpoint.id(),
          endpoint.ipv4().map(address -> gateway(place.get(), network, false)).orElse(""),
          text(endpoint.ipv4()),
          endpoint.ipv4().map(IpPrefix::length).orElse(0),
          endpoint.ipv6().map(address -> gateway(place.get(), network, true)).orElse(""),
          text(endpoint.ipv6()),
          endpoint.ipv6().map(IpPrefix::length).orElse(0),
          endpoint.mac());
    }

    private static String text(Optional<IpPrefix> address) {
      return address.map(IpPrefix::address).map(IpText::of).orElse("");
    }

    /** An internal network has none for its containers. */
    private static String gateway(Place place, Network network, boolean v6) {
      Optional<InetAddress> gateway =
          place.lease().isPresent()
              ? place.lease().get().gateway(v6)
              : network.pool(v6).flatMap(AddressPool::gateway);
      return network.internal() ? "" : gateway.map(IpText::of).orElse("");
    }
  }
}
