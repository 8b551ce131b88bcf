package dev.taffrail.testkit;

import static dev.taffrail.testkit.TestHost.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.linux.NetworkNamespaces;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStack.Link;
import dev.taffrail.core.linux.NetworkStack.LinkAddress;
import dev.taffrail.core.linux.NetworkStack.Route;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.linux.PacketFilter;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkDriver;
import dev.taffrail.core.network.NetworkDriver.AttachOptions;
import dev.taffrail.core.network.NetworkDriver.Attached;
import dev.taffrail.core.network.NetworkDriver.Restored;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.network.NetworkTraits.WayOut;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.testkit.linux.NamespaceHost;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every network driver does, with real links; needs root. Host and containers are network
 * namespaces of the test's own: nothing of the machine is touched, as long as the driver reaches
 * its host through the ports {@link NetworkStacks} and {@link PacketFilter}, and opens sockets and
 * files of {@code /proc/sys/net} on its own threads, which are in the host's namespace.
 *
 * <pre>{@code
 * class WarpDriverTest extends NetworkDriverContract {
 *   protected void startPorts(TestHost host) { host.start(new LinuxPlugin()); }
 *   protected void startDriver(TestHost host) { host.start(new WarpPlugin()); }
 *   protected Map<String, String> options() { return Map.of("parent", "lan"); }
 *   protected List<Map<String, String>> badOptions() { return List.of(Map.of("parent", "lo")); }
 *   protected void furnish(NetworkStack host, Path namespace) { host.createBridge("lan", …); }
 * }
 * }</pre>
 */
public abstract class NetworkDriverContract {
  private static final CallContext CALL = CallContext.component("test");
  private static final AttachOptions PLAIN = new AttachOptions(List.of(), Networking.NONE);
  private static final String MTU_OPTION = "com.docker.network.driver.mtu";
  private static final int MTU = 1400;
  private static final int PORT = 80;
  private static final int HOST_PORT = 8080;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final InetAddress LOOPBACK = IpText.parse("127.0.0.1");
  private static final IpPrefix EVERYWHERE_V4 = IpPrefix.parse("0.0.0.0/0");
  private static final IpPrefix EVERYWHERE_V6 = IpPrefix.parse("::/0");
  private static final IpPrefix RANGE_V4 = IpPrefix.parse("10.61.0.0/24");
  private static final IpPrefix RANGE_V6 = IpPrefix.parse("fd00:61::/64");

  @TempDir private Path root;
  private final List<Path> made = new ArrayList<>();
  private TestHost machine;
  private NetworkNamespaces namespaces;
  private NetworkStacks stacks;
  private TestHost host;
  private NetworkStack hostStack;
  private Map<String, Link> before;

  /** What a driver with addresses of its own gave last, by endpoint. */
  private final Map<String, Lease> leases = new HashMap<>();

  /** Starts what provides the ports of linux. */
  protected abstract void startPorts(TestHost host);

  /** Starts the plugin under test, and what else it requires. */
  protected abstract void startDriver(TestHost host);

  /**
   * Options of the networks that are made; {@code com.docker.network.driver.mtu} comes to them. A
   * driver with addresses of its own gives, by these alone, some of 10.61.0.0/24 and fd00:61::/64
   * and links of an MTU of 1400.
   */
  protected Map<String, String> options() {
    return Map.of();
  }

  /** Options that this kind of network cannot have, each map for itself. */
  protected abstract List<Map<String, String>> badOptions();

  /** Makes what a network of {@link #options} needs of the host. Aborts where it cannot be had. */
  protected void furnish(NetworkStack host, Path namespace) {}

  @BeforeEach
  final void open() {
    assumeTrue("root".equals(System.getProperty("user.name")), "links need root, so it is skipped");
    machine = new TestHost(root.resolve("machine"));
    startPorts(machine);
    namespaces = machine.port(NetworkNamespaces.class);
    stacks = machine.port(NetworkStacks.class);
    makeHost();
    begin();
    await(driver().restore(CALL, List.of()));
    before = links();
  }

  @AfterEach
  final void close() {
    try {
      if (host != null) {
        host.close();
      }
      if (hostStack != null) {
        hostStack.close();
      }
    } finally {
      made.forEach(namespaces::remove);
      if (machine != null) {
        machine.close();
      }
    }
  }

  private Path hostNamespace() {
    return root.resolve("host");
  }

  private void makeHost() {
    makeNamespace("host");
    hostStack = stacks.open(hostNamespace());
    furnish(hostStack, hostNamespace());
  }

  private Path makeNamespace(String name) {
    Path path = root.resolve(name);
    made.add(path);
    namespaces.create(path);
    return path;
  }

  /** Another name for each container. */
  private Path makeNamespace() {
    return makeNamespace("container" + made.size());
  }

  private void begin() {
    host = begin("daemon");
  }

  /** A daemon with a log of its own. All its threads begin, and so are, in the host's namespace. */
  private TestHost begin(String name) {
    return namespaces.within(
        hostNamespace(),
        () -> {
          TestHost daemon = new TestHost(root.resolve(name));
          startPorts(daemon);
          NamespaceHost own =
              new NamespaceHost(
                  hostNamespace(), hostStack, stacks, machine.port(PacketFilter.class));
          daemon.given(NetworkStacks.class, own).given(PacketFilter.class, own);
          startDriver(daemon);
          return daemon;
        });
  }

  private NetworkDriver driver() {
    return driver(host);
  }

  private static NetworkDriver driver(TestHost daemon) {
    return daemon.service(NetworkDriver.NETWORK_DRIVER);
  }

  /** The daemon dies and starts again; what it left in the kernel stays. */
  private void restart(Restored... networks) {
    host.close();
    begin();
    await(driver().restore(CALL, List.of(networks)));
  }

  private static Kind failureOf(Future<?> call) {
    return ContentStoreContract.failureOf(call);
  }

  // What is decided before a driver is called.

  private NetworkTraits traits() {
    return await(driver().traits(CALL, draft(options())));
  }

  private Network draft(Map<String, String> options) {
    return network("a", options, List.of());
  }

  private Network network() {
    NetworkTraits traits = traits();
    if (traits.ownRanges().isPresent()) {
      return network("a", options(), traits.ownRanges().get());
    }
    List<AddressPool> pools = new ArrayList<>();
    for (IpPrefix range : List.of(RANGE_V4, RANGE_V6)) {
      pools.add(
          new AddressPool(
              range,
              Optional.empty(),
              traits.gateway() ? Optional.of(range.at(1)) : Optional.empty(),
              Map.of()));
    }
    Map<String, String> options = new TreeMap<>(options());
    options.put(MTU_OPTION, Integer.toString(MTU));
    return network("a", options, pools);
  }

  private Network network(String digit, Map<String, String> options, List<AddressPool> pools) {
    String id = host.provider(NetworkDriver.NETWORK_DRIVER).value();
    return new Network(
        digit.repeat(64),
        "contract-" + digit,
        id.substring(id.indexOf('.') + 1),
        Instant.EPOCH,
        false,
        false,
        true,
        true,
        pools,
        options,
        "default",
        Map.of(),
        Map.of());
  }

  private Network created() {
    Network network = network();
    await(driver().check(CALL, draft(options())));
    await(driver().create(CALL, network));
    return network;
  }

  /** The endpoint with the {@code number}th address of each range, from 2 on. */
  private Endpoint endpoint(Network network, int number) {
    return endpoint(host, network, number);
  }

  private Endpoint endpoint(TestHost daemon, Network network, int number) {
    String id = UUID.randomUUID().toString().replace("-", "").repeat(2);
    return new Endpoint(
        id,
        Character.toString('0' + number).repeat(64),
        network.id(),
        EndpointSettings.NONE,
        hostLink(daemon, id),
        "eth0",
        traits().macs() ? "02:42:0a:3d:00:0" + number : "",
        address(RANGE_V4, number),
        address(RANGE_V6, number),
        List.of(),
        false);
  }

  private Optional<IpPrefix> address(IpPrefix range, int number) {
    return traits().ownRanges().isPresent()
        ? Optional.empty()
        : Optional.of(new IpPrefix(range.at(number), range.length()));
  }

  /** As the log has it: with what the driver gave it. */
  private Endpoint known(Endpoint endpoint) {
    return endpoint.with(Optional.ofNullable(leases.get(endpoint.id())));
  }

  private InetAddress ipv4(Endpoint endpoint) {
    return known(endpoint).ipv4().orElseThrow().address();
  }

  /** As the daemon calls it: what tells daemons apart comes first. */
  private static String hostLink(TestHost daemon, String id) {
    byte[] log = daemon.log().info().logId().getBytes(StandardCharsets.UTF_8);
    return "tf" + Digest.sha256(log).hex().substring(0, 4) + id.substring(0, 7);
  }

  private void attach(Network network, Endpoint endpoint, Path namespace) {
    attach(host, network, endpoint, namespace);
  }

  private void attach(TestHost daemon, Network network, Endpoint endpoint, Path namespace) {
    Optional<Lease> lease = await(driver(daemon).attach(CALL, network, endpoint, namespace, PLAIN));
    assertThat(lease.isPresent()).isEqualTo(traits().ownRanges().isPresent());
    lease.ifPresent(given -> leases.put(endpoint.id(), given));
  }

  // What is seen of it in the kernel.

  /** By name; an index tells whether a link is still the same. */
  private Map<String, Link> links() {
    Map<String, Link> links = new TreeMap<>();
    hostStack.links().forEach(link -> links.put(link.name(), link));
    return links;
  }

  private <T> T in(Path namespace, Function<NetworkStack, T> question) {
    try (NetworkStack stack = stacks.open(namespace)) {
      return question.apply(stack);
    }
  }

  private Optional<Link> link(Path namespace, Endpoint endpoint) {
    return in(namespace, stack -> stack.link(endpoint.containerLink()));
  }

  private static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private static boolean same(Map<String, Link> one, Map<String, Link> other) {
    return indices(one).equals(indices(other));
  }

  private static Map<String, Integer> indices(Map<String, Link> links) {
    Map<String, Integer> indices = new TreeMap<>();
    links.forEach((name, link) -> indices.put(name, link.index()));
    return indices;
  }

  /** All that was given is on the link, and nothing else but link-local addresses. */
  private void isWhole(Endpoint endpoint, Path namespace) {
    Link link = link(namespace, endpoint).orElseThrow();
    assertThat(link.up()).isTrue();
    assertThat(link.mtu()).isEqualTo(MTU);
    if (traits().macs()) {
      assertThat(link.mac()).isEqualTo(endpoint.mac());
    }
    assertThat(in(namespace, NetworkStack::addresses))
        .filteredOn(address -> address.link().equals(endpoint.containerLink()))
        .extracting(LinkAddress::address)
        .filteredOn(address -> !address.address().isLinkLocalAddress())
        .containsExactlyInAnyOrder(
            known(endpoint).ipv4().orElseThrow(), known(endpoint).ipv6().orElseThrow());
    assertThat(in(namespace, NetworkStack::links))
        .extracting(Link::name)
        .containsExactlyInAnyOrder("lo", endpoint.containerLink());
  }

  private List<Route> defaultRoutes(Path namespace) {
    return in(namespace, NetworkStack::routes).stream()
        .filter(route -> route.destination().length() == 0)
        .toList();
  }

  /** Those that lead out of a network with these traits. */
  private List<Route> waysOut(Network network, Endpoint endpoint) {
    WayOut wayOut = traits().wayOut();
    List<Route> routes = new ArrayList<>();
    for (boolean v6 : new boolean[] {false, true}) {
      Optional<InetAddress> gateway = network.pool(v6).flatMap(AddressPool::gateway);
      if (wayOut == WayOut.LINK || (wayOut == WayOut.GATEWAY && gateway.isPresent())) {
        routes.add(
            new Route(
                v6 ? EVERYWHERE_V6 : EVERYWHERE_V4,
                wayOut == WayOut.LINK ? Optional.empty() : gateway,
                endpoint.containerLink()));
      }
    }
    return routes;
  }

  private static StandardProtocolFamily family(InetAddress address) {
    return address instanceof Inet6Address
        ? StandardProtocolFamily.INET6
        : StandardProtocolFamily.INET;
  }

  private ServerSocketChannel listen(Path namespace, InetAddress address, int port) {
    return namespaces.within(
        namespace,
        () -> {
          ServerSocketChannel server = ServerSocketChannel.open(family(address));
          try {
            return server.bind(new InetSocketAddress(address, port));
          } catch (IOException e) {
            server.close();
            throw e;
          }
        });
  }

  /** A byte goes from a server in {@code to}, at {@code listening}, to who connects. */
  private void reaches(Path from, InetAddress where, int port, Path to, InetAddress listening)
      throws IOException {
    try (ServerSocketChannel server = listen(to, listening, PORT);
        SocketChannel client = namespaces.within(from, () -> SocketChannel.open(family(where)))) {
      client.socket().connect(new InetSocketAddress(where, port), PATIENCE_MILLIS);
      client.socket().setSoTimeout(PATIENCE_MILLIS);
      server.socket().setSoTimeout(PATIENCE_MILLIS);
      try (Socket accepted = server.socket().accept()) {
        accepted.getOutputStream().write(7);
        assertThat(client.socket().getInputStream().read()).isEqualTo(7);
      }
    }
  }

  /** By all addresses, in both directions. */
  private void reachOneAnother(Endpoint one, Path here, Endpoint other, Path there)
      throws IOException {
    for (InetAddress address : known(other).addresses()) {
      reaches(here, address, PORT, there, address);
    }
    for (InetAddress address : known(one).addresses()) {
      reaches(there, address, PORT, here, address);
    }
  }

  /** The kernel says so at once: nobody listens, or there is no route. */
  private boolean isRefused(Path from, InetAddress where, int port) {
    try (SocketChannel client = namespaces.within(from, () -> SocketChannel.open(family(where)))) {
      client.socket().connect(new InetSocketAddress(where, port), PATIENCE_MILLIS);
      return false;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void traitsFollowFromWhatANetworkIsAlone() {
    NetworkTraits traits = traits();
    assertThat(await(driver().traits(CALL, network()))).isEqualTo(traits);
    Network network = created();
    assertThat(await(driver().traits(CALL, network))).isEqualTo(traits);
    restart(new Restored(network, List.of()));
    assertThat(await(driver().traits(CALL, network))).isEqualTo(traits);
  }

  @Test
  void optionsThatCannotBeAreTheClientsFaultAndNothingIsMade() {
    assertThat(badOptions()).isNotEmpty();
    for (Map<String, String> bad : badOptions()) {
      Map<String, String> options = new TreeMap<>(options());
      options.putAll(bad);
      Network network = draft(options);
      Future<Void> asked =
          driver().traits(CALL, network).compose(traits -> driver().check(CALL, network));
      assertThat(failureOf(asked)).as(bad.toString()).isEqualTo(Kind.INVALID_ARGUMENT);
    }
    await(driver().check(CALL, draft(options())));
    assertThat(links()).isEqualTo(before);
  }

  @Test
  void anEndpointHasWhatItWasGiven() {
    Network network = created();
    Endpoint endpoint = endpoint(network, 2);
    Path namespace = makeNamespace();
    attach(network, endpoint, namespace);
    isWhole(endpoint, namespace);
    assertThat(in(namespace, NetworkStack::routes))
        .contains(
            new Route(RANGE_V4, Optional.empty(), "eth0"),
            new Route(RANGE_V6, Optional.empty(), "eth0"));
    assertThat(defaultRoutes(namespace)).isEmpty();
  }

  @Test
  void theNameOfALinkIsTheContainersAlsoWhereTheHostHasOneOfThatName() {
    hostStack.createBridge("eth0", Optional.empty(), MTU);
    Network network = created();
    Endpoint endpoint = endpoint(network, 2);
    Path namespace = makeNamespace();
    attach(network, endpoint, namespace);
    isWhole(endpoint, namespace);
    assertThat(hostStack.link("eth0").orElseThrow().kind()).isEqualTo("bridge");
  }

  @Test
  void endpointsOfANetworkReachOneAnother() throws IOException {
    Network network = created();
    Endpoint one = endpoint(network, 2);
    Endpoint two = endpoint(network, 3);
    Path here = makeNamespace();
    Path there = makeNamespace();
    attach(network, one, here);
    attach(network, two, there);
    reachOneAnother(one, here, two, there);
  }

  @Test
  void theWayOutIsThroughTheEndpointThatSaysSo() {
    Network network = created();
    Endpoint endpoint = endpoint(network, 2).withGateway(true);
    Path namespace = makeNamespace();
    attach(network, endpoint, namespace);
    List<Route> waysOut = waysOut(network, endpoint);
    assertThat(defaultRoutes(namespace)).containsExactlyInAnyOrderElementsOf(waysOut);
    for (boolean gateway : new boolean[] {true, false, false, true, true}) {
      await(driver().route(CALL, network, endpoint.withGateway(gateway), namespace));
      assertThat(defaultRoutes(namespace))
          .containsExactlyInAnyOrderElementsOf(gateway ? waysOut : List.of());
    }
  }

  /** Both may come again, after a crash that left everything, or a part. */
  @Test
  void creatingAndAttachingAgainMendsWhatIsThere() throws IOException {
    Network network = created();
    await(driver().create(CALL, network));
    Endpoint one = endpoint(network, 2).withGateway(true);
    Endpoint two = endpoint(network, 3);
    Path here = makeNamespace();
    Path there = makeNamespace();
    attach(network, two, there);
    List<Consumer<NetworkStack>> damages =
        List.of(
            stack -> {},
            stack -> stack.delete("eth0"),
            stack -> stack.removeAddress("eth0", known(one).ipv4().orElseThrow()),
            stack -> waysOut(network, one).forEach(stack::removeRoute));
    attach(network, one, here);
    for (Consumer<NetworkStack> damage : damages) {
      in(
          here,
          stack -> {
            damage.accept(stack);
            return null;
          });
      await(driver().create(CALL, network));
      attach(network, one, here);
      isWhole(one, here);
      assertThat(defaultRoutes(here)).containsExactlyInAnyOrderElementsOf(waysOut(network, one));
    }
    Map<String, Link> twice = links();
    attach(network, one, here);
    // What makes links of its own accord may call them as it likes.
    assertThat(links()).hasSameSizeAs(twice);
    if (traits().ownRanges().isEmpty()) {
      assertThat(links().keySet()).isEqualTo(twice.keySet());
    }
    reachOneAnother(one, here, two, there);
  }

  /** A container that starts again keeps its endpoint, though nobody detached it. */
  @Test
  void anEndpointMovesToTheNextNamespaceOfItsContainer() throws IOException {
    Network network = created();
    Endpoint one = endpoint(network, 2).withGateway(true);
    Endpoint two = endpoint(network, 3);
    Path there = makeNamespace();
    attach(network, two, there);
    Path earlier = makeNamespace();
    attach(network, one, earlier);
    namespaces.remove(earlier);
    Path later = makeNamespace();
    attach(network, one, later);
    isWhole(one, later);
    reachOneAnother(one, later, two, there);
  }

  @Test
  void aNamespaceThatIsNotThereIsRefusedAndLeavesNothing() {
    Network network = created();
    Map<String, Link> empty = links();
    Endpoint endpoint = endpoint(network, 2);
    assertThat(failureOf(driver().attach(CALL, network, endpoint, root.resolve("nowhere"), PLAIN)))
        .isEqualTo(Kind.NOT_FOUND);
    await(driver().detach(CALL, network, endpoint, Optional.empty()));
    eventually("nothing is left", () -> same(links(), empty));
  }

  @Test
  void aDetachedEndpointLeavesNothingInANamespaceThatStays() throws IOException {
    Network network = created();
    Map<String, Link> empty = links();
    Endpoint one = endpoint(network, 2).withGateway(true);
    Endpoint two = endpoint(network, 3);
    Path here = makeNamespace();
    Path there = makeNamespace();
    attach(network, one, here);
    attach(network, two, there);
    for (int i = 0; i < 2; i++) {
      await(driver().detach(CALL, network, one, Optional.of(here)));
      assertThat(in(here, NetworkStack::links)).extracting(Link::name).containsExactly("lo");
      assertThat(isRefused(here, ipv4(two), PORT)).isTrue();
    }
    isWhole(two, there);
    attach(network, one, here);
    reachOneAnother(one, here, two, there);
    await(driver().detach(CALL, network, one, Optional.of(here)));
    await(driver().detach(CALL, network, two, Optional.of(there)));
    assertThat(indices(links())).isEqualTo(indices(empty));
  }

  @Test
  void aDetachedEndpointLeavesNothingOnTheHostWhenItsNamespaceGoes() {
    Network network = created();
    Map<String, Link> empty = links();
    Endpoint endpoint = endpoint(network, 2);
    Path namespace = makeNamespace();
    attach(network, endpoint, namespace);
    await(driver().detach(CALL, network, endpoint, Optional.empty()));
    namespaces.remove(namespace);
    eventually("its link goes with its namespace", () -> same(links(), empty));
    // Again, and as if nobody had known that it has gone; and what never was.
    await(driver().detach(CALL, network, endpoint, Optional.empty()));
    await(driver().detach(CALL, network, endpoint, Optional.of(namespace)));
    await(driver().detach(CALL, network, endpoint(network, 3), Optional.empty()));
    assertThat(indices(links())).isEqualTo(indices(empty));
  }

  @Test
  void aRemovedNetworkLeavesNothing() {
    Network network = created();
    Endpoint endpoint = endpoint(network, 2);
    Path namespace = makeNamespace();
    attach(network, endpoint, namespace);
    await(driver().detach(CALL, network, endpoint, Optional.of(namespace)));
    await(driver().remove(CALL, network));
    assertThat(indices(links())).isEqualTo(indices(before));
    await(driver().remove(CALL, network));
    // And is made again under the same id, as no network is, but after a crash.
    await(driver().create(CALL, network));
    attach(network, endpoint, namespace);
    isWhole(endpoint, namespace);
    await(driver().detach(CALL, network, endpoint, Optional.of(namespace)));
    await(driver().remove(CALL, network));
    assertThat(indices(links())).isEqualTo(indices(before));
  }

  @Test
  void aNetworkThatSomebodyElseTookAwayIsRemoved() {
    Network network = created();
    links().keySet().stream().filter(name -> !before.containsKey(name)).forEach(hostStack::delete);
    await(driver().remove(CALL, network));
    assertThat(indices(links())).isEqualTo(indices(before));
    await(driver().remove(CALL, network("b", options(), List.of())));
    assertThat(indices(links())).isEqualTo(indices(before));
  }

  private static PortBinding binding() {
    return new PortBinding("tcp", PORT, LOOPBACK, HOST_PORT);
  }

  @Test
  void aPublishedPortLeadsToTheEndpointUntilItIsUnpublished() throws IOException {
    Network network = created();
    Endpoint endpoint = endpoint(network, 2).withGateway(true);
    Path namespace = makeNamespace();
    attach(network, endpoint, namespace);
    List<PortBinding> bindings = List.of(binding());
    if (!traits().ports()) {
      assertThat(failureOf(driver().publish(CALL, network, known(endpoint), bindings)))
          .isEqualTo(Kind.UNIMPLEMENTED);
      await(driver().unpublish(CALL, network, known(endpoint), bindings));
      return;
    }
    InetAddress inside = ipv4(endpoint);
    for (int i = 0; i < 2; i++) {
      await(driver().publish(CALL, network, known(endpoint), bindings));
      reaches(hostNamespace(), LOOPBACK, HOST_PORT, namespace, inside);
    }
    for (int i = 0; i < 2; i++) {
      await(driver().unpublish(CALL, network, known(endpoint), bindings));
      assertThat(isRefused(hostNamespace(), LOOPBACK, HOST_PORT)).isTrue();
    }
    // It is free for others, who keep it.
    try (ServerSocketChannel other = listen(hostNamespace(), LOOPBACK, HOST_PORT)) {
      assertThat(failureOf(driver().publish(CALL, network, known(endpoint), bindings)))
          .isEqualTo(Kind.ALREADY_EXISTS);
      assertThat(other.isOpen()).isTrue();
    }
    await(driver().publish(CALL, network, known(endpoint), bindings));
    reaches(hostNamespace(), LOOPBACK, HOST_PORT, namespace, inside);
  }

  @Test
  void aRestartKeepsWhatRuns() throws IOException {
    Network network = created();
    Endpoint one = endpoint(network, 2).withGateway(true);
    Endpoint two = endpoint(network, 3);
    Path here = makeNamespace();
    Path there = makeNamespace();
    attach(network, one, here);
    attach(network, two, there);
    List<PortBinding> bindings = traits().ports() ? List.of(binding()) : List.of();
    if (!bindings.isEmpty()) {
      await(driver().publish(CALL, network, known(one), bindings));
    }
    Map<String, Link> running = links();
    int inside = link(here, one).orElseThrow().index();
    restart(
        new Restored(
            network,
            List.of(new Attached(known(one), bindings), new Attached(known(two), List.of()))));
    assertThat(indices(links())).isEqualTo(indices(running));
    assertThat(link(here, one).orElseThrow().index()).isEqualTo(inside);
    isWhole(one, here);
    assertThat(defaultRoutes(here)).containsExactlyInAnyOrderElementsOf(waysOut(network, one));
    reachOneAnother(one, here, two, there);
    if (!bindings.isEmpty()) {
      reaches(hostNamespace(), LOOPBACK, HOST_PORT, here, ipv4(one));
    }
    // It goes on as if nothing had happened.
    Endpoint three = endpoint(network, 4);
    Path elsewhere = makeNamespace();
    attach(network, three, elsewhere);
    reachOneAnother(one, here, three, elsewhere);
    await(driver().unpublish(CALL, network, known(one), bindings));
    await(driver().detach(CALL, network, one, Optional.of(here)));
    await(driver().detach(CALL, network, two, Optional.of(there)));
    await(driver().detach(CALL, network, three, Optional.of(elsewhere)));
    await(driver().remove(CALL, network));
    assertThat(indices(links())).isEqualTo(indices(before));
  }

  @Test
  void aRestartTakesAwayWhatNobodyNames() {
    Network network = created();
    Endpoint kept = endpoint(network, 2);
    Endpoint gone = endpoint(network, 3);
    Path here = makeNamespace();
    Path there = makeNamespace();
    attach(network, kept, here);
    Map<String, Link> without = links();
    attach(network, gone, there);
    restart(new Restored(network, List.of(new Attached(known(kept), List.of()))));
    eventually("the endpoint that nobody names goes", () -> same(links(), without));
    isWhole(kept, here);
    restart();
    eventually("the network that nobody names goes", () -> same(links(), before));
  }

  @Test
  void afterARebootTheNetworksAreMadeAnew() throws IOException {
    Network network = created();
    Endpoint lost = endpoint(network, 2);
    attach(network, lost, makeNamespace());
    host.close();
    hostStack.close();
    made.forEach(namespaces::remove);
    made.clear();
    makeHost();
    before = links();
    begin();
    await(driver().restore(CALL, List.of(new Restored(network, List.of()))));
    Endpoint one = endpoint(network, 2);
    Endpoint two = endpoint(network, 3);
    Path here = makeNamespace("here");
    Path there = makeNamespace("there");
    attach(network, one, here);
    attach(network, two, there);
    reachOneAnother(one, here, two, there);
    await(driver().detach(CALL, network, one, Optional.of(here)));
    await(driver().detach(CALL, network, two, Optional.of(there)));
    await(driver().remove(CALL, network));
    assertThat(indices(links())).isEqualTo(indices(before));
  }

  /** Two daemons are on one host, and administrators make links as they please. */
  @Test
  void whatIsAnothersStays() {
    hostStack.createBridge("br-" + "b".repeat(12), Optional.empty(), MTU);
    hostStack.createBridge("tf0000" + "b".repeat(7), Optional.empty(), MTU);
    TestHost other = begin("other");
    try {
      await(driver(other).restore(CALL, List.of()));
      Network network = network();
      await(driver(other).create(CALL, network));
      Endpoint endpoint = endpoint(other, network, 2);
      Path namespace = makeNamespace();
      attach(other, network, endpoint, namespace);
      Map<String, Link> all = links();
      restart();
      await(driver().remove(CALL, network));
      await(driver().detach(CALL, network, endpoint(network, 3), Optional.empty()));
      assertThat(indices(links())).isEqualTo(indices(all));
      isWhole(endpoint, namespace);
    } finally {
      other.close();
    }
  }
}
