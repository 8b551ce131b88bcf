package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.DaemonProcess;
import dev.taffrail.testkit.daemon.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks by the docker command, each looked at from inside. After each test all containers and
 * networks go, and nothing of them may be left.
 */
class NetworkTest {
  private static DaemonProcess daemon;
  private static Moorings moorings;
  private static List<String> before;

  @BeforeAll
  static void start() {
    daemon = DaemonProcess.start();
    moorings = new Moorings(daemon);
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
    before = moorings.traces();
  }

  @AfterAll
  static void stop() {
    if (daemon != null) {
      try {
        assertThat(daemon.taffrail("verify").succeeded().out()).contains("verified");
      } finally {
        daemon.close();
      }
    }
  }

  @AfterEach
  void nothingIsLeft() {
    moorings.clear();
    moorings.returnTo(before);
  }

  private static String format(String container, String template) {
    return moorings.say("inspect", "-f", template, container);
  }

  private static CommandResult publish(String name, String port) {
    return moorings.docker(
        "run", "-d", "--name", name, "-p", port, "busybox", "sh", "-c", Moorings.server(name));
  }

  @Test
  void onTheDefaultBridgeContainersAndTheHostReachOneAnotherByAddress() {
    moorings.serve("argo");
    moorings.serve("boat");
    String argo = moorings.address("argo", "bridge");
    assertThat(argo).isEqualTo("172.17.0.2");
    moorings.reaches("boat", argo, "argo");
    moorings.hostReaches(argo, "argo");
    assertThat(moorings.in("boat", "ping", "-c", "1", "-W", "5", "172.17.0.1").code()).isZero();
    assertThat(moorings.fetch("boat", "argo").code()).isNotZero();
    assertThat(
            moorings.say(
                "network", "inspect", "-f", "{{range .Containers}}{{.Name}} {{end}}", "bridge"))
        .contains("argo")
        .contains("boat");
    assertThat(moorings.in("argo", "cat", "/etc/hosts").out())
        .contains("172.17.0.2\t" + format("argo", "{{.Config.Hostname}}"));
  }

  @Test
  void onAUserDefinedNetworkContainersFindOneAnotherByName() {
    moorings.say("network", "create", "sea");
    String id = moorings.serve("argo", "--network", "sea", "--network-alias", "flagship");
    moorings.serve("boat", "--network", "sea");
    for (String name : List.of("argo", "ARGO", "argo.sea", "flagship", id.substring(0, 12))) {
      moorings.reaches("boat", name, "argo");
    }
    moorings.reaches("argo", "boat", "boat");
    assertThat(moorings.in("boat", "cat", "/etc/resolv.conf").out())
        .contains("nameserver 127.0.0.11");
    String address = moorings.address("argo", "sea");
    assertThat(moorings.in("boat", "nslookup", address).succeeded().out()).contains("argo.sea");
    // A name is gone with its container.
    moorings.say("stop", "-t", "0", "argo");
    assertThat(moorings.in("boat", "nslookup", "argo").code()).isNotZero();
  }

  @Test
  void networksDoNotReachOneAnotherButByPublishedPorts() {
    moorings.say("network", "create", "sea");
    moorings.say("network", "create", "bay");
    moorings.serve("argo", "--network", "sea", "-p", "8080:80");
    moorings.serve("boat", "--network", "bay");
    moorings.serve("canoe");
    String argo = moorings.address("argo", "sea");
    moorings.cannotReach("boat", argo, "argo");
    moorings.cannotReach("boat", "argo", "argo");
    moorings.cannotReach("canoe", argo, "argo");
    moorings.cannotReach("argo", moorings.address("canoe", "bridge"), "canoe");
    String gateway =
        moorings.say("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", "bay");
    moorings.reaches("boat", gateway + ":8080", "argo");
    moorings.reaches("canoe", "172.17.0.1:8080", "argo");
  }

  @Test
  void publishedPortsAreReachedFromEverywhere() {
    moorings.serve("argo", "-p", "8080:80", "-p", "8090:53/udp", "-p", "127.0.0.1:8081:80");
    moorings.serve("boat");
    for (String where : List.of("127.0.0.1:8080", "[::1]:8080", "172.17.0.1:8080")) {
      moorings.hostReaches(where, "argo");
    }
    moorings.hostReaches("127.0.0.1:8081", "argo");
    moorings.reaches("boat", "172.17.0.1:8080", "argo");
    // Out and in again.
    moorings.reaches("argo", "172.17.0.1:8080", "argo");
    moorings.cannotReach("boat", "172.17.0.1:8081", "argo");
    moorings.echoes("argo", "", "127.0.0.1", 8090);
    moorings.echoes("argo", "", "172.17.0.1", 8090);
    moorings.echoes("argo", "boat", "172.17.0.1", 8090);
    assertThat(moorings.say("port", "argo").lines())
        .containsExactlyInAnyOrder(
            "53/udp -> 0.0.0.0:8090",
            "53/udp -> [::]:8090",
            "80/tcp -> 0.0.0.0:8080",
            "80/tcp -> [::]:8080",
            "80/tcp -> 127.0.0.1:8081");
  }

  @Test
  void aRangeAndWhatIsExposedGetPortsThatAreFree() {
    moorings.serve("argo", "-p", "9000-9001:80");
    moorings.serve("boat", "-p", "9000-9001:80");
    assertThat(moorings.say("port", "argo", "80")).startsWith("0.0.0.0:9000");
    assertThat(moorings.say("port", "boat", "80")).startsWith("0.0.0.0:9001");
    assertThat(publish("canoe", "9000-9001:80").err()).contains("all ports are allocated");
    moorings.say("rm", "canoe");
    moorings.serve("dinghy", "--expose", "80", "-P");
    String port = moorings.say("port", "dinghy", "80").lines().findFirst().orElseThrow();
    moorings.hostReaches(port.replace("0.0.0.0", "127.0.0.1"), "dinghy");
  }

  @Test
  void fromOutsideOnlyPublishedPortsAreReached() {
    try (NetworkNamespace outside = NetworkNamespace.create()) {
      daemon.network().connect(outside, "cable");
      daemon.network().run("ip", "address", "add", "10.99.0.1/24", "dev", "cable").succeeded();
      daemon.network().run("ip", "link", "set", "cable", "up").succeeded();
      outside.run("ip", "address", "add", "10.99.0.2/24", "dev", "cable").succeeded();
      outside.run("ip", "link", "set", "cable", "up").succeeded();
      outside.run("ip", "route", "add", "default", "via", "10.99.0.1").succeeded();
      moorings.say("network", "create", "--internal", "lake");
      moorings.serve("argo", "-p", "8080:80", "-p", "127.0.0.1:8081:80");
      moorings.serve("inner", "--network", "lake");
      moorings.hostReaches("127.0.0.1:8080", "argo");
      assertThat(curl(outside, "10.99.0.1:8080").out()).isEqualTo("argo\n");
      for (String where : List.of("10.99.0.1:8081", "127.0.0.1:8081", "172.17.0.2:80")) {
        assertThat(curl(outside, where).code()).as(where).isNotZero();
      }
      // Out with the host's address: outside knows no way to the container's.
      outside.run("ip", "route", "del", "default").succeeded();
      assertThat(moorings.in("argo", "ping", "-c", "1", "-W", "5", "10.99.0.2").code()).isZero();
      assertThat(moorings.in("inner", "ping", "-c", "1", "-W", "1", "10.99.0.2").code())
          .isNotZero();
      assertThat(moorings.in("inner", "ping", "-c", "1", "-W", "1", "172.17.0.2").code())
          .isNotZero();
    }
  }

  private static CommandResult curl(NetworkNamespace from, String where) {
    return from.run("curl", "-s", "-m", "1", "http://" + where + "/");
  }

  @Test
  void onAnInternalNetworkContainersReachOneAnotherAndNobodyElse() {
    moorings.say("network", "create", "--internal", "lake");
    moorings.serve("argo", "--network", "lake");
    moorings.serve("boat", "--network", "lake");
    moorings.serve("canoe", "-p", "8080:80");
    moorings.reaches("boat", "argo", "argo");
    moorings.cannotReach("boat", moorings.address("canoe", "bridge"), "canoe");
    moorings.cannotReach("boat", "172.17.0.1:8080", "canoe");
    moorings.cannotReach("canoe", moorings.address("argo", "lake"), "argo");
    assertThat(moorings.in("argo", "ip", "route").out()).doesNotContain("default");
  }

  @Test
  void aRunningContainerIsConnectedAndDisconnected() {
    moorings.say("network", "create", "sea");
    moorings.say("network", "create", "--subnet", "10.42.0.0/24", "bay");
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "bay", "-p", "8080:80");
    moorings.cannotReach("argo", "boat", "boat");
    moorings.say("network", "connect", "--alias", "flagship", "--ip", "10.42.0.77", "bay", "argo");
    moorings.reaches("argo", "boat", "boat");
    moorings.reaches("boat", "flagship", "argo");
    assertThat(moorings.address("argo", "bay")).isEqualTo("10.42.0.77");
    assertThat(moorings.docker("network", "connect", "bay", "argo").err())
        .contains("endpoint with name argo already exists in network bay");
    moorings.say("network", "disconnect", "bay", "argo");
    moorings.cannotReach("argo", "boat", "boat");
    assertThat(moorings.in("argo", "ip", "-o", "link").out()).doesNotContain("eth1");
    // The way out and the published ports follow the network that is left.
    moorings.say("network", "connect", "sea", "boat");
    moorings.say("network", "disconnect", "bay", "boat");
    moorings.reaches("argo", "boat", "boat");
    moorings.hostReaches("127.0.0.1:8080", "boat");
    assertThat(moorings.in("boat", "ip", "route").out()).contains("default via");
  }

  @Test
  void modesWithoutANetworkOfTheirOwn() {
    moorings.serve("argo", "-p", "8080:80");
    moorings.reaches("argo", "127.0.0.1", "argo");
    assertThat(
            moorings.say(
                "run",
                "--rm",
                "--network",
                "container:argo",
                "busybox",
                "wget",
                "-q",
                "-O",
                "-",
                "http://127.0.0.1/"))
        .isEqualTo("argo");
    assertThat(moorings.say("run", "--rm", "--network", "none", "busybox", "ip", "-o", "link"))
        .contains("lo")
        .doesNotContain("eth0");
    assertThat(moorings.say("run", "--rm", "--network", "host", "busybox", "ip", "-o", "link"))
        .contains("taffrail0");
  }

  @Test
  void aContainerThatSharesANetworkIsCalledAsTheOther() {
    moorings.say("network", "create", "sea");
    moorings.serve("argo", "--network", "sea", "--hostname", "flagship", "--domainname", "test");
    moorings.say(
        "run", "-d", "--name", "boat", "--network", "container:argo", "busybox", "sleep", "1000");
    for (String other : List.of("argo", "boat")) {
      assertThat(
              moorings.say(
                  "run",
                  "--rm",
                  "--network",
                  "container:" + other,
                  "busybox",
                  "sh",
                  "-c",
                  "hostname; cat /etc/hostname; echo $HOSTNAME; cat /proc/sys/kernel/domainname"))
          .isEqualTo("flagship\nflagship\nflagship\ntest");
    }
  }

  @Test
  void aLinkedContainerIsToldOfInTheEnvironment() {
    moorings.serve("argo", "--expose", "80", "-e", "CREW=50");
    assertThat(
            moorings
                .say("run", "--rm", "--name", "boat", "--link", "argo:db", "busybox", "env")
                .lines())
        .contains(
            "DB_NAME=/boat/db",
            "DB_PORT=tcp://172.17.0.2:80",
            "DB_PORT_80_TCP_ADDR=172.17.0.2",
            "DB_ENV_CREW=50");
    assertThat(
            moorings.say(
                "run",
                "--rm",
                "--link",
                "argo:db",
                "-e",
                "DB_NAME=mine",
                "busybox",
                "sh",
                "-c",
                "echo $DB_NAME"))
        .isEqualTo("mine");
  }

  @Test
  void namesAndServersThatAreAskedForAreInTheFiles() {
    String said =
        moorings.say(
            "run",
            "--rm",
            "--hostname",
            "argo",
            "--dns",
            "10.0.0.53",
            "--dns-search",
            "sea.test",
            "--dns-option",
            "ndots:3",
            "--add-host",
            "db:10.0.0.9",
            "--add-host",
            "pier:host-gateway",
            "busybox",
            "cat",
            "/etc/resolv.conf",
            "/etc/hosts");
    assertThat(said.lines())
        .contains(
            "nameserver 10.0.0.53",
            "search sea.test",
            "options ndots:3",
            "10.0.0.9\tdb",
            "172.17.0.1\tpier",
            "172.17.0.2\targo");
  }

  @Test
  void addressesAndMacsAreThoseThatAreAskedFor() {
    moorings.say(
        "network",
        "create",
        "--ipv6",
        "--subnet",
        "10.43.0.0/24",
        "--gateway",
        "10.43.0.254",
        "--ip-range",
        "10.43.0.128/25",
        "--aux-address",
        "router=10.43.0.128",
        "--subnet",
        "fd00:43::/64",
        "sea");
    moorings.serve("argo", "--network", "sea", "--ip", "10.43.0.7", "--ip6", "fd00:43::77");
    moorings.serve("boat", "--network", "sea", "--mac-address", "02:00:00:00:00:07");
    assertThat(moorings.address("boat", "sea")).isEqualTo("10.43.0.129");
    assertThat(moorings.in("boat", "ip", "-o", "address").out())
        .contains("10.43.0.129/24")
        .contains("fd00:43::2/64");
    assertThat(moorings.in("boat", "ip", "link", "show", "eth0").out())
        .contains("02:00:00:00:00:07");
    moorings.reaches("boat", "[fd00:43::77]", "argo");
    moorings.reaches("boat", "10.43.0.7", "argo");
    CommandResult twice =
        moorings.docker(
            "run",
            "-d",
            "--name",
            "thief",
            "--network",
            "sea",
            "--ip",
            "10.43.0.7",
            "busybox",
            "true");
    assertThat(twice.code()).isEqualTo(125);
    assertThat(twice.err()).contains("Address already in use");
  }

  @Test
  void aPortThatAnotherContainerHasIsRefused() {
    moorings.serve("argo", "-p", "8080:80");
    CommandResult refused = publish("boat", "8080:80");
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.err())
        .contains("driver failed programming external connectivity on endpoint boat (")
        .contains("Bind for 0.0.0.0:8080 failed: port is already allocated");
    assertThat(format("boat", "{{.State.Status}} {{.NetworkSettings.IPAddress}}"))
        .isEqualTo("created");
    moorings.hostReaches("127.0.0.1:8080", "argo");
  }

  @Test
  void aPortAtWhichSomebodyElseListensIsRefusedOrAvoided() {
    Process listener = moorings.listen("0.0.0.0", 8080);
    try {
      CommandResult refused = publish("argo", "8080:80");
      assertThat(refused.code()).isEqualTo(125);
      assertThat(refused.err())
          .contains("failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp")
          .contains("address already in use");
      moorings.serve("boat", "-p", "8080-8081:80");
      assertThat(moorings.say("port", "boat", "80")).startsWith("0.0.0.0:8081");
    } finally {
      Moorings.end(listener);
    }
    moorings.say("start", "argo");
    moorings.hostReaches("127.0.0.1:8080", "argo");
  }

  /** A published port is free after this, and the next container has it. */
  private static void portIsFreeAfter(Consumer<String> end) {
    String id = moorings.serve("argo", "-p", "8080:80");
    moorings.hostReaches("127.0.0.1:8080", "argo");
    end.accept(id);
    Process listener = moorings.listen("0.0.0.0", 8080);
    Moorings.end(listener);
    moorings.serve("boat", "-p", "8080:80");
    moorings.hostReaches("127.0.0.1:8080", "boat");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rm -f", "kill", "stop -t 0", "network disconnect -f bridge"})
  void aPortIsFreeAfter(String end) {
    portIsFreeAfter(
        id -> {
          List<String> words = new ArrayList<>(List.of(end.split(" ", -1)));
          words.add("argo");
          moorings.say(words.toArray(String[]::new));
          if (end.equals("kill")) {
            moorings.say("wait", "argo");
            Moorings.await(
                "it is off its network", () -> moorings.address("argo", "bridge").isEmpty());
          }
        });
  }

  @Test
  void aPortIsFreeAfterTheContainerDiedWhileTheDaemonWasDead() {
    portIsFreeAfter(
        id -> {
          ProcessHandle task = ProcessHandle.of(pid("argo")).orElseThrow();
          daemon.kill();
          task.destroyForcibly();
          task.onExit().join();
          daemon.restart();
          assertThat(moorings.say("wait", "argo")).isEqualTo("137");
        });
  }

  private static long pid(String container) {
    return Long.parseLong(format(container, "{{.State.Pid}}"));
  }

  @Test
  void theRestartOfAPolicyKeepsTheAddressAndThePorts() {
    moorings.serve("before");
    moorings.serve("argo", "--restart", "always", "-p", "80");
    String address = moorings.address("argo", "bridge");
    String port = moorings.say("port", "argo", "80").lines().findFirst().orElseThrow();
    // A lower address is free now.
    moorings.say("rm", "-f", "before");
    ProcessHandle.of(pid("argo")).orElseThrow().destroyForcibly();
    Moorings.await(
        "it runs again",
        () -> format("argo", "{{.RestartCount}} {{.State.Running}}").equals("1 true"));
    assertThat(moorings.address("argo", "bridge")).isEqualTo(address);
    moorings.hostReaches(address, "argo");
    moorings.hostReaches(port.replace("0.0.0.0", "127.0.0.1"), "argo");
  }

  @Test
  void withoutCommunicationContainersReachTheHostAndPublishedPortsOnly() {
    moorings.say("network", "create", "-o", "com.docker.network.bridge.enable_icc=false", "sea");
    moorings.serve("argo", "--network", "sea", "-p", "8080:80");
    moorings.serve("boat", "--network", "sea");
    String argo = moorings.address("argo", "sea");
    moorings.cannotReach("boat", argo, "argo");
    moorings.cannotReach("boat", "argo", "argo");
    assertThat(moorings.in("boat", "ping", "-c", "1", "-W", "1", argo).code()).isNotZero();
    moorings.hostReaches("127.0.0.1:8080", "argo");
    moorings.hostReaches(argo, "argo");
  }

  @Test
  void aContainerCannotTakeItsNeighboursAddress() {
    moorings.say("network", "create", "--subnet", "10.44.0.0/24", "sea");
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "sea");
    moorings.serve("thief", "--network", "sea", "--cap-add", "NET_ADMIN");
    String argo = moorings.address("argo", "sea");
    String thief = moorings.address("thief", "sea");
    moorings.reaches("boat", "argo", "argo");
    moorings.reaches("boat", thief, "thief");
    moorings.in("thief", "ip", "address", "flush", "dev", "eth0").succeeded();
    moorings.in("thief", "ip", "address", "add", argo + "/24", "dev", "eth0").succeeded();
    // It tells everybody.
    moorings.in("thief", "arping", "-U", "-c", "2", "-I", "eth0", argo);
    assertThat(moorings.in("thief", "ping", "-c", "1", "-W", "1", "10.44.0.1").code()).isNotZero();
    moorings.in("boat", "ip", "neigh", "flush", "dev", "eth0");
    for (int i = 0; i < 5; i++) {
      assertThat(moorings.fetch("boat", argo).out()).isEqualTo("argo\n");
    }
    moorings.hostReaches(argo, "argo");
    // Nor the gateway's.
    moorings.in("thief", "ip", "address", "flush", "dev", "eth0").succeeded();
    moorings.in("thief", "ip", "address", "add", "10.44.0.1/24", "dev", "eth0").succeeded();
    moorings.in("thief", "arping", "-U", "-c", "2", "-I", "eth0", "10.44.0.1");
    moorings.in("boat", "ip", "neigh", "flush", "dev", "eth0");
    assertThat(moorings.in("boat", "ping", "-c", "1", "-W", "5", "10.44.0.1").code()).isZero();
  }

  @Test
  void fiftyContainersStartResolveOneAnotherAndGo() {
    crowd(50);
  }

  @Test
  @Tag("long")
  void fiveHundredContainersStartResolveOneAnotherAndGo() {
    crowd(500);
  }

  private static void crowd(int count) {
    moorings.say("network", "create", "sea");
    ExecutorService clients = Executors.newFixedThreadPool(8);
    try {
      List<CompletableFuture<String>> started =
          IntStream.range(0, count)
              .mapToObj(
                  i ->
                      CompletableFuture.supplyAsync(
                          () -> moorings.serve("ship" + i, "--network", "sea"), clients))
              .toList();
      started.forEach(CompletableFuture::join);
      List<String> addresses =
          IntStream.range(0, count).mapToObj(i -> moorings.address("ship" + i, "sea")).toList();
      assertThat(addresses).doesNotHaveDuplicates().doesNotContain("");
      // Each is asked by the one before it.
      List<CompletableFuture<String>> resolved =
          IntStream.range(0, count)
              .mapToObj(
                  i ->
                      CompletableFuture.supplyAsync(
                          () ->
                              moorings
                                  .in("ship" + i, "nslookup", "ship" + (i + 1) % count)
                                  .succeeded()
                                  .out(),
                          clients))
              .toList();
      for (int i = 0; i < count; i++) {
        assertThat(resolved.get(i).join()).contains("Address: " + addresses.get((i + 1) % count));
      }
    } finally {
      clients.shutdown();
    }
  }

  @Test
  void aNetworkInUseIsNotRemoved() {
    moorings.say("network", "create", "sea");
    moorings.serve("argo", "--network", "sea");
    CommandResult refused = moorings.docker("network", "rm", "sea");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("network sea has active endpoints (name:\"argo\" id:\"");
    assertThat(moorings.docker("network", "rm", "bridge").err())
        .contains("bridge is a pre-defined network and cannot be removed");
    moorings.say("stop", "-t", "0", "argo");
    moorings.say("network", "rm", "sea");
    assertThat(moorings.docker("start", "argo").err()).contains("network sea not found");
  }

  @Test
  void containersKeepTheirNetworksWhenTheDaemonIsKilled() {
    moorings.say("network", "create", "sea");
    moorings.serve("argo", "--network", "sea", "-p", "8080:80");
    moorings.serve("boat", "--network", "sea");
    moorings.serve("canoe", "-p", "8081:80");
    moorings.reaches("boat", "argo", "argo");
    moorings.hostReaches("127.0.0.1:8080", "argo");
    daemon.kill();
    // Names are the daemon's, the rest the kernel's.
    assertThat(daemon.network().run("curl", "-s", "-m", "5", "http://127.0.0.1:8080/").out())
        .isEqualTo("argo\n");
    daemon.restart();
    moorings.reaches("boat", "argo", "argo");
    moorings.hostReaches("127.0.0.1:8080", "argo");
    moorings.hostReaches("[::1]:8080", "argo");
    moorings.hostReaches("127.0.0.1:8081", "canoe");
    assertThat(publish("dinghy", "8080:80").err()).contains("port is already allocated");
    moorings.serve("ferry", "--network", "sea");
    moorings.reaches("ferry", "boat", "boat");
    moorings.reaches("boat", "ferry", "ferry");
  }

  private static String mac(String container, String network) {
    return format(
        container, "{{(index .NetworkSettings.Networks \"" + network + "\").MacAddress}}");
  }

  @Test
  void aContainerIsNoRouterAndNotItsNeighbour() {
    moorings.serve("argo");
    moorings.serve("thief");
    String thief = mac("thief", "bridge");
    ForgedFrames.send(moorings.pid("thief"), ForgedFrames.routerAdvertisement(thief));
    // As if it were its neighbour: the bridge would send it what is the neighbour's.
    String argo = mac("argo", "bridge");
    ForgedFrames.send(moorings.pid("thief"), ForgedFrames.from(argo, "ff:ff:ff:ff:ff:ff"));
    // Whatever was sent before is done when this comes back.
    moorings.reaches("thief", moorings.address("argo", "bridge"), "argo");
    assertThat(daemon.network().run("ip", "-6", "route", "show", "default").succeeded().out())
        .isEmpty();
    List<String> ports =
        daemon
            .network()
            .run("bridge", "fdb", "show", "br", "taffrail0")
            .succeeded()
            .out()
            .lines()
            .filter(line -> line.startsWith(argo + " "))
            .map(line -> line.split(" ", 4)[2])
            .distinct()
            .toList();
    assertThat(ports).isEqualTo(List.of(hostLink("argo")));
  }

  /** Of the only network that a container is on. */
  private static String hostLink(String container) {
    String id = format(container, "{{range .NetworkSettings.Networks}}{{.EndpointID}}{{end}}");
    return links(daemon).stream()
        .map(link -> link.split("@", 2)[0])
        .filter(link -> link.startsWith("tf") && id.startsWith(link.substring(link.length() - 7)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aContainerDoesNotAnswerForItsNeighbour() {
    moorings.say("network", "create", "--ipv6", "--subnet", "fd00:42::/64", "sea");
    moorings.serve("argo", "--network", "sea");
    moorings.serve("boat", "--network", "sea");
    moorings.serve("thief", "--network", "sea");
    String argo = format("argo", "{{.NetworkSettings.Networks.sea.GlobalIPv6Address}}");
    String boat = format("boat", "{{.NetworkSettings.Networks.sea.GlobalIPv6Address}}");
    moorings.reaches("boat", "[" + argo + "]", "argo");
    ForgedFrames.send(
        moorings.pid("thief"),
        ForgedFrames.neighbourAdvertisement(mac("thief", "sea"), mac("boat", "sea"), boat, argo));
    moorings.reaches("thief", "[" + boat + "]", "boat");
    assertThat(moorings.in("boat", "ip", "-6", "neigh", "show", argo).succeeded().out())
        .contains(mac("argo", "sea"));
  }

  @Test
  void theHostsLoopbackIsNoSubnet() {
    CommandResult refused = moorings.docker("network", "create", "--subnet", "127.0.0.0/24", "sea");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("overlaps with");
  }

  /** What is left of one would be seen after the test. */
  @Test
  void networksComeAndGoSideBySide() {
    ExecutorService clients = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 3; round++) {
        for (String verb : List.of("create", "rm")) {
          IntStream.range(0, 8)
              .mapToObj(
                  sea ->
                      CompletableFuture.runAsync(
                          () -> moorings.say("network", verb, "sea-" + sea), clients))
              .toList()
              .forEach(CompletableFuture::join);
        }
      }
    } finally {
      clients.shutdownNow();
    }
  }

  @Test
  void rangesOfTheHostAreRefusedAndAvoided() {
    daemon.network().run("ip", "link", "add", "lan", "type", "bridge").succeeded();
    try {
      daemon.network().run("ip", "address", "add", "10.45.0.9/24", "dev", "lan").succeeded();
      daemon.network().run("ip", "link", "set", "lan", "up").succeeded();
      daemon.network().run("ip", "route", "add", "172.18.0.0/24", "dev", "lan").succeeded();
      CommandResult refused =
          moorings.docker("network", "create", "--subnet", "10.45.0.0/16", "sea");
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err()).contains("10.45.0.0/16 overlaps with").contains("lan");
      moorings.say("network", "create", "sea");
      assertThat(
              moorings.say("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", "sea"))
          .isEqualTo("172.19.0.0/16");
    } finally {
      daemon.network().run("ip", "link", "delete", "lan");
    }
  }

  @Test
  void theDefaultBridgeIsAsTheSettingsSayAndStrayBridgesGo() throws IOException {
    Path file = Files.createTempFile("taffrail", ".json");
    try {
      Files.writeString(file, "{\"bridge\": \"deck0\", \"icc\": false}");
      try (DaemonProcess other =
          DaemonProcess.start(
              "--config-file",
              file.toString(),
              "--bip=10.46.0.1/24",
              "--mtu=1400",
              "--default-address-pool=base=10.47.0.0/16,size=24")) {
        other.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
        Moorings others = new Moorings(other);
        others.serve("argo");
        others.serve("boat");
        assertThat(others.address("argo", "bridge")).isEqualTo("10.46.0.2");
        others.hostReaches("10.46.0.2", "argo");
        others.cannotReach("boat", "10.46.0.2", "argo");
        assertThat(others.in("boat", "cat", "/sys/class/net/eth0/mtu").succeeded().out())
            .isEqualTo("1400\n");
        String stray = "br-" + others.say("network", "create", "sea").substring(0, 12);
        assertThat(
                others.say("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", "sea"))
            .isEqualTo("10.47.0.0/24");
        String shown = other.network().run("ip", "-o", "link", "show", stray).succeeded().out();
        others.say("network", "rm", "sea");
        other.kill();
        // As if it had died between the event and the act; and somebody else's.
        bridge(other, stray, shown.split("link/ether ", 2)[1].substring(0, 17));
        bridge(other, "br-foreign", "02:00:00:00:00:01");
        other.restart();
        assertThat(links(other)).contains("br-foreign").doesNotContain(stray);
        others.hostReaches("10.46.0.2", "argo");
      }
    } finally {
      Files.delete(file);
    }
  }

  private static List<String> links(DaemonProcess of) {
    return of.network()
        .run("ip", "-o", "link")
        .succeeded()
        .out()
        .lines()
        .map(line -> line.split(": ", 3)[1])
        .toList();
  }

  private static void bridge(DaemonProcess of, String name, String mac) {
    of.network().run("ip", "link", "add", name, "address", mac, "type", "bridge").succeeded();
  }
}
