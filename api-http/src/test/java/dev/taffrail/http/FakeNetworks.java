package dev.taffrail.http;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.CreatedNetwork;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.NetworkView;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.network.PortRequest;
import dev.taffrail.core.network.PublishedPorts;
import dev.taffrail.core.network.Sandbox;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Networks without links: {@code bridge}, and those that are asked for. The n-th network has the
 * range 172.(16+n).0.0/16, its containers get the addresses from 2 on, and a port that may be any
 * is 32768.
 */
final class FakeNetworks implements Networks {
  static final String WARNING_OPTION = "warn";

  final List<NetworkRequest> requests = new ArrayList<>();
  private final Map<String, Network> networks = new TreeMap<>();
  private final Map<String, Endpoint> endpoints = new TreeMap<>();
  private final Map<String, PublishedPorts> ports = new LinkedHashMap<>();
  private final FakeLog log;
  private int lists;

  FakeNetworks(FakeLog log) {
    this.log = log;
    make(
        new NetworkRequest(
            NetworkNames.BRIDGE,
            "",
            false,
            false,
            true,
            false,
            "",
            Map.of(),
            List.of(),
            Map.of("com.docker.network.bridge.default_bridge", "true"),
            Map.of()));
  }

  private static String hex(String text) {
    return Digest.sha256(text.getBytes(StandardCharsets.UTF_8)).hex();
  }

  private Network make(NetworkRequest request) {
    int number = networks.size() + 1;
    String prefix = "172." + (16 + number) + ".0.";
    List<AddressPool> pools = new ArrayList<>();
    if (request.ipv4()) {
      pools.add(
          new AddressPool(
              IpPrefix.parse(prefix + "0/16"),
              Optional.empty(),
              Optional.of(IpText.parse(prefix + "1")),
              Map.of()));
    }
    for (NetworkRequest.PoolRequest pool : request.pools()) {
      AddressPool own =
          new AddressPool(
              pool.subnet().orElseThrow(), pool.range(), pool.gateway(), pool.auxiliary());
      pools.removeIf(other -> other.subnet().isV6() == own.subnet().isV6());
      pools.add(own);
    }
    Network network =
        new Network(
            hex("network " + number),
            request.name(),
            request.driver().isEmpty() ? "bridge" : request.driver(),
            Instant.parse("2026-01-02T03:04:05.006Z"),
            request.internal(),
            request.attachable(),
            request.ipv4(),
            request.ipv6(),
            pools,
            request.options(),
            request.ipamDriver().isEmpty() ? "default" : request.ipamDriver(),
            request.ipamOptions(),
            request.labels());
    networks.put(network.name(), network);
    log.append(NetworkEvent.subject(network.id()), new NetworkEvent.Created(network));
    return network;
  }

  @Override
  public synchronized Future<CreatedNetwork> create(CallContext call, NetworkRequest request) {
    requests.add(request);
    if (NetworkNames.isPredefined(request.name())) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "operation is not permitted on predefined " + request.name() + " network");
    }
    if (networks.containsKey(request.name())) {
      throw new RuntimeFailure(
          Kind.ALREADY_EXISTS, "network with name " + request.name() + " already exists");
    }
    return Future.succeededFuture(
        new CreatedNetwork(
            make(request).id(),
            request.options().containsKey(WARNING_OPTION) ? List.of("careful") : List.of()));
  }

  private Network network(String name) {
    return networks.values().stream()
        .filter(network -> network.name().equals(name) || network.id().startsWith(name))
        .findFirst()
        .orElseThrow(() -> new RuntimeFailure(Kind.NOT_FOUND, "network " + name + " not found"));
  }

  private NetworkView view(Network network) {
    return new NetworkView(
        network,
        endpoints.values().stream()
            .filter(endpoint -> endpoint.network().equals(network.id()))
            .toList());
  }

  @Override
  public synchronized Future<Void> remove(CallContext call, String name) {
    Network network = network(name);
    if (network.isPredefined()) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          network.name() + " is a pre-defined network and cannot be removed");
    }
    if (!view(network).endpoints().isEmpty()) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "error while removing network: network " + network.name() + " has active endpoints");
    }
    networks.remove(network.name());
    log.append(NetworkEvent.subject(network.id()), new NetworkEvent.Removed());
    return Future.succeededFuture();
  }

  @Override
  public synchronized Future<NetworkView> get(CallContext call, String name) {
    return Future.succeededFuture(view(network(name)));
  }

  @Override
  public synchronized Future<List<NetworkView>> list(CallContext call) {
    lists++;
    return Future.succeededFuture(networks.values().stream().map(this::view).toList());
  }

  /** How often all were asked for. */
  synchronized int lists() {
    return lists;
  }

  @Override
  public Future<NetworkView> getAsOf(CallContext call, String name, Cursor moment) {
    throw new UnsupportedOperationException("The past is asked of a real log");
  }

  @Override
  public Future<List<NetworkView>> listAsOf(CallContext call, Cursor moment) {
    throw new UnsupportedOperationException("The past is asked of a real log");
  }

  @Override
  public synchronized Future<Sandbox> attach(CallContext call, AttachRequest request) {
    request.endpoints().forEach((network, settings) -> plug(request, network(network), settings));
    publish(request);
    return Future.succeededFuture(
        new Sandbox(Optional.empty(), Optional.empty(), Optional.empty(), List.of()));
  }

  private void plug(AttachRequest request, Network network, EndpointSettings settings) {
    int number = 2 + view(network).endpoints().size();
    IpPrefix subnet = network.pool(false).orElseThrow().subnet();
    List<String> names = new ArrayList<>(List.of(request.name()));
    names.addAll(settings.aliases());
    names.add(request.container().substring(0, 12));
    Endpoint endpoint =
        new Endpoint(
            hex(request.container() + network.id()),
            request.container(),
            network.id(),
            settings,
            "veth0",
            "eth0",
            settings.mac().orElse("02:42:ac:11:00:0" + number),
            Optional.of(
                new IpPrefix(settings.ipv4().orElseGet(() -> subnet.at(number)), subnet.length())),
            settings
                .ipv6()
                .map(
                    address ->
                        new IpPrefix(address, network.pool(true).orElseThrow().subnet().length())),
            names,
            true);
    endpoints.put(endpoint.key(), endpoint);
    log.append(NetworkEvent.subject(network.id()), new NetworkEvent.Attached(endpoint));
  }

  private void publish(AttachRequest request) {
    List<PortBinding> bindings = new ArrayList<>();
    for (PortRequest port : request.networking().ports()) {
      bindings.add(binding(port.port(), port.hostAddress(), port.hostPort()));
    }
    if (request.networking().publishAll()) {
      request.exposedPorts().forEach(port -> bindings.add(binding(port, "", "")));
    }
    if (!bindings.isEmpty()) {
      String network = network(request.endpoints().keySet().iterator().next()).id();
      ports.put(request.container(), new PublishedPorts(network, bindings));
      log.append(
          NetworkEvent.subject(network), new NetworkEvent.Published(request.container(), bindings));
    }
  }

  private static PortBinding binding(String port, String address, String hostPort) {
    String[] parts = port.split("/", 2);
    return new PortBinding(
        parts[1],
        Integer.parseInt(parts[0]),
        IpText.parse(address.isEmpty() ? "0.0.0.0" : address),
        hostPort.isEmpty() ? 32_768 : Integer.parseInt(hostPort.split("-", 2)[0]));
  }

  synchronized List<Endpoint> endpoints(String container) {
    return endpoints.values().stream()
        .filter(endpoint -> endpoint.container().equals(container))
        .toList();
  }

  synchronized Network byId(String id) {
    return network(id);
  }

  synchronized Optional<PublishedPorts> ports(String container) {
    return Optional.ofNullable(ports.get(container));
  }

  @Override
  public Future<Sandbox> join(CallContext call, String other, Path namespace) {
    return Future.failedFuture(new RuntimeFailure(Kind.UNIMPLEMENTED, "Not in this fake"));
  }

  @Override
  public synchronized Future<Void> detach(CallContext call, String container) {
    PublishedPorts published = ports.remove(container);
    if (published != null) {
      log.append(
          NetworkEvent.subject(published.network()), new NetworkEvent.Unpublished(container));
    }
    endpoints(container).forEach(this::detach);
    return Future.succeededFuture();
  }

  private void detach(Endpoint endpoint) {
    endpoints.remove(endpoint.key());
    log.append(
        NetworkEvent.subject(endpoint.network()), new NetworkEvent.Detached(endpoint.container()));
  }

  @Override
  public synchronized Future<Void> plug(
      CallContext call, AttachRequest request, String network, EndpointSettings settings) {
    plug(request, network(network), settings);
    return Future.succeededFuture();
  }

  @Override
  public synchronized Future<Void> unplug(CallContext call, AttachRequest request, String network) {
    String id = network(network).id();
    endpoints(request.container()).stream()
        .filter(endpoint -> endpoint.network().equals(id))
        .forEach(this::detach);
    return Future.succeededFuture();
  }
}
