package dev.taffrail.network;

import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.CreatedNetwork;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkDriver;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.NetworkRequest.PoolRequest;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes and removes networks, the default bridge among them. */
final class NetworkCreation {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkCreation.class);

  private final PluginContext host;
  private final Journal journal;
  private final Drivers drivers;
  private final Sandboxes sandboxes;
  private final NetworkSettings settings;
  private final InstantSource clock;
  private final DefaultPools defaults;
  private final Ids ids;

  NetworkCreation(
      PluginContext host,
      Journal journal,
      Drivers drivers,
      Sandboxes sandboxes,
      NetworkSettings settings,
      InstantSource clock) {
    this.host = host;
    this.journal = journal;
    this.drivers = drivers;
    this.sandboxes = sandboxes;
    this.settings = settings;
    this.clock = clock;
    String logId = host.log().info().logId();
    this.defaults = DefaultPools.of(host.daemon().configuration(), logId);
    this.ids = new Ids(logId);
  }

  /** As {@link dev.taffrail.core.network.Networks#create}. */
  Future<CreatedNetwork> create(CallContext call, NetworkRequest request) {
    return create(call.detached(), request, false)
        .map(network -> new CreatedNetwork(network.id(), List.of()));
  }

  private Future<Network> create(CallContext call, NetworkRequest request, boolean predefined) {
    String id = ids.next();
    String name = request.driver().isEmpty() ? NetworkNames.BRIDGE : request.driver();
    NetworkDriver driver = drivers.get(name);
    Network draft = draft(id, name, request);
    return drivers
        .learn(call, draft)
        .compose(traits -> create(call, driver, draft, traits, request, predefined))
        .onFailure(cause -> drivers.traits().remove(draft));
  }

  private Future<Network> create(
      CallContext call,
      NetworkDriver driver,
      Network draft,
      NetworkTraits traits,
      NetworkRequest request,
      boolean predefined) {
    return driver
        .check(call, draft)
        .compose(checked -> journal.read(NetworkIndex::all))
        .compose(known -> journal.blocking(() -> ranges(known)))
        .compose(
            ranges ->
                journal.request(
                    call,
                    view ->
                        NetworkDecider.create(
                            view,
                            draft.id(),
                            request,
                            traits,
                            clock.instant(),
                            defaults,
                            ranges,
                            predefined)))
        .compose(
            committed -> {
              Network network = committed.reply();
              CallContext caused = call.causedBy(committed.firstSequence());
              return driver
                  .create(caused, network)
                  .map(network)
                  .recover(
                      cause ->
                          remove(caused, network).transform(undone -> Future.failedFuture(cause)));
            });
  }

  private Network draft(String id, String driver, NetworkRequest request) {
    return new Network(
        id,
        request.name(),
        driver,
        clock.instant(),
        request.internal(),
        request.attachable(),
        request.ipv4(),
        request.ipv6(),
        request.pools().stream().flatMap(pool -> pool.asked().stream()).toList(),
        request.options(),
        request.ipamDriver(),
        request.ipamOptions(),
        request.labels());
  }

  private HostRanges ranges(List<Network> known) {
    Set<String> ours = new HashSet<>(Set.of(settings.bridge()));
    known.forEach(network -> ours.add(LinkNames.bridge(network)));
    return HostRanges.of(host.port(NetworkStacks.class).host(), ours);
  }

  /** As {@link dev.taffrail.core.network.Networks#remove}. */
  Future<Void> remove(CallContext call, String name) {
    CallContext saga = call.detached();
    return journal
        .relief(saga, view -> NetworkDecider.remove(view, name))
        .compose(committed -> unmake(saga.causedBy(committed.firstSequence()), committed.reply()));
  }

  private Future<Void> remove(CallContext call, Network network) {
    return journal
        .relief(call, view -> NetworkDecider.dropped(view, network.id()))
        .compose(committed -> unmake(call, network));
  }

  // The event comes first: whatever is left of it in the kernel goes at the next start.
  private Future<Void> unmake(CallContext call, Network network) {
    sandboxes.directory().remove(network);
    drivers.traits().remove(network);
    return drivers.get(network.driver()).remove(call, network);
  }

  /**
   * The default bridge as the settings want it. One with containers on it stays as it is. Failures
   * are logged: the daemon starts without it.
   */
  Future<Void> ensureDefault(CallContext call) {
    return journal
        .blocking(this::defaultRequest)
        .compose(
            wanted ->
                journal
                    .read(view -> Optional.ofNullable(found(NetworkIndex.all(view))))
                    .compose(found -> ensure(call, found, wanted)))
        .onSuccess(
            network ->
                network.flatMap(NetworkCreation::gateway).ifPresent(sandboxes::defaultGateway))
        .<Void>mapEmpty()
        .recover(
            cause -> {
              LOG.error("There is no default bridge", cause);
              return Future.succeededFuture();
            });
  }

  private static Network found(List<Network> networks) {
    return networks.stream()
        .filter(network -> network.name().equals(NetworkNames.BRIDGE))
        .findFirst()
        .orElse(null);
  }

  private static Optional<InetAddress> gateway(Network network) {
    return network.pool(false).flatMap(AddressPool::gateway);
  }

  private Future<Optional<Network>> ensure(
      CallContext call, Optional<Network> found, Optional<NetworkRequest> wanted) {
    if (wanted.isEmpty()) {
      return found
          .map(network -> remove(call, network).map(Optional.<Network>empty()))
          .orElse(Future.succeededFuture(Optional.empty()));
    }
    if (found.isPresent() && isAsWanted(found.get(), wanted.get())) {
      return Future.succeededFuture(found);
    }
    if (found.isEmpty()) {
      return create(call, wanted.get(), true).map(Optional::of);
    }
    return journal
        .read(view -> NetworkIndex.on(view, found.get().id()).isEmpty())
        .compose(
            empty -> {
              if (!empty) {
                LOG.warn(
                    "The default bridge stays as it was, since containers are on it; the settings"
                        + " want another");
                return Future.succeededFuture(found);
              }
              return remove(call, found.get())
                  .compose(removed -> create(call, wanted.get(), true))
                  .map(Optional::of);
            });
  }

  private static boolean isAsWanted(Network network, NetworkRequest wanted) {
    if (!network.options().equals(wanted.options()) || network.ipv6() != wanted.ipv6()) {
      return false;
    }
    for (PoolRequest pool : wanted.pools()) {
      if (pool.subnet().isPresent()
          && network.pools().stream()
              .noneMatch(
                  made ->
                      made.subnet().equals(pool.subnet().get())
                          && made.range().equals(pool.range())
                          && made.gateway().equals(pool.gateway()))) {
        return false;
      }
    }
    return true;
  }

  private Optional<NetworkRequest> defaultRequest() {
    if (settings.bridge().equals(NetworkSettings.NO_BRIDGE)) {
      return Optional.empty();
    }
    List<PoolRequest> pools = new ArrayList<>();
    settings
        .bip()
        .or(this::presentAddress)
        .ifPresent(bip -> pools.add(pool(bip, settings.fixedCidr())));
    settings
        .bip6()
        .or(settings::fixedCidr6)
        .ifPresent(bip -> pools.add(pool(bip, settings.fixedCidr6())));
    Map<String, String> options = new HashMap<>();
    options.put(LinkNames.BRIDGE_OPTION, settings.bridge());
    options.put("com.docker.network.bridge.default_bridge", "true");
    options.put("com.docker.network.bridge.enable_icc", Boolean.toString(settings.icc()));
    options.put(
        "com.docker.network.bridge.enable_ip_masquerade", Boolean.toString(settings.masquerade()));
    options.put(
        "com.docker.network.bridge.host_binding_ipv4",
        settings.defaultHostAddress().getHostAddress());
    options.put("com.docker.network.driver.mtu", Integer.toString(settings.mtu()));
    return Optional.of(
        new NetworkRequest(
            NetworkNames.BRIDGE,
            NetworkNames.BRIDGE,
            false,
            false,
            true,
            settings.ipv6(),
            "default",
            Map.of(),
            pools,
            options,
            Map.of()));
  }

  /** A bridge that an administrator has made already says what its range is. */
  private Optional<IpPrefix> presentAddress() {
    return host.port(NetworkStacks.class).host().addresses().stream()
        .filter(address -> address.link().equals(settings.bridge()))
        .map(NetworkStack.LinkAddress::address)
        .filter(address -> !address.isV6())
        .findFirst();
  }

  private static PoolRequest pool(IpPrefix bip, Optional<IpPrefix> fixedCidr) {
    Optional<InetAddress> gateway = bip.isRange() ? Optional.empty() : Optional.of(bip.address());
    return new PoolRequest(
        Optional.of(bip.range()), fixedCidr.map(IpPrefix::range), gateway, Map.of());
  }
}
