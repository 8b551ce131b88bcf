package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.DaemonProcess;
import dev.taffrail.testkit.daemon.NetworkNamespace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Networks of the drivers {@code macvlan} and {@code ipvlan}. Their parent {@code lan} is a cable
 * to another namespace, where a router and a server are. After each test nothing of them may be
 * left.
 */
class ParentLinkNetworkTest {
  private static final String ROUTER = "10.51.0.254";

  private static DaemonProcess daemon;
  private static NetworkNamespace beyond;
  private static Moorings moorings;
  private static List<String> before;

  @BeforeAll
  static void start() {
    beyond = NetworkNamespace.create();
    daemon = DaemonProcess.start();
    moorings = new Moorings(daemon);
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
    daemon.network().connect(beyond, "lan");
    daemon.network().run("ip", "link", "set", "lan", "up").succeeded();
    // The host is on that network as well.
    daemon.network().run("ip", "address", "add", "10.51.0.253/24", "dev", "lan").succeeded();
    beyond.run("ip", "address", "add", ROUTER + "/24", "dev", "lan").succeeded();
    beyond.run("ip", "-6", "address", "add", "fd00:51::fe/64", "dev", "lan", "nodad").succeeded();
    beyond.run("ip", "address", "add", "10.52.0.1/32", "dev", "lo").succeeded();
    beyond.run("ip", "link", "set", "lan", "up").succeeded();
    before = moorings.traces();
  }

  @AfterAll
  static void stop() {
    try {
      if (daemon != null) {
        try {
          assertThat(daemon.taffrail("verify").succeeded().out()).contains("verified");
        } finally {
          daemon.close();
        }
      }
    } finally {
      beyond.close();
    }
  }

  @AfterEach
  void nothingIsLeft() {
    moorings.clear();
    moorings.returnTo(before);
  }

  /** A network whose containers are where the router is; options as words. */
  private static void create(String name, String driver, String... options) {
    CommandResult created = attempt(name, driver, options);
    created.succeeded();
  }

  private static CommandResult attempt(String name, String driver, String... options) {
    List<String> words = new ArrayList<>(List.of("network", "create", "-d", driver));
    words.addAll(List.of(options));
    words.add(name);
    return moorings.docker(words.toArray(String[]::new));
  }

  private static void createLan(String... options) {
    List<String> words =
        new ArrayList<>(
            List.of("-o", "parent=lan", "--subnet", "10.51.0.0/24", "--gateway", ROUTER));
    words.addAll(List.of(options));
    create("sea", "macvlan", words.toArray(String[]::new));
  }

  private static boolean pings(String from, String where) {
    return moorings.in(from, "ping", "-c", "1", "-W", "2", where).code() == 0;
  }

  /** Makes one and takes it away again. */
  private static boolean kernelHas(String kind) {
    List<String> words = new ArrayList<>(List.of("ip", "link", "add"));
    switch (kind) {
      case "dummy" -> words.addAll(List.of("probe", "type", kind));
      case "vlan" -> words.addAll(List.of("link", "lan", "probe", "type", kind, "id", "4000"));
      default -> words.addAll(List.of("link", "lan", "probe", "type", kind));
    }
    if (daemon.network().run(words.toArray(String[]::new)).code() != 0) {
      return false;
    }
    daemon.network().run("ip", "link", "delete", "probe").succeeded();
    return true;
  }

  @Test
  void containersAreOnTheParentsNetworkAndFindOneAnother() {
    createLan("--ipv6", "--subnet", "fd00:51::/64", "--gateway", "fd00:51::fe");
    moorings.serve("argo", "--network", "sea", "--mac-address", "02:00:00:00:51:07");
    moorings.serve("boat", "--network", "sea", "--ip", "10.51.0.77");
    assertThat(moorings.address("argo", "sea")).isEqualTo("10.51.0.1");
    moorings.reaches("boat", "argo", "argo");
    moorings.reaches("boat", "10.51.0.1", "argo");
    moorings.reaches("argo", "10.51.0.77", "boat");
    assertThat(moorings.in("argo", "ip", "route").out())
        .contains("default via " + ROUTER + " dev eth0")
        .contains("10.51.0.0/24 dev eth0");
    assertThat(moorings.in("argo", "ip", "-6", "route").out())
        .contains("default via fd00:51::fe dev eth0");
    assertThat(moorings.in("argo", "ip", "link", "show", "eth0").out())
        .contains("02:00:00:00:51:07");
    // As any other on that network, and by the router beyond it.
    assertThat(pings("argo", ROUTER)).isTrue();
    assertThat(pings("argo", "10.52.0.1")).isTrue();
    assertThat(pings("argo", "fd00:51::fe")).isTrue();
    Moorings.await(
        "argo is reached from beyond",
        () -> beyond.run("curl", "-s", "-m", "2", "http://10.51.0.1/").out().equals("argo\n"));
    // The kernel keeps a parent and what is on it apart.
    assertThat(moorings.curl("10.51.0.77").code()).isNotZero();
    assertThat(
            moorings.say(
                "network", "inspect", "-f", "{{.Driver}} {{.Options.parent}} {{.Internal}}", "sea"))
        .isEqualTo("macvlan lan false");
  }

  @Test
  void publishedPortsAreIgnored() {
    createLan();
    moorings.serve("argo", "--network", "sea", "-p", "8080:80", "--expose", "81");
    assertThat(moorings.docker("port", "argo").succeeded().out()).isEmpty();
    assertThat(moorings.say("inspect", "-f", "{{json .NetworkSettings.Ports}}", "argo"))
        .isEqualTo("{}");
    // So it is another's.
    moorings.serve("boat", "-p", "8080:80");
    moorings.hostReaches("127.0.0.1:8080", "boat");
    // What it has of another network has nothing to do with it.
    moorings.say("network", "connect", "bridge", "argo");
    moorings.reaches("boat", moorings.address("argo", "bridge"), "argo");
    moorings.say("network", "disconnect", "sea", "argo");
    assertThat(moorings.docker("port", "argo").succeeded().out()).isEmpty();
    assertThat(moorings.in("argo", "ip", "route").out()).contains("default via 172.17.0.1");
  }

  @Test
  void aContainerIsConnectedAndDisconnected() {
    createLan();
    moorings.serve("argo");
    moorings.serve("boat", "--network", "sea");
    moorings.say("network", "connect", "--alias", "flagship", "sea", "argo");
    moorings.reaches("boat", "flagship", "argo");
    moorings.reaches("argo", "boat", "boat");
    assertThat(moorings.in("argo", "ip", "route").out()).contains("default via 172.17.0.1");
    moorings.say("network", "disconnect", "bridge", "argo");
    assertThat(moorings.in("argo", "ip", "route").out()).contains("default via " + ROUTER);
    moorings.say("network", "disconnect", "sea", "argo");
    assertThat(moorings.in("argo", "ip", "-o", "link").out()).doesNotContain("eth");
    moorings.say("network", "connect", "sea", "argo");
    moorings.reaches("boat", "argo", "argo");
  }

  @Test
  void auxiliaryAddressesAndRangesHold() {
    createLan("--ip-range", "10.51.0.64/30", "--aux-address", "printer=10.51.0.65");
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "sea");
    assertThat(moorings.address("argo", "sea")).isEqualTo("10.51.0.64");
    assertThat(moorings.address("boat", "sea")).isEqualTo("10.51.0.66");
    CommandResult taken =
        moorings.docker(
            "run", "-d", "--name", "thief", "--network", "sea", "--ip", ROUTER, "busybox", "true");
    assertThat(taken.code()).isEqualTo(125);
    assertThat(taken.err()).contains("Address already in use");
  }

  /** The kernel refuses a second link of its address until the first is gone. */
  @Test
  void aContainerThatStartsAgainHasItsAddressAtOnce() {
    createLan();
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "sea");
    for (int i = 0; i < 5; i++) {
      moorings.say("restart", "-t", "0", "argo");
      assertThat(moorings.address("argo", "sea")).isEqualTo("10.51.0.1");
    }
    moorings.reaches("boat", "argo", "argo");
  }

  @Test
  void inPassthruModeOneContainerHasTheParent() {
    create(
        "sea",
        "macvlan",
        "-o",
        "parent=lan",
        "-o",
        "macvlan_mode=passthru",
        "--subnet",
        "10.51.0.0/24");
    String id = moorings.say("network", "inspect", "-f", "{{.Id}}", "sea");
    assertThat(attempt("bay", "macvlan", "-o", "parent=lan").err())
        .contains(
            "macvlan network " + id + " is already using parent interface lan in mode passthru");
    moorings.serve("argo", "--network", "sea");
    moorings.say("restart", "-t", "0", "argo");
    assertThat(pings("argo", ROUTER)).isTrue();
    assertThat(
            moorings
                .docker("run", "-d", "--name", "boat", "--network", "sea", "busybox", "true")
                .err())
        .contains("failed to create the macvlan port");
  }

  @Test
  void networksShareAParentButForPassthru() {
    createLan();
    create("bay", "macvlan", "-o", "parent=lan", "--subnet", "10.53.0.0/24");
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "bay");
    moorings.cannotReach("boat", "argo", "argo");
    String refused =
        attempt("lake", "macvlan", "-o", "parent=lan", "-o", "macvlan_mode=passthru").err();
    assertThat(refused)
        .contains("cannot use mode passthru, macvlan network ")
        .contains(" is already using parent interface lan");
  }

  @Test
  void privateContainersDoNotReachOneAnother() {
    create(
        "sea",
        "macvlan",
        "-o",
        "parent=lan",
        "-o",
        "macvlan_mode=private",
        "--subnet",
        "10.51.0.0/24");
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "sea");
    moorings.cannotReach("boat", moorings.address("argo", "sea"), "argo");
    assertThat(pings("boat", ROUTER)).isTrue();
  }

  @Test
  void anInternalNetworkHasNoWayOut() {
    create("sea", "macvlan", "--internal", "-o", "parent=lan", "--subnet", "10.51.0.0/24");
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "sea");
    moorings.reaches("boat", "argo", "argo");
    assertThat(moorings.in("argo", "ip", "route").out()).doesNotContain("default");
    assertThat(pings("argo", "10.52.0.1")).isFalse();
  }

  @Test
  void containersKeepTheirNetworksWhenTheDaemonIsKilled() {
    createLan();
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "sea");
    moorings.serve("canoe", "--network", "sea");
    moorings.reaches("boat", "argo", "argo");
    ProcessHandle canoe = ProcessHandle.of(moorings.pid("canoe")).orElseThrow();
    daemon.kill();
    canoe.destroyForcibly();
    canoe.onExit().join();
    daemon.restart();
    moorings.reaches("boat", "argo", "argo");
    moorings.reaches("argo", "10.51.0.2", "boat");
    moorings.say("rm", "-f", "canoe");
    moorings.serve("dinghy", "--network", "sea");
    assertThat(moorings.address("dinghy", "sea")).isEqualTo("10.51.0.3");
    moorings.reaches("boat", "dinghy", "dinghy");
    assertThat(pings("argo", ROUTER)).isTrue();
  }

  @Test
  void optionsThatCannotBeAreRefusedInDockersWords() {
    assertThat(attempt("sea", "macvlan", "-o", "parent=lan", "-o", "macvlan_mode=odd").err())
        .contains(
            "requested macvlan mode 'odd' is not valid, 'bridge' mode is the macvlan driver"
                + " default");
    assertThat(attempt("sea", "macvlan", "-o", "parent=lo").err())
        .contains("loopback interface is not a valid macvlan parent link");
    assertThat(attempt("sea", "macvlan", "-o", "parent=eth7").err())
        .contains("invalid subinterface vlan name eth7, example formatting is eth0.10");
    assertThat(attempt("sea", "macvlan", "-o", "parent=eth7.10").err())
        .contains("-o parent interface was not found on the host: eth7");
    assertThat(attempt("sea", "macvlan", "-o", "parent=lan.5000").err())
        .contains("vlan id must be between 1-4094, received: 5000");
    assertThat(attempt("sea", "ipvlan", "-o", "parent=lan", "-o", "ipvlan_mode=l4").err())
        .contains(
            "requested ipvlan mode 'l4' is not valid, 'l2' mode is the ipvlan driver default");
    assertThat(attempt("sea", "ipvlan", "-o", "parent=lan", "-o", "ipvlan_flag=odd").err())
        .contains(
            "requested ipvlan flag 'odd' is not valid, 'bridge' is the ipvlan driver default");
    assertThat(moorings.say("network", "ls", "-q", "--filter", "name=sea")).isEmpty();
  }

  private static String parentOf(String prefix, String network) {
    return prefix + moorings.say("network", "inspect", "-f", "{{.Id}}", network).substring(0, 12);
  }

  private static String links() {
    return daemon.network().run("ip", "-o", "link").succeeded().out();
  }

  @Test
  void withoutAParentContainersAreAmongThemselves() {
    assumeTrue(kernelHas("dummy"), "the kernel has no dummy links");
    create("sea", "macvlan", "--subnet", "10.54.0.0/24");
    assertThat(links()).contains(parentOf("dm-", "sea"));
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "sea");
    moorings.reaches("boat", "argo", "argo");
    assertThat(moorings.in("argo", "ip", "route").out()).doesNotContain("default");
    String parent = parentOf("dm-", "sea");
    moorings.say("rm", "-f", "argo", "boat");
    daemon.kill();
    daemon.network().run("ip", "link", "delete", parent).succeeded();
    daemon.restart();
    assertThat(links()).contains(parent);
    // Somebody else's.
    daemon.network().run("ip", "link", "add", "dm-0123456789ab", "type", "dummy").succeeded();
    moorings.say("network", "rm", "sea");
    assertThat(links()).doesNotContain(parent).contains("dm-0123456789ab");
    daemon.network().run("ip", "link", "delete", "dm-0123456789ab").succeeded();
  }

  @Test
  void withoutAParentAndWithoutDummyLinksItIsSaidWhatIsMissing() {
    assumeFalse(kernelHas("dummy"), "the kernel has dummy links");
    CommandResult refused = attempt("sea", "macvlan");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains(
            "the kernel has no links of the kind dummy: they are needed for a network of the driver"
                + " macvlan without a parent");
    assertThat(moorings.docker("network", "inspect", "sea").code()).isNotZero();
  }

  @Test
  void aVlanIsMadeForANetworkAndGoesWithIt() {
    assumeTrue(kernelHas("vlan"), "the kernel has no VLANs");
    create("sea", "macvlan", "-o", "parent=lan.7", "--subnet", "10.55.0.0/24");
    create("bay", "macvlan", "-o", "parent=lan.7", "--subnet", "10.56.0.0/24");
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "sea");
    moorings.reaches("boat", "argo", "argo");
    moorings.say("rm", "-f", "argo", "boat");
    moorings.say("network", "rm", "sea");
    assertThat(links()).contains("lan.7@lan");
    daemon.kill();
    daemon.network().run("ip", "link", "delete", "lan.7").succeeded();
    daemon.restart();
    assertThat(links()).contains("lan.7@lan");
    moorings.say("network", "rm", "bay");
    assertThat(links()).doesNotContain("lan.7");
    // The administrator's stays.
    daemon
        .network()
        .run("ip", "link", "add", "link", "lan", "lan.8", "type", "vlan", "id", "8")
        .succeeded();
    create("sea", "macvlan", "-o", "parent=lan.8");
    moorings.say("network", "rm", "sea");
    assertThat(links()).contains("lan.8@lan");
    daemon.network().run("ip", "link", "delete", "lan.8").succeeded();
  }

  @Test
  void withoutVlansItIsSaidWhatIsMissing() {
    assumeFalse(kernelHas("vlan"), "the kernel has VLANs");
    assertThat(attempt("sea", "macvlan", "-o", "parent=lan.7").err())
        .contains(
            "the kernel has no links of the kind vlan: they are needed for the parent lan.7, which"
                + " is not there");
  }

  @Test
  void ipvlanContainersReachOneAnotherAndTheNetworkBeyond() {
    assumeTrue(kernelHas("ipvlan"), "the kernel has no ipvlan");
    create("sea", "ipvlan", "-o", "parent=lan", "--subnet", "10.51.0.0/24", "--gateway", ROUTER);
    moorings.serve("argo", "--network", "sea", "-p", "8080:80");
    moorings.serve("boat", "--network", "sea");
    moorings.reaches("boat", "argo", "argo");
    assertThat(pings("argo", ROUTER)).isTrue();
    assertThat(moorings.docker("port", "argo").succeeded().out()).isEmpty();
    moorings.say("restart", "-t", "0", "argo");
    moorings.reaches("boat", "argo", "argo");
    assertThat(attempt("bay", "ipvlan", "-o", "parent=lan").err())
        .contains("network " + parentOf("di-", "sea") + " is already using parent interface lan");
    assertThat(
            moorings
                .docker(
                    "run",
                    "-d",
                    "--network",
                    "sea",
                    "--mac-address",
                    "02:00:00:00:00:07",
                    "busybox",
                    "true")
                .err())
        .contains("ipvlan interfaces do not support custom mac address assignment");
  }

  @Test
  void ipvlanOfLayerThreeNeedsNoGateway() {
    assumeTrue(kernelHas("ipvlan"), "the kernel has no ipvlan");
    create("sea", "ipvlan", "-o", "parent=lan", "-o", "ipvlan_mode=l3", "--subnet", "10.57.0.0/24");
    beyond.run("ip", "route", "add", "10.57.0.0/24", "dev", "lan").succeeded();
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "sea");
    moorings.reaches("boat", "argo", "argo");
    assertThat(moorings.in("argo", "ip", "route").out()).contains("default dev eth0");
  }

  @Test
  void withoutIpvlanItIsSaidSo() {
    assumeFalse(kernelHas("ipvlan"), "the kernel has ipvlan");
    CommandResult refused = attempt("sea", "ipvlan", "-o", "parent=lan");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains(
            "the kernel has no links of the kind ipvlan: they are needed for networks of the driver"
                + " ipvlan");
    assertThat(moorings.docker("network", "inspect", "sea").code()).isNotZero();
  }
}
