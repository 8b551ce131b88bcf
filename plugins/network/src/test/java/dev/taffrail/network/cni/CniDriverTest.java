package dev.taffrail.network.cni;

import static dev.taffrail.testkit.Samples.NOON;
import static dev.taffrail.testkit.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.linux.NetworkNamespaces;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkDriver.AttachOptions;
import dev.taffrail.core.network.NetworkDriver.Attached;
import dev.taffrail.core.network.NetworkDriver.Restored;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.linux.LinuxPlugin;
import dev.taffrail.testkit.TestHost;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The driver with plugins that are scripts, and no network at all. */
class CniDriverTest {
  private static final InetAddress LOOPBACK = IpText.parse("127.0.0.1");
  private static final CallContext CALL = CallContext.component("test");
  private static final String RESULT =
      "{\"cniVersion\": \"1.0.0\", \"interfaces\": [{\"name\": \"eth0\", \"mac\":"
          + " \"02:00:00:00:00:01\", \"sandbox\": \"/ns\"}], \"ips\": [{\"address\":"
          + " \"10.1.0.5/16\", \"gateway\": \"10.1.0.1\", \"interface\": 0}]}";
  private static final String TUNED = RESULT.replace("00:01", "00:02");
  private static final AttachOptions PLAIN = new AttachOptions(List.of(), Networking.NONE);

  @TempDir Path root;
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private TestHost host;
  private FakePlugins plugins;
  private Path namespace;
  private CniDriver driver;

  @BeforeEach
  void start() throws IOException {
    host = new TestHost(root.resolve("host")).start(new LinuxPlugin());
    plugins = new FakePlugins(root.resolve("plugins"));
    plugins.add("wire", "0.3.1", "0.4.0", "1.0.0").prints("wire", "ADD", RESULT);
    plugins.add("tune", "0.3.1", "0.4.0", "1.0.0", "1.1.0").prints("tune", "ADD", TUNED);
    plugins.add("map", "0.3.1", "0.4.0", "1.0.0", "1.1.0").prints("map", "ADD", TUNED);
    plugins.add("local", "0.3.1", "0.4.0", "1.0.0", "1.1.0");
    namespace = Files.createFile(root.resolve("ns"));
    Files.createDirectories(root.resolve("net.d"));
    Files.createDirectories(root.resolve("run"));
    list("sea", "1.0.0", "");
    driver = open();
  }

  @AfterEach
  void stop() {
    driver.close();
    TestHost.await(vertx.close());
    host.close();
  }

  private CniDriver open() throws IOException {
    CniSettings settings =
        new CniSettings(
            root.resolve("net.d"),
            List.of(root.resolve("none"), plugins.programs()),
            Duration.ofSeconds(10));
    return open(settings);
  }

  private CniDriver open(CniSettings settings) throws IOException {
    return new CniDriver(
        context,
        settings,
        new AttachmentFiles(Files.createDirectories(root.resolve("data"))),
        new PluginProcesses(context, host.port(Processes.class), root.resolve("run")),
        new Mounted(),
        new NoStacks());
  }

  /** A namespace is there while its file is. */
  private static final class Mounted implements NetworkNamespaces {
    @Override
    public void create(Path path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void remove(Path path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean exists(Path path) {
      return Files.exists(path);
    }

    @Override
    public <T> T within(Path path, Callable<T> work) {
      throw new UnsupportedOperationException();
    }
  }

  /** All endpoints here are their containers' way out, so no route is looked at. */
  private static final class NoStacks implements NetworkStacks {
    @Override
    public dev.taffrail.core.linux.NetworkStack host() {
      throw new UnsupportedOperationException();
    }

    @Override
    public dev.taffrail.core.linux.NetworkStack open(Path path) {
      throw new UnsupportedOperationException();
    }
  }

  private void list(String name, String version, String more) throws IOException {
    Files.writeString(
        root.resolve("net.d").resolve(name + ".conflist"),
        """
        {"cniVersion": "%s", "name": "%s-list"%s, "plugins": [
          {"type": "wire", "own": 7, "capabilities": {"ips": true},
           "ipam": {"type": "local", "subnet": "10.1.0.0/16"}},
          {"type": "tune", "capabilities": {"mac": true, "aliases": true}},
          {"type": "map", "capabilities": {"portMappings": true}}]}
        """
            .formatted(version, name, more));
  }

  private <T> T on(Supplier<Future<T>> call) {
    Promise<T> answer = Promise.promise();
    context.runOnContext(
        now -> {
          try {
            call.get().onComplete(answer);
          } catch (RuntimeException e) {
            answer.fail(e);
          }
        });
    return TestHost.await(answer.future());
  }

  private static Network network(char digit, String name, Map<String, String> options) {
    return new Network(
        id(digit), name, "cni", NOON, false, false, true, false, List.of(), options, "cni",
        Map.of(), Map.of());
  }

  private static Network sea() {
    return network('1', "sea", Map.of());
  }

  private Network made(Network network) {
    on(() -> driver.check(CALL, network));
    on(() -> driver.create(CALL, network));
    assertThat(plugins.calls()).allMatch(call -> call.name().endsWith(" VERSION"));
    return network;
  }

  private static Endpoint endpoint(Network network, EndpointSettings settings) {
    return new Endpoint(
        id('e'),
        id('a'),
        network.id(),
        settings,
        "",
        "eth0",
        settings.mac().orElse(""),
        Optional.empty(),
        Optional.empty(),
        List.of("argo", "flagship"),
        true);
  }

  private static Endpoint endpoint(Network network) {
    return endpoint(network, EndpointSettings.NONE);
  }

  private static EndpointSettings settings(String ip, String mac, Map<String, String> options) {
    return new EndpointSettings(
        List.of(),
        List.of(),
        Optional.of(ip).filter(text -> !text.isEmpty()).map(IpText::parse),
        Optional.empty(),
        List.of(),
        Optional.of(mac).filter(text -> !text.isEmpty()),
        options,
        0);
  }

  private Optional<Lease> attach(Network network, Endpoint endpoint, AttachOptions options) {
    return on(() -> driver.attach(CALL, network, endpoint, namespace, options));
  }

  private static PortBinding binding(String address, int port) {
    return new PortBinding("tcp", 80, IpText.parse(address), port);
  }

  /** A port at which nobody listens. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
      return socket.getLocalPort();
    }
  }

  private static JsonNode json(String text) throws IOException {
    return CniJson.MAPPER.readTree(text.replace('\'', '"'));
  }

  @Test
  void addRunsThePluginsInOrderEachWithTheResultOfTheOneBefore() throws IOException {
    Network sea = made(sea());
    Endpoint endpoint =
        endpoint(sea, settings("10.1.0.5", "02:00:00:00:00:02", Map.of("cni-args", "K=v;L=w")));
    AttachOptions options =
        new AttachOptions(
            List.of(binding("0.0.0.0", 8080), binding("::", 8080), binding("127.0.0.1", 8081)),
            Networking.NONE);
    Lease lease = attach(sea, endpoint, options).orElseThrow();
    assertThat(lease.ipv4()).contains(IpPrefix.parse("10.1.0.5/16"));
    assertThat(lease.gateway4()).contains(IpText.parse("10.1.0.1"));
    assertThat(lease.mac()).contains("02:00:00:00:00:02");
    List<FakePlugins.Call> calls = plugins.calls();
    assertThat(calls)
        .extracting(FakePlugins.Call::name)
        .containsExactly("wire ADD", "tune ADD", "map ADD");
    assertThat(calls)
        .allSatisfy(
            call ->
                assertThat(call.environment())
                    .containsEntry("CNI_CONTAINERID", id('a'))
                    .containsEntry("CNI_NETNS", namespace.toString())
                    .containsEntry("CNI_IFNAME", "eth0")
                    .containsEntry("CNI_ARGS", "IgnoreUnknown=1;K=v;L=w")
                    .containsEntry("CNI_PATH", root.resolve("none") + ":" + plugins.programs())
                    .containsKey("PATH"));
    assertThat(calls.get(0).stdin())
        .isEqualTo(
            json(
                "{'type': 'wire', 'own': 7, 'ipam': {'type': 'local', 'subnet': '10.1.0.0/16'},"
                    + " 'cniVersion': '1.0.0', 'name': 'sea-list', 'runtimeConfig': {'ips':"
                    + " ['10.1.0.5']}}"));
    assertThat(calls.get(1).stdin())
        .isEqualTo(
            json(
                "{'type': 'tune', 'cniVersion': '1.0.0', 'name': 'sea-list', 'runtimeConfig':"
                    + " {'mac': '02:00:00:00:00:02', 'aliases': ['argo', 'flagship']},"
                    + " 'prevResult': "
                    + RESULT
                    + "}"));
    assertThat(calls.get(2).stdin())
        .isEqualTo(
            json(
                "{'type': 'map', 'cniVersion': '1.0.0', 'name': 'sea-list', 'runtimeConfig':"
                    + " {'portMappings': [{'hostPort': 8080, 'containerPort': 80, 'protocol':"
                    + " 'tcp'}, {'hostPort': 8081, 'containerPort': 80, 'protocol': 'tcp',"
                    + " 'hostIP': '127.0.0.1'}]}, 'prevResult': "
                    + TUNED
                    + "}"));
  }

  @Test
  void deleteRunsThemInReverseAndTellsThemTheSame() throws IOException {
    Network sea = made(sea());
    Endpoint endpoint = endpoint(sea, settings("", "02:00:00:00:00:02", Map.of()));
    attach(sea, endpoint, new AttachOptions(List.of(binding("127.0.0.1", 8081)), Networking.NONE));
    // Whatever becomes of the file.
    list("sea", "0.4.0", "");
    List<FakePlugins.Call> added = plugins.calls();
    on(() -> driver.detach(CALL, sea, endpoint, Optional.empty()));
    List<FakePlugins.Call> deleted = plugins.calls();
    assertThat(deleted)
        .extracting(FakePlugins.Call::name)
        .containsExactly("map DEL", "tune DEL", "wire DEL");
    for (int i = 0; i < deleted.size(); i++) {
      FakePlugins.Call call = deleted.get(i);
      FakePlugins.Call before = added.get(added.size() - 1 - i);
      assertThat(call.stdin().path("prevResult")).isEqualTo(json(TUNED));
      assertThat(call.stdin().path("runtimeConfig"))
          .isEqualTo(before.stdin().path("runtimeConfig"));
      assertThat(call.stdin().path("cniVersion").asText()).isEqualTo("1.0.0");
      for (String name : List.of("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS")) {
        assertThat(call.environment()).containsEntry(name, before.environment().get(name));
      }
    }
    on(() -> driver.detach(CALL, sea, endpoint, Optional.empty()));
    assertThat(plugins.calls()).as("nothing is there any more").isEmpty();
  }

  @Test
  void withoutItsNamespaceAContainerIsDeletedAsWell() throws IOException {
    Network sea = made(sea());
    attach(sea, endpoint(sea), PLAIN);
    assertThat(plugins.calls()).hasSize(3);
    Files.delete(namespace);
    on(() -> driver.detach(CALL, sea, endpoint(sea), Optional.empty()));
    assertThat(plugins.calls())
        .hasSize(3)
        .noneMatch(call -> call.environment().containsKey("CNI_NETNS"));
  }

  @Test
  void before040ThereIsNoResultForDelete() throws IOException {
    list("sea", "0.3.1", "");
    Network sea = made(sea());
    attach(sea, endpoint(sea), PLAIN);
    assertThat(plugins.calls())
        .extracting(call -> call.stdin().has("prevResult"))
        .containsExactly(false, true, true);
    on(() -> driver.detach(CALL, sea, endpoint(sea), Optional.empty()));
    assertThat(plugins.calls())
        .allMatch(call -> call.stdin().path("cniVersion").asText().equals("0.3.1"))
        .noneMatch(call -> call.stdin().has("prevResult"));
  }

  private void fails(Kind kind, String words, Supplier<Future<?>> call) {
    assertThatThrownBy(() -> on(() -> call.get().mapEmpty()))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining(words)
        .extracting(RuntimeFailure::kindOf)
        .isEqualTo(kind);
  }

  @Test
  void aFailureNamesThePluginAndAllPluginsDeleteAfterIt() throws IOException {
    Network sea = made(sea());
    plugins.does(
        "tune",
        "ADD",
        "echo noise >&2; echo '{\"cniVersion\": \"1.0.0\", \"code\": 7, \"msg\": \"bad sysctl\","
            + " \"details\": \"no such file\"}'; exit 1");
    fails(
        Kind.INVALID_ARGUMENT,
        "CNI plugin \"tune\" (ADD on network sea-list) failed: bad sysctl; no such file (code 7)",
        () -> driver.attach(CALL, sea, endpoint(sea), namespace, PLAIN));
    assertThat(plugins.names()).containsExactly("wire ADD", "tune ADD");
    on(() -> driver.detach(CALL, sea, endpoint(sea), Optional.empty()));
    List<FakePlugins.Call> deleted = plugins.calls();
    assertThat(deleted)
        .extracting(FakePlugins.Call::name)
        .containsExactly("map DEL", "tune DEL", "wire DEL");
    assertThat(deleted).noneMatch(call -> call.stdin().has("prevResult"));
  }

  @Test
  void aPluginThatCrashesIsQuoted() throws IOException {
    Network sea = made(sea());
    plugins.does("wire", "ADD", "echo 'panic: at sea' >&2; exit 2");
    fails(
        Kind.INTERNAL,
        "CNI plugin \"wire\" (ADD on network sea-list) failed with status 2: panic: at sea",
        () -> driver.attach(CALL, sea, endpoint(sea), namespace, PLAIN));
    plugins.does("wire", "ADD", "echo ahoy");
    fails(
        Kind.INTERNAL,
        "CNI plugin \"wire\" (ADD on network sea-list) printed no result",
        () -> driver.attach(CALL, sea, endpoint(sea), namespace, PLAIN));
    plugins.does("wire", "ADD", "echo '{\"code\": 11, \"msg\": \"later\"}'; exit 1");
    fails(
        Kind.UNAVAILABLE,
        "failed: later (code 11)",
        () -> driver.attach(CALL, sea, endpoint(sea), namespace, PLAIN));
  }

  @Test
  void aFailedDeleteIsRepeatedAndOneOfNothingIsFine() throws IOException {
    Network sea = made(sea());
    attach(sea, endpoint(sea), PLAIN);
    assertThat(plugins.names()).hasSize(3);
    plugins.does("tune", "DEL", "echo '{\"code\": 100, \"msg\": \"stuck\"}'; exit 1");
    fails(
        Kind.INTERNAL,
        "CNI plugin \"tune\" (DEL on network sea-list) failed: stuck (code 100)",
        () -> driver.detach(CALL, sea, endpoint(sea), Optional.empty()));
    assertThat(plugins.names()).containsExactly("map DEL", "tune DEL");
    plugins.does("tune", "DEL", "echo '{\"code\": 3, \"msg\": \"who?\"}'; exit 1");
    on(() -> driver.detach(CALL, sea, endpoint(sea), Optional.empty()));
    assertThat(plugins.names()).containsExactly("map DEL", "tune DEL", "wire DEL");
  }

  @Test
  void aPluginThatTakesTooLongIsKilledWithWhateverItHasStarted() throws Exception {
    Network sea = made(sea());
    Path pids = root.resolve("pids");
    plugins.does(
        "wire", "ADD", "mkfifo %1$s.fifo; cat %1$s.fifo & echo $$ $! > %1$s; wait".formatted(pids));
    CniDriver hasty =
        open(
            new CniSettings(
                root.resolve("net.d"), List.of(plugins.programs()), Duration.ofSeconds(1)));
    try {
      fails(
          Kind.DEADLINE_EXCEEDED,
          "CNI plugin \"wire\" (ADD on network sea-list) did not end within 1000 ms, and was killed",
          () -> hasty.attach(CALL, sea, endpoint(sea), namespace, PLAIN));
    } finally {
      hasty.close();
    }
    for (String pid : Files.readString(pids).strip().split(" ", -1)) {
      Optional<ProcessHandle> left = ProcessHandle.of(Long.parseLong(pid));
      if (left.isPresent()) {
        left.get().onExit().get();
      }
    }
    assertThat(root.resolve("run")).isEmptyDirectory();
  }

  @Test
  void whatAnAttemptHasLeftIsDeletedBeforeTheNext() throws IOException {
    Network sea = made(sea());
    plugins.does("map", "ADD", "exit 1");
    fails(
        Kind.INTERNAL, "\"map\"", () -> driver.attach(CALL, sea, endpoint(sea), namespace, PLAIN));
    plugins.prints("map", "ADD", TUNED);
    assertThat(plugins.calls()).hasSize(3);
    driver.close();
    driver = open();
    attach(sea, endpoint(sea), PLAIN);
    assertThat(plugins.names())
        .containsExactly("map DEL", "tune DEL", "wire DEL", "wire ADD", "tune ADD", "map ADD");
  }

  @Test
  void aStartDeletesWhatIsInNoEventAndChecksTheRest() throws IOException {
    Network sea = made(sea());
    Endpoint lost =
        new Endpoint(
            id('f'),
            id('b'),
            sea.id(),
            EndpointSettings.NONE,
            "",
            "eth1",
            "",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            true);
    attach(sea, endpoint(sea), PLAIN);
    attach(sea, lost, PLAIN);
    assertThat(plugins.calls()).hasSize(6);
    driver.close();
    driver = open();
    Restored restored = new Restored(sea, List.of(new Attached(endpoint(sea), List.of())));
    on(() -> driver.restore(CALL, List.of(restored)));
    // The checks are behind nobody's back but their container's.
    on(() -> driver.route(CALL, sea, endpoint(network('9', "none", Map.of())), namespace));
    List<FakePlugins.Call> calls = plugins.calls();
    assertThat(calls.subList(0, 3))
        .extracting(FakePlugins.Call::name)
        .containsExactly("map DEL", "tune DEL", "wire DEL");
    assertThat(calls.subList(0, 3))
        .allMatch(call -> call.environment().get("CNI_CONTAINERID").equals(id('b')))
        .allMatch(call -> call.environment().get("CNI_IFNAME").equals("eth1"));
    assertThat(calls.subList(3, calls.size()))
        .extracting(FakePlugins.Call::name)
        .containsExactly("wire CHECK", "tune CHECK", "map CHECK");
    assertThat(calls.subList(3, calls.size()))
        .allSatisfy(call -> assertThat(call.stdin().path("prevResult")).isEqualTo(json(TUNED)));
    on(() -> driver.detach(CALL, sea, endpoint(sea), Optional.empty()));
    assertThat(plugins.calls()).hasSize(3);
  }

  @Test
  void aStartWaitsForThePluginsOfTheDaemonBefore() throws Exception {
    Network sea = made(sea());
    plugins.does("wire", "ADD", "exit 1");
    fails(
        Kind.INTERNAL, "\"wire\"", () -> driver.attach(CALL, sea, endpoint(sea), namespace, PLAIN));
    assertThat(plugins.names()).containsExactly("wire ADD");
    // As if that daemon had died, and its plugin had not.
    Path fifo = root.resolve("fifo");
    Path input = Files.writeString(root.resolve("run/7.in"), "{}");
    Process orphan =
        new ProcessBuilder(
                "sh", "-c", "mkfifo $0; echo ready; read word < $0; touch $0.done", fifo.toString())
            .redirectInput(input.toFile())
            .start();
    try {
      assertThat(orphan.getInputStream().readNBytes(6))
          .isEqualTo("ready\n".getBytes(StandardCharsets.US_ASCII));
      plugins.does("map", "DEL", "[ -e " + fifo + ".done ] || exit 9");
      driver.close();
      driver = open();
      Promise<Void> restored = Promise.promise();
      context.runOnContext(
          now -> driver.restore(CALL, List.of(new Restored(sea, List.of()))).onComplete(restored));
      Files.writeString(fifo, "on\n");
      TestHost.await(restored.future());
      assertThat(plugins.names()).containsExactly("map DEL", "tune DEL", "wire DEL");
      assertThat(root.resolve("run")).isEmptyDirectory();
      assertThat(root.resolve("data/attachments")).isEmptyDirectory();
    } finally {
      orphan.destroyForcibly().waitFor();
    }
  }

  @Test
  void otherPortsAreOnlyForThePluginsThatPublishThem() throws IOException {
    Network sea = made(sea());
    Endpoint bare = endpoint(sea);
    int first = freePort();
    List<PortBinding> before = List.of(binding("127.0.0.1", first));
    Lease lease = attach(sea, bare, new AttachOptions(before, Networking.NONE)).orElseThrow();
    Endpoint endpoint = bare.with(Optional.of(lease));
    assertThat(plugins.calls()).hasSize(3);
    on(() -> driver.publish(CALL, sea, endpoint, before));
    assertThat(plugins.calls()).as("they were published when it was attached").isEmpty();
    assertThatThrownBy(() -> new ServerSocket(first, 1, LOOPBACK).close())
        .isInstanceOf(IOException.class);
    on(() -> driver.unpublish(CALL, sea, endpoint, before));
    List<FakePlugins.Call> ended = plugins.calls();
    assertThat(ended).extracting(FakePlugins.Call::name).containsExactly("map DEL");
    assertThat(ended.get(0).stdin().at("/runtimeConfig/portMappings/0/hostPort").asInt())
        .isEqualTo(first);
    List<PortBinding> after = List.of(binding("127.0.0.1", freePort()));
    on(() -> driver.publish(CALL, sea, endpoint, after));
    List<FakePlugins.Call> begun = plugins.calls();
    assertThat(begun).extracting(FakePlugins.Call::name).containsExactly("map DEL", "map ADD");
    assertThat(begun.get(1).stdin().at("/runtimeConfig/portMappings/0/hostPort").asInt())
        .isEqualTo(after.get(0).hostPort());
    assertThat(begun.get(1).stdin().path("prevResult")).isEqualTo(json(TUNED));
    on(() -> driver.detach(CALL, sea, endpoint, Optional.empty()));
    assertThat(plugins.calls().get(0).stdin().at("/runtimeConfig/portMappings/0/hostPort").asInt())
        .isEqualTo(after.get(0).hostPort());
  }

  @Test
  void aPortAtWhichSomebodyListensIsRefused() throws IOException {
    Network sea = made(sea());
    try (ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
      List<PortBinding> bindings = List.of(binding("127.0.0.1", taken.getLocalPort()));
      Endpoint endpoint =
          endpoint(sea)
              .with(attach(sea, endpoint(sea), new AttachOptions(bindings, Networking.NONE)));
      fails(
          Kind.ALREADY_EXISTS,
          "failed to bind host port for 127.0.0.1:" + taken.getLocalPort() + ":10.1.0.5:80/tcp",
          () -> driver.publish(CALL, sea, endpoint, bindings));
    }
  }

  @Test
  void whatNoPluginCanDoIsRefused() throws IOException {
    Files.writeString(
        root.resolve("net.d/bay.conflist"),
        "{\"cniVersion\": \"1.0.0\", \"name\": \"bay\", \"plugins\": [{\"type\": \"wire\"}]}");
    Network bay = made(network('2', "bay", Map.of()));
    NetworkTraits traits = on(() -> driver.traits(CALL, bay));
    assertThat(traits.macs()).isFalse();
    assertThat(traits.ports()).isFalse();
    assertThat(traits.ownRanges()).contains(List.of());
    fails(
        Kind.INVALID_ARGUMENT,
        "no CNI plugin of network bay has the capability \"ips\"",
        () ->
            driver.attach(
                CALL, bay, endpoint(bay, settings("10.1.0.7", "", Map.of())), namespace, PLAIN));
    fails(
        Kind.UNIMPLEMENTED,
        "no CNI plugin of network bay has the capability \"portMappings\"",
        () ->
            driver.attach(
                CALL,
                bay,
                endpoint(bay),
                namespace,
                new AttachOptions(List.of(binding("::", 80)), Networking.NONE)));
    fails(
        Kind.INVALID_ARGUMENT,
        "a container has no option mtu on a cni network",
        () ->
            driver.attach(
                CALL, bay, endpoint(bay, settings("", "", Map.of("mtu", "9"))), namespace, PLAIN));
    fails(
        Kind.INVALID_ARGUMENT,
        "invalid cni-args: a b",
        () ->
            driver.attach(
                CALL,
                bay,
                endpoint(bay, settings("", "", Map.of("cni-args", "a b"))),
                namespace,
                PLAIN));
    assertThat(plugins.calls()).isEmpty();
  }

  @Test
  void aNetworkThatCannotBeIsRefusedWhenItIsMade() throws IOException {
    fails(
        Kind.INVALID_ARGUMENT,
        "there is no CNI configuration named lake in " + root.resolve("net.d"),
        () -> driver.check(CALL, network('2', "lake", Map.of())));
    fails(
        Kind.INVALID_ARGUMENT,
        "a cni network has no option mtu",
        () -> driver.check(CALL, network('2', "sea", Map.of("mtu", "1400"))));
    Files.delete(plugins.programs().resolve("local"));
    fails(
        Kind.INVALID_ARGUMENT,
        "failed to find CNI plugin \"local\" in [" + root.resolve("none") + ", ",
        () -> driver.check(CALL, sea()));
    plugins.add("local", "0.3.1");
    fails(
        Kind.INVALID_ARGUMENT,
        "CNI plugin \"local\" has the versions 0.3.1, and not 1.0.0",
        () -> driver.check(CALL, sea()));
    plugins.add("local", "1.0.0");
    made(sea());
    fails(
        Kind.PERMISSION_DENIED,
        "network sea is made of the CNI configuration sea-list already",
        () -> driver.check(CALL, network('2', "other", Map.of("conflist", "sea"))));
  }

  @Test
  void theHighestVersionThatAllPluginsHaveIsSpoken() throws IOException {
    list("sea", "0.4.0", ", \"cniVersions\": [\"1.0.0\", \"1.1.0\"]");
    Network sea = made(sea());
    attach(sea, endpoint(sea), PLAIN);
    assertThat(plugins.calls())
        .hasSize(3)
        .allMatch(call -> call.stdin().path("cniVersion").asText().equals("1.0.0"));
  }

  @Test
  void since110PluginsTellTheirStatusAndCollectWhereTheyMay() throws IOException {
    list("sea", "1.1.0", "");
    plugins.add("wire", "1.1.0");
    plugins.does("tune", "STATUS", "echo '{\"code\": 50, \"msg\": \"no room\"}'; exit 1");
    Network sea = network('1', "sea", Map.of("gc", "true"));
    fails(
        Kind.UNAVAILABLE,
        "CNI plugin \"tune\" (STATUS on network sea-list) failed: no room (code 50)",
        () -> driver.check(CALL, sea));
    plugins.does("tune", "STATUS", "");
    on(() -> driver.check(CALL, sea));
    on(() -> driver.create(CALL, sea));
    assertThat(plugins.names()).contains("wire STATUS", "tune STATUS", "map STATUS");
    attach(sea, endpoint(sea), PLAIN);
    assertThat(plugins.calls()).hasSize(3);
    driver.close();
    driver = open();
    plugins.does("wire", "GC", "exit 1");
    on(
        () ->
            driver.restore(
                CALL, List.of(new Restored(sea, List.of(new Attached(endpoint(sea), List.of()))))));
    List<FakePlugins.Call> calls =
        plugins.calls().stream().filter(call -> call.name().endsWith(" GC")).toList();
    assertThat(calls).hasSize(3);
    assertThat(calls)
        .allSatisfy(
            call ->
                assertThat(call.stdin().path("cni.dev/valid-attachments"))
                    .isEqualTo(json("[{'containerID': '" + id('a') + "', 'ifname': 'eth0'}]")));
  }

  @Test
  void nobodyElsesAttachmentsAreCollected() throws IOException {
    list("sea", "1.1.0", "");
    plugins.add("wire", "1.1.0");
    Network sea = sea();
    on(() -> driver.check(CALL, sea));
    on(() -> driver.create(CALL, sea));
    on(() -> driver.remove(CALL, sea));
    assertThat(plugins.names()).isNotEmpty().noneMatch(name -> name.endsWith(" GC"));
  }

  @Test
  void settingsHaveDefaults() throws IOException {
    assertThat(CniSettings.of(MissingNode.getInstance()))
        .isEqualTo(
            new CniSettings(
                Path.of("/etc/cni/net.d"),
                List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")),
                Duration.ofSeconds(20)));
    assertThatThrownBy(() -> CniSettings.of(json("{'conf-dir': 'net.d'}")))
        .hasMessageContaining("net.d must be an absolute path");
    assertThatThrownBy(() -> CniSettings.of(json("{'timeout-seconds': 0}")))
        .hasMessageContaining("timeout-seconds must be at least 1");
  }
}
