package dev.taffrail.network.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.linux.NetworkNamespaces;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkDriver;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Turns;
import dev.taffrail.network.ContainerLinks;
import dev.taffrail.network.port.HostSockets;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Networks made by the plugins of CNI configuration lists. What the plugins give, addresses among
 * it, is the outcome of {@link #attach}. Calls about one container take turns, also when their
 * callers have given up: the specification allows no two at once. Host ports are held by sockets of
 * the daemon, since the plugins that lead them to containers hold none.
 */
final class CniDriver implements NetworkDriver {
  private static final Logger LOG = LoggerFactory.getLogger(CniDriver.class);

  /** How long plugins of a daemon that was killed may go on. */
  private static final Duration SETTLE = Duration.ofSeconds(5);

  /** What is left of a call's time to tell that a plugin took the rest. */
  private static final Duration MARGIN = Duration.ofSeconds(1);

  private static final IpPrefix EVERYWHERE_V4 = IpPrefix.parse("0.0.0.0/0");
  private static final IpPrefix EVERYWHERE_V6 = IpPrefix.parse("::/0");

  private final Context context;
  private final CniSettings settings;
  private final AttachmentFiles files;
  private final NetworkNamespaces namespaces;
  private final NetworkStacks stacks;
  private final ListFiles lists;
  private final PluginProcesses processes;
  private final PluginChain chain;
  private final HostSockets sockets = new HostSockets();
  private final Turns turns = new Turns();
  private final Map<String, Network> networks = new ConcurrentHashMap<>();
  private volatile boolean closed;

  CniDriver(
      Context context,
      CniSettings settings,
      AttachmentFiles files,
      PluginProcesses processes,
      NetworkNamespaces namespaces,
      NetworkStacks stacks) {
    this.context = context;
    this.settings = settings;
    this.files = files;
    this.processes = processes;
    this.namespaces = namespaces;
    this.stacks = stacks;
    this.lists = new ListFiles(settings.lists());
    this.chain = new PluginChain(new PluginPrograms(settings.programs()), processes);
  }

  private <T> Future<T> blocking(Callable<T> work) {
    return context.executeBlocking(work, false);
  }

  private Future<Void> act(Runnable work) {
    return blocking(
        () -> {
          work.run();
          return null;
        });
  }

  /** As long as the settings say, but no longer than the call. */
  private PluginChain.Patience patience(CallContext call) {
    return () -> {
      Duration left = call.remaining().map(all -> all.minus(MARGIN)).orElse(settings.timeout());
      if (left.isNegative() || left.isZero()) {
        throw new RuntimeFailure(
            Kind.DEADLINE_EXCEEDED, "CNI plugins have taken all the time that there was");
      }
      return left.compareTo(settings.timeout()) < 0 ? left : settings.timeout();
    };
  }

  /** As it was when the network was made; before that, as it is now. */
  private ConfigurationList list(Network network) {
    return files.list(network).orElseGet(() -> lists.find(CniOptions.of(network).list()));
  }

  @Override
  public Future<NetworkTraits> traits(CallContext call, Network network) {
    return blocking(
        () -> {
          ConfigurationList list = list(network);
          KnownRanges ranges = KnownRanges.of(list);
          return new NetworkTraits(
              false,
              ranges.wayOut(),
              list.isCapable(CapabilityArguments.PORT_MAPPINGS),
              list.isCapable(CapabilityArguments.MAC),
              true,
              Optional.of(ranges.pools()));
        });
  }

  @Override
  public Future<Void> check(CallContext call, Network network) {
    return negotiated(call, network)
        .compose(list -> blocking(() -> distinct(network, list)))
        .compose(list -> chain.status(list, patience(call)));
  }

  private Future<ConfigurationList> negotiated(CallContext call, Network network) {
    return blocking(() -> list(network)).compose(list -> chain.negotiate(list, patience(call)));
  }

  /** Plugins tell networks by the list's name. */
  private ConfigurationList distinct(Network network, ConfigurationList list) {
    for (Network other : networks.values()) {
      if (!other.id().equals(network.id())
          && files.list(other).filter(its -> its.name().equals(list.name())).isPresent()) {
        throw new RuntimeFailure(
            Kind.PERMISSION_DENIED,
            "cannot create network "
                + network.name()
                + ": network "
                + other.name()
                + " is made of the CNI configuration "
                + list.name()
                + " already");
      }
    }
    return list;
  }

  @Override
  public Future<Void> create(CallContext call, Network network) {
    return negotiated(call, network)
        .compose(
            list ->
                act(
                    () -> {
                      files.put(network, list);
                      networks.put(network.id(), network);
                    }));
  }

  /** What plugins share among containers, a bridge for one, stays: CNI has no call to remove it. */
  @Override
  public Future<Void> remove(CallContext call, Network network) {
    return collect(call, network, List.of())
        .compose(
            collected ->
                act(
                    () -> {
                      networks.remove(network.id());
                      files.remove(network);
                    }));
  }

  private Future<Void> collect(CallContext call, Network network, List<PluginChain.Valid> valid) {
    if (!CniOptions.of(network).collects()) {
      return Future.succeededFuture();
    }
    return blocking(() -> files.list(network))
        .compose(
            list ->
                list.isEmpty()
                    ? Future.succeededFuture()
                    : chain.collect(list.get(), valid, patience(call)));
  }

  @Override
  public Future<Optional<Lease>> attach(
      CallContext call, Network network, Endpoint endpoint, Path namespace, AttachOptions options) {
    return turns.take(
        endpoint.container(),
        () ->
            cleared(call, endpoint)
                .compose(cleared -> blocking(() -> begin(network, endpoint, namespace, options)))
                .compose(
                    begun ->
                        chain
                            .add(begun, patience(call))
                            .compose(result -> blocking(() -> made(endpoint, begun.with(result)))))
                .map(Optional::of));
  }

  /** Nothing is left of an earlier run, or of an attempt in which the daemon died. */
  private Future<Void> cleared(CallContext call, Endpoint endpoint) {
    return blocking(() -> files.find(endpoint))
        .compose(found -> found.isEmpty() ? Future.succeededFuture() : delete(call, found.get()));
  }

  private Future<Void> delete(CallContext call, Attachment attachment) {
    return blocking(() -> namespace(attachment))
        .compose(namespace -> chain.delete(attachment, namespace, patience(call)))
        .compose(deleted -> act(() -> files.remove(attachment)));
  }

  private Optional<Path> namespace(Attachment attachment) {
    return Optional.of(attachment.namespace()).filter(namespaces::exists);
  }

  private Attachment begin(
      Network network, Endpoint endpoint, Path namespace, AttachOptions options) {
    if (!namespaces.exists(namespace)) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "There is no network namespace at " + namespace);
    }
    ConfigurationList list = list(network);
    boolean publishes =
        !options.networking().ports().isEmpty() || options.networking().publishAll();
    if (publishes && endpoint.gateway() && options.bindings().isEmpty()) {
      CapabilityArguments.requirePorts(network, list);
    }
    Attachment attachment =
        new Attachment(
            endpoint.container(),
            network.id(),
            endpoint.containerLink(),
            namespace,
            CniOptions.arguments(endpoint),
            list,
            CapabilityArguments.of(
                network, list, endpoint, options.bindings(), options.networking()),
            Optional.empty());
    files.put(attachment);
    return attachment;
  }

  private Lease made(Endpoint endpoint, Attachment attachment) {
    files.put(attachment);
    Lease lease = result(attachment).orElseThrow().lease();
    if (!endpoint.gateway()) {
      // Most plugins lead the way out through their link; the endpoint's network has another one.
      route(endpoint, attachment, attachment.namespace());
    }
    return lease;
  }

  private static Optional<CniResult> result(Attachment attachment) {
    return attachment.result().map(result -> new CniResult(result, attachment.link()));
  }

  @Override
  public Future<Void> detach(
      CallContext call, Network network, Endpoint endpoint, Optional<Path> namespace) {
    return turns.take(
        endpoint.container(),
        () -> act(() -> sockets.close(endpoint)).compose(closed -> cleared(call, endpoint)));
  }

  @Override
  public Future<Void> route(CallContext call, Network network, Endpoint endpoint, Path namespace) {
    return turns.take(
        endpoint.container(),
        () ->
            act(
                () ->
                    files
                        .find(endpoint)
                        .ifPresent(attachment -> route(endpoint, attachment, namespace))));
  }

  private void route(Endpoint endpoint, Attachment attachment, Path namespace) {
    try (NetworkStack stack = stacks.open(namespace)) {
      if (!endpoint.gateway()) {
        stack.routes().stream()
            .filter(route -> route.link().equals(attachment.link()))
            .filter(route -> route.destination().length() == 0)
            .forEach(stack::removeRoute);
        return;
      }
      for (boolean v6 : new boolean[] {false, true}) {
        result(attachment)
            .flatMap(result -> result.defaultRoute(v6))
            .map(
                route ->
                    new NetworkStack.Route(
                        v6 ? EVERYWHERE_V6 : EVERYWHERE_V4, route.by(), attachment.link()))
            .ifPresent(route -> ContainerLinks.addRoute(stack, route));
      }
    }
  }

  /** Ports that {@link #attach} was told are published already; for others plugins run again. */
  @Override
  public Future<Void> publish(
      CallContext call, Network network, Endpoint endpoint, List<PortBinding> bindings) {
    return turns.take(
        endpoint.container(),
        () ->
            act(() -> sockets.open(endpoint, bindings))
                .compose(held -> blocking(() -> files.find(endpoint)))
                .compose(
                    found ->
                        map(
                            call,
                            found.orElseThrow(() -> absent(endpoint)),
                            attachment ->
                                CapabilityArguments.withPorts(
                                    network,
                                    attachment.list(),
                                    attachment.capabilities(),
                                    bindings)))
                .recover(
                    cause ->
                        act(() -> sockets.close(endpoint))
                            .transform(closed -> Future.failedFuture(cause))));
  }

  private static RuntimeFailure absent(Endpoint endpoint) {
    return new RuntimeFailure(
        Kind.FAILED_PRECONDITION,
        "Container " + endpoint.container() + " is not on network " + endpoint.network());
  }

  @Override
  public Future<Void> unpublish(
      CallContext call, Network network, Endpoint endpoint, List<PortBinding> bindings) {
    return turns.take(
        endpoint.container(),
        () ->
            act(() -> sockets.close(endpoint))
                .compose(closed -> blocking(() -> files.find(endpoint)))
                .compose(
                    found ->
                        // What makes the link takes its ports away with it.
                        found.isEmpty() || publishes(found.get().list().plugins().get(0))
                            ? Future.succeededFuture()
                            : map(
                                call,
                                found.get(),
                                attachment ->
                                    CapabilityArguments.withPorts(
                                        network,
                                        attachment.list(),
                                        attachment.capabilities(),
                                        List.of()))));
  }

  private static boolean publishes(ObjectNode plugin) {
    return ConfigurationList.isCapable(plugin, CapabilityArguments.PORT_MAPPINGS);
  }

  /** What plugins are told of an attachment. */
  private interface Told {
    ObjectNode now(Attachment attachment);
  }

  /** Has the plugins that publish ports publish those that they are told now. */
  private Future<Void> map(CallContext call, Attachment before, Told told) {
    ObjectNode capabilities = told.now(before);
    if (capabilities.equals(before.capabilities())) {
      return Future.succeededFuture();
    }
    if (publishes(before.list().plugins().get(0))) {
      return Future.failedFuture(
          new RuntimeFailure(
              Kind.UNIMPLEMENTED,
              "CNI plugin \""
                  + ConfigurationList.type(before.list().plugins().get(0))
                  + "\" publishes ports only when a container starts"));
    }
    Attachment after = before.withCapabilities(capabilities);
    boolean some = after.capabilities().has(CapabilityArguments.PORT_MAPPINGS);
    return blocking(() -> namespace(before))
        .compose(namespace -> chain.delete(before, CniDriver::publishes, namespace, patience(call)))
        .compose(deleted -> act(() -> files.put(after)))
        .compose(
            recorded ->
                some
                    ? chain.addAgain(after, CniDriver::publishes, patience(call)).mapEmpty()
                    : Future.succeededFuture());
  }

  @Override
  public Future<Void> restore(CallContext call, List<Restored> restored) {
    restored.forEach(each -> networks.put(each.network().id(), each.network()));
    return processes
        .settle(SETTLE)
        .compose(settled -> keepLists(call, restored))
        .compose(kept -> blocking(files::all))
        .compose(
            all -> {
              Map<String, Endpoint> known = new HashMap<>();
              restored.forEach(
                  each ->
                      each.endpoints()
                          .forEach(one -> known.put(one.endpoint().key(), one.endpoint())));
              return each(
                      all.stream().filter(one -> !known.containsKey(one.key())).toList(),
                      orphan -> sweep(call, orphan))
                  .compose(swept -> each(restored, network -> collect(call, network)))
                  .compose(
                      collected ->
                          act(() -> restored.forEach(each -> sockets.reopen(each.endpoints()))))
                  .onSuccess(
                      held -> check(all.stream().filter(one -> isUntouched(one, known)).toList()));
            });
  }

  /** The daemon may have died between the event of a network and its file. */
  private Future<Void> keepLists(CallContext call, List<Restored> restored) {
    return each(
        restored,
        one ->
            blocking(() -> files.list(one.network()).isPresent())
                .compose(kept -> kept ? Future.succeededFuture() : create(call, one.network()))
                .recover(
                    cause -> {
                      LOG.error("The network {} has no list", one.network().name(), cause);
                      return Future.succeededFuture();
                    }));
  }

  private Future<Void> sweep(CallContext call, Attachment orphan) {
    return delete(call, orphan)
        .recover(
            cause -> {
              LOG.error(
                  "Container {} stays on the CNI network {}",
                  orphan.container(),
                  orphan.list().name(),
                  cause);
              return Future.succeededFuture();
            });
  }

  private Future<Void> collect(CallContext call, Restored restored) {
    List<PluginChain.Valid> valid =
        restored.endpoints().stream()
            .map(Attached::endpoint)
            .map(one -> new PluginChain.Valid(one.container(), one.containerLink()))
            .toList();
    return collect(call, restored.network(), valid);
  }

  /** Whether all that the plugins have made was left to it, default routes too. */
  private static boolean isUntouched(Attachment attachment, Map<String, Endpoint> known) {
    return known.containsKey(attachment.key())
        && result(attachment)
            .filter(
                result ->
                    known.get(attachment.key()).gateway()
                        || (result.defaultRoute(false).isEmpty()
                            && result.defaultRoute(true).isEmpty()))
            .isPresent();
  }

  /** Tells of containers that are not as their plugins have left them; nobody waits for it. */
  private void check(List<Attachment> attachments) {
    var unused =
        each(
            attachments,
            attachment ->
                turns
                    .take(attachment.container(), () -> checkIfThere(attachment))
                    .recover(
                        cause -> {
                          LOG.info("Container {}: {}", attachment.container(), cause.getMessage());
                          return Future.succeededFuture();
                        }));
  }

  private Future<Void> checkIfThere(Attachment attachment) {
    return blocking(() -> !closed && namespace(attachment).isPresent() && files.holds(attachment))
        .compose(
            there -> there ? chain.check(attachment, settings::timeout) : Future.succeededFuture());
  }

  private static <T> Future<Void> each(List<T> all, Function<T, Future<Void>> action) {
    Future<Void> done = Future.succeededFuture();
    for (T one : all) {
      done = done.compose(before -> action.apply(one));
    }
    return done;
  }

  /** Lets go of the host ports; everything else stays. */
  void close() {
    closed = true;
    sockets.close();
  }
}
