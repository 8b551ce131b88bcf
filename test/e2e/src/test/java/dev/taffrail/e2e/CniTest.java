package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.e2e.crash.Reboot;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Networks of CNI configuration lists with Debian's plugins, by the docker command. After each test
 * all containers and networks go; then no address may be leased, and nothing of a container be left
 * but what plugins share among all of them.
 */
class CniTest {
  /** What host-local keeps beside the leases. */
  private static final Pattern BOOKS = Pattern.compile("last_reserved_ip\\..*|lock");

  private static final Path FIXED = Path.of("/usr/lib/cni");

  private static Path directory;
  private static DaemonProcess daemon;
  private static Moorings moorings;

  @BeforeAll
  static void start() throws IOException {
    directory = Files.createTempDirectory("taffrail-cni");
    for (String name : List.of("net.d", "bin", "leases", "tuning")) {
      Files.createDirectories(directory.resolve(name));
    }
    // Leads out, publishes ports, and lets clients choose addresses. CHECK of portmap, as Debian
    // has
    // it, looks for rules of one family in the table of the other.
    list(
        "10-sea",
        """
        {"cniVersion": "1.0.0", "name": "sea-list", "disableCheck": true, "plugins": [
          {"type": "bridge", "bridge": "cni-sea", "isDefaultGateway": true, "ipMasq": true,
           "hairpinMode": true, "capabilities": {"ips": true}, "dns": {"search": ["sea.test"]},
           "ipam": {"type": "host-local", "dataDir": "LEASES",
             "ranges": [[{"subnet": "10.88.0.0/16"}], [{"subnet": "fd00:88::/64"}]]}},
          {"type": "loopback"},
          {"type": "tuning", "dataDir": "TUNING", "capabilities": {"mac": true},
           "sysctl": {"net.ipv4.conf.eth0.log_martians": "1"}},
          {"type": "portmap", "capabilities": {"portMappings": true}}]}
        """);
    // As before 1.0.0, with no way out, no ports and nothing to choose.
    list(
        "20-bay",
        """
        {"cniVersion": "0.4.0", "name": "bay-list", "type": "bridge", "bridge": "cni-bay",
         "ipam": {"type": "host-local", "dataDir": "LEASES", "subnet": "10.89.0.0/24"}}
        """);
    // After bridge and host-local one that waits until it may go on.
    list(
        "30-slow",
        """
        {"cniVersion": "1.0.0", "name": "slow-list", "plugins": [
          {"type": "bridge", "bridge": "cni-slow", "isDefaultGateway": true,
           "ipam": {"type": "host-local", "dataDir": "LEASES", "subnet": "10.90.0.0/24"}},
          {"type": "slow"}]}
        """);
    Path slow = directory.resolve("bin/slow");
    Files.writeString(
        slow,
        """
        #!/bin/sh
        case $CNI_COMMAND in
          VERSION) echo '{"supportedVersions": ["1.0.0"]}' ;;
          ADD) echo > %1$s/begun; read word < %1$s/go; echo '{"cniVersion": "1.0.0", "ips": []}' ;;
        esac
        """
            .formatted(directory));
    assertThat(slow.toFile().setExecutable(true)).isTrue();
    Path settings = directory.resolve("daemon.json");
    Files.writeString(
        settings,
        "{\"plugins\": {\"network-driver.cni\": {\"conf-dir\": \"%s\", \"bin-dirs\": [\"%s\","
                .formatted(directory.resolve("net.d"), directory.resolve("bin"))
            + " \""
            + FIXED
            + "\"]}}}");
    daemon = DaemonProcess.start("--config-file", settings.toString());
    moorings = new Moorings(daemon);
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
  }

  private static void list(String name, String text) throws IOException {
    Files.writeString(
        directory.resolve("net.d").resolve(name + ".conflist"),
        text.replace("LEASES", directory.resolve("leases").toString())
            .replace("TUNING", directory.resolve("tuning").toString()));
  }

  @AfterAll
  static void stop() throws IOException {
    try {
      if (daemon != null) {
        try {
          assertThat(daemon.taffrail("verify", "--full").succeeded().out()).contains("verified");
        } finally {
          daemon.close();
        }
      }
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @AfterEach
  void nothingIsLeft() {
    moorings.clear();
    assertNothingIsLeft();
    assertThat(names(attachments().resolveSibling("networks"))).isEmpty();
  }

  private static Path attachments() {
    return daemon.dataRoot().resolve("network-driver.cni/attachments");
  }

  private static void assertNothingIsLeft() {
    Moorings.await("no attachment is left", () -> names(attachments()).isEmpty());
    assertThat(leases()).isEmpty();
    assertThat(names(daemon.execRoot().resolve("network-driver.cni"))).isEmpty();
    assertThat(names(directory.resolve("tuning"))).isEmpty();
    Moorings.await("no link is left", () -> !links().contains("veth"));
    // Each container's rules say in a comment whose they are.
    assertThat(daemon.network().run("nft", "list", "ruleset").succeeded().out())
        .doesNotContain("id: \"");
  }

  private static String links() {
    return daemon.network().run("ip", "-o", "link", "show").succeeded().out();
  }

  private static List<String> names(Path of) {
    try (Stream<Path> files = Files.list(of)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Addresses that host-local has given. */
  private static List<String> leases() {
    List<String> leases = new ArrayList<>();
    for (String network : names(directory.resolve("leases"))) {
      names(directory.resolve("leases").resolve(network)).stream()
          .filter(name -> !BOOKS.matcher(name).matches())
          .forEach(leases::add);
    }
    return leases;
  }

  private static void create(String name, String list) {
    moorings.say("network", "create", "-d", "cni", "-o", "conflist=" + list, name);
  }

  private static JsonNode place(String container, String network) {
    return moorings.inspect(container).path("NetworkSettings").path("Networks").path(network);
  }

  @Test
  void containersReachOneAnotherByAddressAndByName() {
    create("sea", "10-sea");
    assertThat(
            moorings.say(
                "network",
                "inspect",
                "-f",
                "{{.Driver}} {{.IPAM.Driver}} {{range .IPAM.Config}}{{.Subnet}} {{.Gateway}} {{end}}",
                "sea"))
        .isEqualTo("cni cni 10.88.0.0/16 10.88.0.1 fd00:88::/64 fd00:88::1");
    moorings.serve("argo", "--network", "sea", "--network-alias", "flagship");
    moorings.serve("boat", "--network", "sea");
    String argo = moorings.address("argo", "sea");
    assertThat(leases()).contains(argo);
    assertThat(place("argo", "sea").path("Gateway").asText()).isEqualTo("10.88.0.1");
    assertThat(place("argo", "sea").path("IPPrefixLen").asInt()).isEqualTo(16);
    assertThat(place("argo", "sea").path("IPv6Gateway").asText()).isEqualTo("fd00:88::1");
    assertThat(moorings.in("argo", "ip", "-o", "address").out())
        .contains(argo + "/16")
        .contains(place("argo", "sea").path("GlobalIPv6Address").asText() + "/64");
    assertThat(moorings.in("argo", "ip", "link", "show", "eth0").out())
        .contains(place("argo", "sea").path("MacAddress").asText());
    for (String where : List.of(argo, "argo", "flagship", "argo.sea")) {
      moorings.reaches("boat", where, "argo");
    }
    moorings.hostReaches(argo, "argo");
    assertThat(moorings.in("argo", "cat", "/etc/hosts").out()).contains(argo + "\t");
    assertThat(moorings.in("argo", "cat", "/etc/resolv.conf").out())
        .contains("nameserver 127.0.0.11")
        .contains("search sea.test");
    assertThat(moorings.in("argo", "cat", "/proc/sys/net/ipv4/conf/eth0/log_martians").out())
        .isEqualTo("1\n");
    assertThat(
            moorings.say(
                "network", "inspect", "-f", "{{range .Containers}}{{.IPv4Address}} {{end}}", "sea"))
        .contains(argo + "/16");
    moorings.say("stop", "-t", "0", "argo");
    assertThat(leases()).doesNotContain(argo);
    assertThat(moorings.in("boat", "nslookup", "argo").code()).isNotZero();
    assertThat(moorings.docker("network", "rm", "sea").err()).contains("has active endpoints");
    moorings.say("start", "argo");
    moorings.reaches("boat", "argo", "argo");
    moorings.say("rm", "-f", "argo", "boat");
    moorings.say("network", "rm", "sea");
    assertNothingIsLeft();
  }

  @Test
  void portsArePublishedByThePlugins() {
    create("sea", "sea-list");
    moorings.serve("argo", "--network", "sea", "-p", "8080:80", "-p", "127.0.0.1:8081:80");
    moorings.serve("boat", "--network", "sea");
    for (String where : List.of("127.0.0.1:8080", "[fd00:88::1]:8080", "10.88.0.1:8080")) {
      moorings.hostReaches(where, "argo");
    }
    moorings.hostReaches("127.0.0.1:8081", "argo");
    moorings.reaches("boat", "10.88.0.1:8080", "argo");
    moorings.reaches("argo", "10.88.0.1:8080", "argo");
    assertThat(moorings.say("port", "argo").lines())
        .containsExactlyInAnyOrder(
            "80/tcp -> 0.0.0.0:8080", "80/tcp -> [::]:8080", "80/tcp -> 127.0.0.1:8081");
    CommandResult twice =
        moorings.docker(
            "run", "-d", "--name", "canoe", "--network", "sea", "-p", "8080:80", "busybox", "true");
    assertThat(twice.code()).isEqualTo(125);
    assertThat(twice.err()).contains("port is already allocated");
    moorings.say("stop", "-t", "0", "argo");
    assertThat(moorings.curl("127.0.0.1:8080").code()).isNotZero();
    Moorings.end(moorings.listen("0.0.0.0", 8080));
  }

  @Test
  void aPortAtWhichSomebodyElseListensIsRefusedOrAvoided() {
    create("sea", "10-sea");
    Process listener = moorings.listen("0.0.0.0", 8080);
    try {
      CommandResult refused =
          moorings.docker(
              "run",
              "-d",
              "--name",
              "argo",
              "--network",
              "sea",
              "-p",
              "8080:80",
              "busybox",
              "true");
      assertThat(refused.code()).isEqualTo(125);
      assertThat(refused.err())
          .contains("failed to bind host port for 0.0.0.0:8080:10.88.0.")
          .contains("address already in use");
      assertNothingIsLeft();
      moorings.serve("boat", "--network", "sea", "-p", "8080-8081:80");
      assertThat(moorings.say("port", "boat", "80")).startsWith("0.0.0.0:8081");
      moorings.hostReaches("127.0.0.1:8081", "boat");
    } finally {
      Moorings.end(listener);
    }
  }

  @Test
  void addressesAndMacsAreThoseThatAreAskedForWherePluginsCan() {
    create("sea", "10-sea");
    create("bay", directory.resolve("net.d/20-bay.conflist").toString());
    moorings.serve(
        "argo", "--network", "sea", "--ip", "10.88.0.77", "--mac-address", "02:00:00:00:00:07");
    assertThat(moorings.address("argo", "sea")).isEqualTo("10.88.0.77");
    assertThat(place("argo", "sea").path("MacAddress").asText()).isEqualTo("02:00:00:00:00:07");
    assertThat(moorings.in("argo", "ip", "link", "show", "eth0").out())
        .contains("02:00:00:00:00:07");
    String boat =
        moorings.serve("boat", "--network", "name=sea,driver-opt=cni-args=foo=bar;abc=123");
    assertThat(attachment(boat)).contains("\"IgnoreUnknown=1;foo=bar;abc=123\"");
    refused("no CNI plugin of network bay has the capability \"ips\"", "--ip", "10.89.0.7");
    refused("custom mac address", "--mac-address", "02:00:00:00:00:07");
    create("slow", "30-slow");
    refused(
        "no CNI plugin of network slow has the capability \"portMappings\"",
        "--network",
        "slow",
        "-p",
        "80:80");
    refused(
        "a container has no option mtu on a cni network", "--network", "name=bay,driver-opt=mtu=9");
  }

  private static String attachment(String container) {
    try {
      String file =
          names(attachments()).stream()
              .filter(name -> name.startsWith(container))
              .findFirst()
              .orElseThrow();
      return Files.readString(attachments().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void refused(String words, String... options) {
    List<String> run = new ArrayList<>(List.of("run", "--rm"));
    run.addAll(List.of(options));
    if (!List.of(options).contains("--network")) {
      run.addAll(List.of("--network", "bay"));
    }
    run.addAll(List.of("busybox", "true"));
    CommandResult answer = moorings.docker(run.toArray(String[]::new));
    assertThat(answer.code()).as(words).isEqualTo(125);
    assertThat(answer.err()).contains(words);
  }

  @Test
  void aContainerIsConnectedAndDisconnectedAndKeepsItsWayOut() {
    create("sea", "10-sea");
    create("bay", "20-bay");
    // Neither the name nor the address of bay leads out.
    moorings.serve("argo", "-p", "8080:80");
    moorings.serve("boat", "--network", "bay");
    moorings.cannotReach("argo", "boat", "boat");
    moorings.say("network", "connect", "bay", "argo");
    moorings.reaches("argo", "boat", "boat");
    moorings.reaches("boat", "argo", "argo");
    assertThat(moorings.in("argo", "ip", "route").out())
        .contains("default via 172.17.0.1 dev eth0");
    assertThat(moorings.in("boat", "ip", "route").out()).doesNotContain("default");
    moorings.say("network", "disconnect", "bay", "argo");
    assertThat(moorings.in("argo", "ip", "-o", "link").out()).doesNotContain("eth1");
    assertThat(leases()).hasSize(1);
    // Sea does; its plugins make the route and publish the ports that bridge had.
    moorings.say("network", "connect", "sea", "argo");
    assertThat(moorings.in("argo", "ip", "route").out())
        .contains("default via 172.17.0.1 dev eth0")
        .doesNotContain("default via 10.88.0.1");
    moorings.hostReaches("127.0.0.1:8080", "argo");
    moorings.say("network", "disconnect", "bridge", "argo");
    assertThat(moorings.in("argo", "ip", "route").out()).contains("default via 10.88.0.1 dev eth1");
    moorings.hostReaches("127.0.0.1:8080", "argo");
    moorings.hostReaches("10.88.0.1:8080", "argo");
  }

  @Test
  void whatCannotBeANetworkIsRefused() throws IOException {
    for (Map.Entry<String, String> each :
        Map.of(
                "-o conflist=nowhere",
                "there is no CNI configuration named nowhere in " + directory.resolve("net.d"),
                "-o conflist=10-sea --subnet 10.5.0.0/16",
                "the driver cni gives addresses of its own",
                "-o conflist=10-sea --internal",
                "internal cannot be chosen for a cni network",
                "-o conflist=10-sea -o mtu=1400",
                "a cni network has no option mtu")
            .entrySet()) {
      refusedNetwork(each.getKey(), each.getValue());
    }
    list("40-lost", "{\"cniVersion\": \"1.0.0\", \"name\": \"lost\", \"type\": \"lost\"}");
    refusedNetwork(
        "-o conflist=40-lost",
        "failed to find CNI plugin \"lost\" in [" + directory.resolve("bin") + ", " + FIXED + "]");
    list("40-lost", "{\"cniVersion\": \"1.1.0\", \"name\": \"lost\", \"type\": \"bridge\"}");
    refusedNetwork("-o conflist=40-lost", "CNI plugin \"bridge\" has the versions 0.1.0, ");
    create("sea", "10-sea");
    refusedNetwork(
        "-o conflist=10-sea", "network sea is made of the CNI configuration sea-list already");
    // A bridge network is not made where the plugins are.
    assertThat(moorings.docker("network", "create", "--subnet", "10.88.7.0/24", "other").err())
        .contains("overlaps");
  }

  private static void refusedNetwork(String options, String words) {
    List<String> command = new ArrayList<>(List.of("network", "create", "-d", "cni"));
    command.addAll(List.of(options.split(" ", -1)));
    command.add("other");
    CommandResult answer = moorings.docker(command.toArray(String[]::new));
    assertThat(answer.code()).as(options).isEqualTo(1);
    assertThat(answer.err()).contains(words);
  }

  @Test
  void aRestartHasItsPluginsGoAndComeAgain() {
    create("sea", "10-sea");
    moorings.serve("argo", "--network", "sea", "--restart", "always", "-p", "8080:80");
    moorings.serve("boat", "--network", "sea");
    ProcessHandle.of(moorings.inspect("argo").at("/State/Pid").asLong())
        .orElseThrow()
        .destroyForcibly();
    Moorings.await(
        "it runs again",
        () -> {
          JsonNode argo = moorings.inspect("argo");
          return argo.path("RestartCount").asInt() == 1 && argo.at("/State/Running").asBoolean();
        });
    moorings.reaches("boat", "argo", "argo");
    moorings.hostReaches("127.0.0.1:8080", "argo");
    assertThat(leases()).hasSize(4).contains(moorings.address("argo", "sea"));
  }

  @Test
  void containersKeepTheirNetworkWhenTheDaemonIsKilled() {
    create("sea", "10-sea");
    moorings.serve("argo", "--network", "sea", "-p", "8080:80");
    moorings.serve("boat", "--network", "sea");
    String id = moorings.serve("canoe", "--network", "sea", "-p", "8081:80");
    String canoe = moorings.address("canoe", "sea");
    ProcessHandle task =
        ProcessHandle.of(moorings.inspect("canoe").at("/State/Pid").asLong()).orElseThrow();
    daemon.kill();
    assertThat(daemon.network().run("curl", "-s", "-m", "5", "http://127.0.0.1:8080/").out())
        .isEqualTo("argo\n");
    task.destroyForcibly();
    task.onExit().join();
    assertThat(leases()).contains(canoe);
    daemon.restart();
    moorings.reaches("boat", "argo", "argo");
    moorings.hostReaches("127.0.0.1:8080", "argo");
    moorings.hostReaches("[fd00:88::1]:8080", "argo");
    assertThat(moorings.say("wait", "canoe")).isEqualTo("137");
    Moorings.await(
        "it is off its network",
        () -> names(attachments()).stream().noneMatch(name -> name.startsWith(id)));
    assertThat(names(attachments())).hasSize(2);
    assertThat(leases()).hasSize(4).doesNotContain(canoe);
    Moorings.end(moorings.listen("0.0.0.0", 8081));
  }

  @Test
  void aStartTellsOfAContainerThatIsNotAsItsPluginsLeftIt() {
    create("bay", "20-bay");
    String told = ": CNI plugin \"bridge\" (CHECK on network bay-list) failed";
    String argo = moorings.serve("argo", "--network", "bay");
    daemon.kill();
    daemon.restart();
    // It is checked before it can leave.
    moorings.say("stop", "-t", "0", "argo");
    assertThat(daemon.logText()).doesNotContain(told);
    moorings.say("start", "argo");
    moorings.in("argo", "ip", "address", "flush", "dev", "eth0").succeeded();
    daemon.kill();
    daemon.restart();
    Moorings.await("it tells", () -> daemon.logText().contains("Container " + argo + told));
  }

  @Test
  void aDaemonThatDiesWhileAPluginIsAtWorkLeavesNothing() throws Exception {
    create("slow", "30-slow");
    fifo("begun");
    fifo("go");
    try {
      Path output = directory.resolve("output");
      Process command =
          daemon.dockerInBackground(
              output.toFile(), "run", "--name", "argo", "--network", "slow", "busybox", "true");
      assertThat(Files.readString(directory.resolve("begun"))).isEqualTo("\n");
      assertThat(leases()).hasSize(1);
      daemon.kill();
      assertThat(command.waitFor()).isNotZero();
      Files.delete(output);
      // The plugin ends while the next daemon starts.
      Thread end =
          new Thread(
              () -> {
                try {
                  Files.writeString(directory.resolve("go"), "on\n");
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      end.start();
      daemon.restart();
      end.join();
      assertNothingIsLeft();
    } finally {
      Files.delete(directory.resolve("begun"));
      Files.delete(directory.resolve("go"));
    }
  }

  private static void fifo(String name) {
    Commands.run(Map.of(), new byte[0], List.of("mkfifo", directory.resolve(name).toString()))
        .succeeded();
  }

  @Test
  void afterARebootNothingIsLeased() throws Exception {
    create("sea", "10-sea");
    String argo = moorings.serve("argo", "--network", "sea", "-p", "8080:80");
    String boat =
        moorings.serve("boat", "--network", "sea", "--restart", "always", "-p", "8081:80");
    String before = moorings.address("boat", "sea");
    assertThat(leases()).hasSize(4);
    daemon.kill();
    Reboot.of(daemon, List.of(argo, boat));
    daemon.restart();
    Moorings.await(
        "it runs again", () -> moorings.inspect("boat").at("/State/Running").asBoolean());
    moorings.hostReaches("127.0.0.1:8081", "boat");
    Moorings.await("those of the last boot are free", () -> leases().size() == 2);
    assertThat(leases()).contains(moorings.address("boat", "sea")).doesNotContain(before);
  }
}
