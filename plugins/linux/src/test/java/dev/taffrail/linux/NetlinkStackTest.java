package dev.taffrail.linux;

import static dev.taffrail.linux.NativeTreeTest.kindOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStack.End;
import dev.taffrail.core.linux.NetworkStack.Link;
import dev.taffrail.core.linux.NetworkStack.LinkAddress;
import dev.taffrail.core.linux.NetworkStack.Route;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@RootOnly
@Timeout(60)
class NetlinkStackTest {
  private static final int GROUP = 0x7afff001;
  private static final int MTU = 1400;
  private static final int PORT = 4711;

  @TempDir private Path directory;
  private Namespaces namespaces;
  private Path hostPath;
  private NetworkStack host;

  @BeforeEach
  void makeHost() {
    namespaces = new Namespaces(directory);
    hostPath = namespaces.make("host");
    host = namespaces.open(hostPath);
  }

  @AfterEach
  void removeAll() {
    namespaces.close();
  }

  @Test
  void aNewNamespaceHasALoopbackThatIsUp() {
    assertThat(host.links()).hasSize(1);
    Link loopback = host.link("lo").orElseThrow();
    assertThat(loopback).isEqualTo(host.links().get(0));
    assertThat(loopback.index()).isEqualTo(1);
    assertThat(loopback.up()).isTrue();
    assertThat(loopback.kind()).isEmpty();
    assertThat(loopback.mac()).isEmpty();
    assertThat(loopback.mtu()).isEqualTo(65536);
    assertThat(loopback.master()).isEmpty();
    assertThat(host.addresses()).contains(address("lo", "127.0.0.1/8"));
    assertThat(host.addresses()).contains(address("lo", "::1/128"));
  }

  @Test
  void aBridgeIsMadeAsAsked() {
    host.createBridge("br0", Optional.of("02:42:ac:11:00:01"), MTU);
    Link bridge = host.link("br0").orElseThrow();
    assertThat(bridge.kind()).isEqualTo("bridge");
    assertThat(bridge.mac()).isEqualTo("02:42:ac:11:00:01");
    assertThat(bridge.mtu()).isEqualTo(MTU);
    assertThat(bridge.up()).isFalse();
    host.setUp("br0");
    assertThat(host.link("br0").orElseThrow().up()).isTrue();
    host.createBridge("br1", Optional.empty(), MTU);
    assertThat(host.link("br1").orElseThrow().mac()).hasSize(17);
    assertThat(host.links()).extracting(Link::name).containsExactly("lo", "br0", "br1");
    host.delete("br0");
    assertThat(host.link("br0")).isEmpty();
    host.delete("br0");
    host.delete("a-name-that-no-link-can-have");
  }

  @Test
  void twoNamespacesOnABridgeTalk() throws IOException {
    bridge("br0");
    Path one = connect("one", "10.9.0.2/24", "fd00:9::2/64");
    Path two = connect("two", "10.9.0.3/24", "fd00:9::3/64");
    assertThat(exchange(one, two, "10.9.0.3")).isEqualTo("10.9.0.2");
    assertThat(exchange(one, two, "fd00:9::3")).isEqualTo("fd00:9::2");
    assertThat(exchange(two, hostPath, "10.9.0.1")).isEqualTo("10.9.0.3");
  }

  @Test
  void bothEndsOfAPairAreWhatWasAskedFor() {
    Path other = namespaces.make("other");
    NetworkStack there = namespaces.open(other);
    host.createVeth(
        new End("veth1", Optional.of("02:00:00:00:00:01")),
        new End("eth0", Optional.of("02:00:00:00:00:02")),
        other,
        MTU);
    Link here = host.link("veth1").orElseThrow();
    Link peer = there.link("eth0").orElseThrow();
    assertThat(List.of(here.kind(), here.mac(), here.mtu(), here.up()))
        .containsExactly("veth", "02:00:00:00:00:01", MTU, false);
    assertThat(List.of(peer.kind(), peer.mac(), peer.mtu(), peer.up()))
        .containsExactly("veth", "02:00:00:00:00:02", MTU, false);
    assertThat(host.link("eth0")).isEmpty();
    there.delete("eth0");
    assertThat(host.link("veth1")).isEmpty();
  }

  @Test
  void aNameThatIsTakenHereIsFreeThere() {
    Path other = namespaces.make("other");
    host.createBridge("eth0", Optional.empty(), MTU);
    host.createVeth(end("veth1"), end("eth0"), other, MTU);
    assertThat(namespaces.open(other).link("eth0")).isPresent();
  }

  @Test
  void addressesComeAndGo() {
    host.createBridge("br0", Optional.empty(), MTU);
    host.setUp("br0");
    IpPrefix four = IpPrefix.parse("172.17.0.1/16");
    IpPrefix six = IpPrefix.parse("fd00::1/64");
    host.addAddress("br0", four);
    host.addAddress("br0", six);
    assertThat(host.addresses())
        .contains(new LinkAddress("br0", four), new LinkAddress("br0", six));
    assertThat(run("ip", "-o", "addr", "show", "dev", "br0"))
        .contains("172.17.0.1/16 brd 172.17.255.255 scope global br0")
        .containsPattern("fd00::1/64 scope global nodad");
    assertThat(kindOf(() -> host.addAddress("br0", four))).isEqualTo(Kind.ALREADY_EXISTS);
    host.removeAddress("br0", four);
    host.removeAddress("br0", six);
    host.removeAddress("br0", four);
    host.removeAddress("absent", four);
    assertThat(host.addresses())
        .extracting(LinkAddress::address)
        .doesNotContain(four)
        .doesNotContain(six);
  }

  @Test
  void routesComeAndGo() {
    bridge("br0");
    Route byDefault = route("0.0.0.0/0", "10.9.0.254");
    Route six = route("::/0", "fd00:9::fe");
    Route onLink = new Route(IpPrefix.parse("10.10.0.0/16"), Optional.empty(), "br0");
    Route sixOnLink = new Route(IpPrefix.parse("fd00:10::/32"), Optional.empty(), "br0");
    for (Route route : List.of(byDefault, six, onLink, sixOnLink)) {
      host.addRoute(route);
      assertThat(host.routes()).contains(route);
      assertThat(kindOf(() -> host.addRoute(route))).isEqualTo(Kind.ALREADY_EXISTS);
    }
    assertThat(host.routes())
        .contains(new Route(IpPrefix.parse("10.9.0.0/24"), Optional.empty(), "br0"));
    assertThat(run("ip", "route")).contains("default via 10.9.0.254 dev br0");
    for (Route route : List.of(byDefault, six, onLink, sixOnLink)) {
      host.removeRoute(route);
      assertThat(host.routes()).doesNotContain(route);
      host.removeRoute(route);
    }
    host.removeRoute(new Route(byDefault.destination(), Optional.empty(), "absent"));
  }

  @Test
  void everyHopOfARouteOfSeveralIsListed() {
    bridge("br0");
    run(
        "ip",
        "route",
        "add",
        "10.20.0.0/16",
        "nexthop",
        "via",
        "10.9.0.7",
        "nexthop",
        "via",
        "10.9.0.8");
    run("ip", "route", "add", "blackhole", "10.21.0.0/16");
    run("ip", "route", "add", "10.22.0.0/16", "via", "10.9.0.7", "table", "100");
    assertThat(host.routes())
        .contains(route("10.20.0.0/16", "10.9.0.7"), route("10.20.0.0/16", "10.9.0.8"))
        .extracting(route -> route.destination().toString())
        .doesNotContain("10.21.0.0/16", "10.22.0.0/16");
  }

  @Test
  void aRouteThatLeadsNowhereIsRefusedInTheKernelsWords() {
    bridge("br0");
    assertThatThrownBy(() -> host.addRoute(route("0.0.0.0/0", "192.168.77.1")))
        .hasMessage(
            "Cannot add the route 0.0.0.0/0 via 192.168.77.1 on br0: ENETUNREACH, Network is"
                + " unreachable (Nexthop has invalid gateway)")
        .extracting(failure -> ((RuntimeFailure) failure).kind())
        .isEqualTo(Kind.FAILED_PRECONDITION);
    assertThat(kindOf(() -> host.addRoute(route("0.0.0.0/0", "fd00:9::fe"))))
        .isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(kindOf(() -> host.addRoute(route("10.10.0.1/16", "10.9.0.7"))))
        .isEqualTo(Kind.INVALID_ARGUMENT);
  }

  @Test
  void whatCannotBeIsRefusedWithItsKind() {
    host.createBridge("br0", Optional.empty(), MTU);
    host.createBridge("br1", Optional.empty(), MTU);
    assertThatThrownBy(() -> host.createBridge("br0", Optional.empty(), MTU))
        .hasMessage("Cannot make the bridge br0: EEXIST, File exists");
    assertThat(kindOf(() -> host.createBridge("br0", Optional.empty(), MTU)))
        .isEqualTo(Kind.ALREADY_EXISTS);
    for (String name : List.of("", "sixteen-bytes-xx", "a b", "a/b", "..", "eth%d", "a\0b")) {
      assertThat(kindOf(() -> host.createBridge(name, Optional.empty(), MTU)))
          .isEqualTo(Kind.INVALID_ARGUMENT);
      assertThat(host.link(name)).isEmpty();
    }
    assertThat(kindOf(() -> host.createBridge("br2", Optional.of("02:42"), MTU)))
        .isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(kindOf(() -> host.setUp("absent"))).isEqualTo(Kind.NOT_FOUND);
    assertThat(kindOf(() -> host.setUp("a-name-that-no-link-can-have"))).isEqualTo(Kind.NOT_FOUND);
    assertThat(kindOf(() -> host.addAddress("absent", IpPrefix.parse("10.0.0.1/8"))))
        .isEqualTo(Kind.NOT_FOUND);
    assertThat(kindOf(() -> host.setMaster("br0", "absent"))).isEqualTo(Kind.NOT_FOUND);
    assertThatThrownBy(() -> host.setMaster("br1", "br0"))
        .hasMessageContaining("Can not enslave a bridge to a bridge");
    assertThat(kindOf(() -> host.rename("br0", "br1"))).isEqualTo(Kind.ALREADY_EXISTS);
    assertThat(kindOf(() -> host.createVeth(end("v"), end("eth0"), directory.resolve("none"), MTU)))
        .isEqualTo(Kind.NOT_FOUND);
    assertThat(kindOf(() -> namespaces.open(directory.resolve("none")))).isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void aPortHasItsBridgeAsMasterAndItsOwnModes() {
    bridge("br0");
    connect("one", "10.9.0.2/24", "fd00:9::2/64");
    assertThat(host.link("one").orElseThrow().master())
        .hasValue(host.link("br0").orElseThrow().index());
    host.setHairpin("one", true);
    host.setIsolated("one", true);
    assertThat(run("ip", "-d", "link", "show", "dev", "one"))
        .contains("hairpin on")
        .contains("isolated on");
    host.setHairpin("one", false);
    host.setIsolated("one", false);
    assertThat(run("ip", "-d", "link", "show", "dev", "one"))
        .contains("hairpin off")
        .contains("isolated off");
    assertThat(kindOf(() -> host.setHairpin("br0", true))).isEqualTo(Kind.FAILED_PRECONDITION);
    assertThat(kindOf(() -> host.setIsolated("absent", true))).isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void aRenamedLinkIsTheSameLink() {
    host.createBridge("br0", Optional.empty(), MTU);
    int index = host.link("br0").orElseThrow().index();
    host.rename("br0", "br1");
    assertThat(host.link("br0")).isEmpty();
    assertThat(host.link("br1").orElseThrow().index()).isEqualTo(index);
  }

  @Test
  void aMacvlanAppearsInTheOtherNamespaceAlsoUnderANameTakenHere() throws IOException {
    Path one = namespaces.make("one");
    Path two = namespaces.make("two");
    host.createBridge("eth0", Optional.empty(), MTU);
    host.setUp("eth0");
    macvlan(one, "10.9.0.2/24", Optional.of("02:42:0a:09:00:02"));
    macvlan(two, "10.9.0.3/24", Optional.empty());
    Link link = namespaces.open(one).link("eth0").orElseThrow();
    assertThat(List.of(link.kind(), link.mac(), link.mtu()))
        .containsExactly("macvlan", "02:42:0a:09:00:02", 1300);
    assertThat(exchange(one, two, "10.9.0.3")).isEqualTo("10.9.0.2");
    assertThat(
            kindOf(
                () -> host.createMacvlan("eth0", "bridge", end("eth0"), one, OptionalInt.empty())))
        .isEqualTo(Kind.ALREADY_EXISTS);
    assertThat(namespaces.open(one).links()).extracting(Link::name).containsExactly("lo", "eth0");
    assertThat(
            kindOf(() -> host.createMacvlan("eth0", "odd", end("eth1"), one, OptionalInt.empty())))
        .isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(
            kindOf(
                () ->
                    host.createMacvlan("absent", "bridge", end("eth1"), one, OptionalInt.empty())))
        .isEqualTo(Kind.NOT_FOUND);
  }

  /** Kernels are built with and without these. */
  @Test
  void otherKindsOfLinksAreMadeOrSaidToBeUnknown() {
    Path one = namespaces.make("one");
    host.createBridge("br0", Optional.empty(), MTU);
    makes("vlan", () -> host.createVlan("br0", 7, "br0.7", GROUP), "br0.7", host);
    assertThat(kindOf(() -> host.createVlan("br0", 65543, "br0.7", GROUP)))
        .isEqualTo(Kind.INVALID_ARGUMENT);
    makes("dummy", () -> host.createDummy("dummy1", GROUP), "dummy1", host);
    makes(
        "ipvlan",
        () -> host.createIpvlan("br0", "l3", "private", "ipv1", one, OptionalInt.of(1300)),
        "ipv1",
        namespaces.open(one));
  }

  @Test
  void longAnswersComeWhole() {
    for (int i = 0; i < 300; i++) {
      host.createBridge("br" + i, Optional.empty(), MTU);
    }
    assertThat(host.links()).hasSize(301);
    run("ip", "link", "property", "add", "dev", "br7", "altname", "x".repeat(100));
    assertThat(host.link("br7")).isPresent();
  }

  @Test
  void threadsShareAStackAndGetTheirOwnAnswers() throws Exception {
    host.createBridge("br0", Optional.empty(), MTU);
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      IpPrefix own = IpPrefix.parse("10." + i + ".0.1/16");
      work.add(
          () -> {
            for (int turn = 0; turn < 50; turn++) {
              host.addAddress("br0", own);
              assertThat(host.link("br0").orElseThrow().name()).isEqualTo("br0");
              assertThat(host.link("absent")).isEmpty();
              assertThat(kindOf(() -> host.addAddress("br0", own))).isEqualTo(Kind.ALREADY_EXISTS);
              host.removeAddress("br0", own);
            }
            return null;
          });
    }
    ExecutorService threads = Executors.newFixedThreadPool(work.size());
    try {
      for (Future<Void> each : threads.invokeAll(work)) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(host.addresses()).extracting(LinkAddress::link).doesNotContain("br0");
  }

  @Test
  void aClosedStackSaysSo() {
    NetworkStack stack = namespaces.stacks.open(hostPath);
    stack.close();
    stack.close();
    assertThat(kindOf(stack::links)).isEqualTo(Kind.ABORTED);
  }

  private void macvlan(Path namespace, String address, Optional<String> mac) {
    host.createMacvlan("eth0", "bridge", new End("eth0", mac), namespace, OptionalInt.of(1300));
    NetworkStack there = namespaces.open(namespace);
    there.addAddress("eth0", IpPrefix.parse(address));
    there.setUp("eth0");
  }

  private void makes(String kind, Runnable creation, String name, NetworkStack where) {
    try {
      creation.run();
    } catch (RuntimeFailure failure) {
      assertThat(failure.kind()).isEqualTo(Kind.UNIMPLEMENTED);
      assertThat(failure).hasMessageEndingWith("(Unknown device type)");
      assertThat(host.hasKind(kind)).isFalse();
      return;
    }
    assertThat(host.hasKind(kind)).isTrue();
    assertThat(where.link(name).orElseThrow().kind()).isEqualTo(kind);
    if (where == host) {
      assertThat(host.link(name).orElseThrow().group()).isEqualTo(GROUP);
    }
  }

  @Test
  void whetherTheKernelHasAKindOfLinksIsAskedWithoutMakingOne() {
    List<Link> before = host.links();
    for (String kind : List.of("bridge", "veth", "macvlan")) {
      assertThat(host.hasKind(kind)).as(kind).isTrue();
    }
    assertThat(host.hasKind("raft")).isFalse();
    assertThat(host.links()).isEqualTo(before);
  }

  @Test
  void theGroupOfALinkIsSeen() {
    host.createBridge("br0", Optional.empty(), MTU);
    assertThat(host.link("br0").orElseThrow().group()).isZero();
    run("ip", "link", "set", "br0", "group", Integer.toString(GROUP));
    assertThat(host.link("br0").orElseThrow().group()).isEqualTo(GROUP);
    assertThat(host.links()).extracting(Link::group).contains(GROUP);
  }

  @Test
  void aMacvlanThatWasCutShortOnItsWayIsReplaced() {
    Path one = namespaces.make("one");
    host.createBridge("eth0", Optional.empty(), MTU);
    NetworkStack there = namespaces.open(one);
    macvlan(one, "10.9.0.2/24", Optional.empty());
    there.rename("eth0", LinkName.passing("eth0"));
    macvlan(one, "10.9.0.2/24", Optional.empty());
    assertThat(there.links()).extracting(Link::name).containsExactly("lo", "eth0");
  }

  /** A bridge that is up, 10.9.0.1 and fd00:9::1. */
  private void bridge(String name) {
    host.createBridge(name, Optional.empty(), MTU);
    host.addAddress(name, IpPrefix.parse("10.9.0.1/24"));
    host.addAddress(name, IpPrefix.parse("fd00:9::1/64"));
    host.setUp(name);
  }

  /** A namespace whose eth0 is a port of br0. */
  private Path connect(String name, String four, String six) {
    Path namespace = namespaces.make(name);
    host.createVeth(end(name), end("eth0"), namespace, MTU);
    host.setMaster(name, "br0");
    host.setUp(name);
    NetworkStack there = namespaces.open(namespace);
    there.addAddress("eth0", IpPrefix.parse(four));
    there.addAddress("eth0", IpPrefix.parse(six));
    there.setUp("eth0");
    return namespace;
  }

  /** Sends a datagram; who the receiver sees as its sender. */
  private String exchange(Path from, Path to, String address) throws IOException {
    try (DatagramChannel receiver = channel(to, address);
        DatagramChannel sender = channel(from, address)) {
      receiver.bind(new InetSocketAddress(IpText.parse(address), PORT));
      sender.send(
          ByteBuffer.wrap("ahoy".getBytes(UTF_8)),
          new InetSocketAddress(IpText.parse(address), PORT));
      ByteBuffer buffer = ByteBuffer.allocate(100);
      InetSocketAddress seen = (InetSocketAddress) receiver.receive(buffer);
      assertThat(UTF_8.decode(buffer.flip()).toString()).isEqualTo("ahoy");
      return IpText.of(seen.getAddress());
    }
  }

  private DatagramChannel channel(Path namespace, String address) {
    return namespaces.port.within(
        namespace,
        () ->
            DatagramChannel.open(
                address.contains(":")
                    ? StandardProtocolFamily.INET6
                    : StandardProtocolFamily.INET));
  }

  /** What a program says in the host's namespace. */
  private String run(String... command) {
    return namespaces.port.within(
        hostPath,
        () -> {
          Path output = Files.createTempFile(directory, "output", "");
          Process process =
              new ProcessBuilder(command)
                  .redirectErrorStream(true)
                  .redirectOutput(output.toFile())
                  .start();
          int code = process.waitFor();
          assertThat(code).as(Files.readString(output)).isZero();
          return Files.readString(output);
        });
  }

  private Route route(String destination, String gateway) {
    return new Route(IpPrefix.parse(destination), Optional.of(IpText.parse(gateway)), "br0");
  }

  private static End end(String name) {
    return new End(name, Optional.empty());
  }

  private static LinkAddress address(String link, String address) {
    return new LinkAddress(link, IpPrefix.parse(address));
  }
}
