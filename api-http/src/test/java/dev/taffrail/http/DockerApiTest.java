package dev.taffrail.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.container.CreateRequest;
import dev.taffrail.core.event.Actor;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DockerApiTest {
  @TempDir Path directory;
  private Daemon daemon;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    daemon = new Daemon(directory);
    client = daemon.client();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    daemon.close();
  }

  private String create(String body) throws IOException {
    Client.Answer answer = client.ask("POST", "/containers/create", body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return answer.json().get("Id").asText();
  }

  private String create(String command, boolean terminal) throws IOException {
    return create(
        "{\"Image\":\"busybox\",\"Cmd\":[\""
            + command.replace(" ", "\",\"")
            + "\"],\"OpenStdin\":true,\"Tty\":"
            + terminal
            + "}");
  }

  private void begin(String id) throws IOException {
    assertThat(client.ask("POST", "/containers/" + id + "/start", "").status()).isEqualTo(204);
  }

  @Test
  void pingNegotiates() throws Exception {
    Client.Answer head = client.ask("HEAD", "/_ping", "");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.headers())
        .containsEntry("Api-Version", "1.50")
        .containsEntry("Ostype", "linux")
        .containsEntry("Content-Length", "0")
        .containsEntry("Cache-Control", "no-cache, no-store, must-revalidate")
        .containsEntry("Builder-Version", "1")
        .containsEntry("Swarm", "inactive");
    assertThat(head.headers().get("Server")).matches("Docker/.* \\(linux\\)");
    assertThat(client.get("/v1.24/_ping").body()).isEqualTo("OK");
  }

  @Test
  void versionsOutsideTheRangeAreRefusedInDockersWords() throws Exception {
    Client.Answer old = client.get("/v1.23/info");
    assertThat(old.status()).isEqualTo(400);
    assertThat(old.headers().get("Content-Type")).startsWith("text/plain");
    assertThat(old.body())
        .isEqualTo(
            "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade"
                + " your client to a newer version\n");
    assertThat(client.get("/v1.51/info").message())
        .isEqualTo("client version 1.51 is too new. Maximum supported API version is 1.50");
  }

  @Test
  void unknownPathsAndWrongMethodsAreNotFound() throws Exception {
    for (String request :
        List.of(
            "GET /nosuch", "PUT /info", "GET /v1.41/containers/x/start", "GET /plugins/x/json")) {
      String[] parts = request.split(" ", -1);
      Client.Answer answer = client.ask(parts[0], parts[1], "");
      assertThat(answer.status()).as(request).isEqualTo(404);
      assertThat(answer.message()).isEqualTo("page not found");
    }
    assertThat(client.get("/services").status()).isEqualTo(503);
    assertThat(client.ask("POST", "/containers/x/exec", "").message())
        .isEqualTo("Taffrail does not support POST /containers/{id}/exec yet");
  }

  @Test
  void theSocketBelongsToItsGroupAndGoesAtTheEnd() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.socket)))
        .isEqualTo("rw-rw----");
    assertThatThrownBy(() -> new Daemon(directory)).hasMessageContaining("another daemon");
    daemon.close();
    assertThat(daemon.socket).doesNotExist();
    // What a killed daemon leaves behind.
    try (var stale =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      stale.bind(java.net.UnixDomainSocketAddress.of(daemon.socket));
    }
    assertThat(daemon.socket).exists();
    daemon = new Daemon(directory);
    client = daemon.client();
    assertThat(client.get("/_ping").status()).isEqualTo(200);
  }

  @Test
  void withoutEpollThereIsNoUnixSocket() {
    Path other = directory.resolve("other");
    assertThatThrownBy(() -> new Daemon(other, false)).hasMessageContaining("epoll");
  }

  @Test
  void tcpBeyondLoopbackIsRefused() {
    Path other = directory.resolve("other");
    assertThatThrownBy(() -> new Daemon(other, "tcp://0.0.0.0:2375"))
        .hasMessageContaining("TLS client certificates");
  }

  @Test
  void loopbackKeepsWebPagesOut() throws Exception {
    int port;
    try (var probe = new java.net.ServerSocket(0)) {
      port = probe.getLocalPort();
    }
    try (Daemon tcp = new Daemon(directory.resolve("tcp"), "tcp://127.0.0.1:" + port);
        Client local = new Client(port)) {
      // A client that names the host "docker" is taken for a page under a re-bound name.
      assertThat(local.get("/info").status()).isEqualTo(403);
      local.write("GET /_ping HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n");
      assertThat(local.head().status()).isEqualTo(200);
      assertThat(local.read(2)).isEqualTo("OK".getBytes(UTF_8));
      local.write(
          "GET /_ping HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:8080\r\n\r\n");
      assertThat(local.head().status()).isEqualTo(403);
      assertThat(tcp.socket).exists();
    }
  }

  @Test
  void callsCarryPeerCorrelationAndTrace() throws Exception {
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    Client.Answer answer =
        client.ask(
            "GET", "/containers/json", "", "X-Request-Id: my-request-1", "traceparent: " + trace);
    assertThat(answer.headers()).containsEntry("X-Correlation-Id", "my-request-1");
    var origin = daemon.containers.calls.get(0).origin();
    assertThat(origin.correlationId()).isEqualTo("my-request-1");
    assertThat(origin.traceparent()).contains(trace);
    Actor actor = origin.actor();
    assertThat(actor.pid()).contains(ProcessHandle.current().pid());
    assertThat(actor.command().orElseThrow()).contains("java").hasSizeLessThanOrEqualTo(256);
    String generated =
        client.ask("GET", "/info", "", "X-Request-Id: <bad>").headers().get("X-Correlation-Id");
    assertThat(generated).hasSize(36);
  }

  @Test
  void createReadsWhatItKnowsAndIgnoresTheRest() throws Exception {
    create(
        """
        {"Image":"busybox","Cmd":"sh","Entrypoint":["/e"],"Env":["A=b"],"StopTimeout":3,
         "NoSuchField":{"x":1},"ExposedPorts":{"80":{}},"Volumes":{},"Healthcheck":{"Test":["NONE"]},
         "HostConfig":{"Memory":1048576,"NanoCpus":500000000,"PidsLimit":-1,"MemorySwappiness":-1,
           "CapAdd":["CAP_SYS_TIME","net_admin"],"SecurityOpt":["no-new-privileges","seccomp=unconfined"],
           "RestartPolicy":{"Name":"no"},"LogConfig":{"Type":"json-file","Config":{}},
           "Binds":["/a:/b:ro"],"Tmpfs":{"/t":"size=1m"},"MaskedPaths":[],
           "Mounts":[{"Type":"bind","Source":"/s","Target":"/d","ReadOnly":true},
                     {"Type":"tmpfs","Target":"/m","TmpfsOptions":{"SizeBytes":4096,"Mode":1023}}],
           "PidMode":"host","PortBindings":{},"Dns":[],"Links":null,"NetworkMode":"none"},
         "NetworkingConfig":{"EndpointsConfig":{"none":{"IPAMConfig":{},"MacAddress":""}}}}
        """);
    CreateRequest request = daemon.containers.requests.get(0);
    assertThat(request.command()).contains(List.of("sh"));
    assertThat(request.entrypoint()).contains(List.of("/e"));
    assertThat(request.stopTimeoutSeconds()).hasValue(3);
    assertThat(request.exposedPorts()).containsExactly("80/tcp");
    assertThat(request.resources().memory()).isEqualTo(OptionalLong.of(1048576));
    assertThat(request.resources().cpuQuota()).isEqualTo(OptionalLong.of(50_000));
    assertThat(request.resources().pids()).isEmpty();
    assertThat(request.security().capabilitiesAdded()).containsExactly("SYS_TIME", "NET_ADMIN");
    assertThat(request.security().noNewPrivileges()).isTrue();
    assertThat(request.security().seccompProfile()).contains("unconfined");
    assertThat(request.security().maskedPaths()).contains(List.of());
    assertThat(request.binds()).containsExactly("/a:/b:ro");
    assertThat(request.tmpfs()).containsEntry("/t", "size=1m");
    assertThat(request.mounts().get(0).options()).containsExactly("rbind", "rprivate", "ro");
    assertThat(request.mounts().get(1).options()).containsExactly("size=4096", "mode=1777");
    assertThat(request.namespaces().hostPid()).isTrue();
    assertThat(request.networkMode()).isEqualTo("none");
  }

  @Test
  void createNamesWhatItCannotDoAndWhatIsMalformed() throws Exception {
    assertCreate("", 400, "EOF");
    assertCreate("{", 400, "invalid JSON: unexpected EOF");
    assertCreate("{\"Image\":\"busybox\"}{}", 400, "unexpected content after JSON");
    assertCreate("null", 400, "config cannot be empty in order to create a container");
    assertCreate("{\"HostConfig\":{}}", 400, "config cannot be empty");
    assertCreate(
        "{\"HostConfig\":{\"Mounts\":[{\"Type\":\"x\",\"Target\":\"/a\"}]}}",
        400,
        "invalid mount config for type \"x\": mount type unknown");
    assertCreate(
        "{\"HostConfig\":{\"Mounts\":[{\"Type\":\"bind\",\"Target\":\"/a\"}]}}",
        400,
        "invalid mount config for type \"bind\": field Source must not be empty");
    assertCreate(
        "{\"HostConfig\":{\"Mounts\":[{\"Type\":\"tmpfs\",\"Target\":\"/a\","
            + "\"BindOptions\":{\"NonRecursive\":true}}]}}",
        400,
        "field BindOptions must not be specified");
    assertCreate("{\"Image\":5}", 400, "Image must be a string");
    assertCreate("{\"HostConfig\":{\"Memory\":\"x\"}}", 400, "HostConfig.Memory must be a number");
    assertCreate("{\"HostConfig\":{\"CapAdd\":[\"FLY\"]}}", 400, "unknown capability: \"FLY\"");
    assertCreate("{\"Volumes\":{\"/v\":{}}}", 501, "Volumes");
    assertCreate("{\"NetworkDisabled\":true}", 501, "NetworkDisabled");
    assertCreate("{\"HostConfig\":{\"LogConfig\":{\"Type\":\"syslog\"}}}", 501, "syslog");
    assertCreate("{\"HostConfig\":{\"IpcMode\":\"container:x\"}}", 501, "container:x");
    assertCreate("{\"HostConfig\":{\"DeviceRequests\":[{\"Count\":-1}]}}", 501, "DeviceRequests");
    assertCreate(
        "{\"HostConfig\":{\"RestartPolicy\":{\"Name\":\"x\"}}}", 400, "unknown policy 'x'");
    assertCreate("{\"Image\":\"nosuch\",\"Cmd\":[\"x\"]}", 404, "No such image: nosuch");
    assertThat(daemon.containers.requests).hasSize(1);
  }

  private void assertCreate(String body, int status, String text) throws IOException {
    Client.Answer answer = client.ask("POST", "/containers/create", body);
    assertThat(answer.message()).contains(text);
    assertThat(answer.status()).as(text).isEqualTo(status);
  }

  @Test
  void inspectHasEveryMemberThatClientsRead() throws Exception {
    String id = create("wait", false);
    begin(id);
    JsonNode json = client.get("/v1.41/containers/" + id.substring(0, 12) + "/json").json();
    assertThat(json.at("/State/Status").asText()).isEqualTo("running");
    assertThat(json.at("/State/FinishedAt").asText()).isEqualTo("0001-01-01T00:00:00Z");
    assertThat(json.at("/Path").asText()).isEqualTo("wait");
    assertThat(json.at("/HostConfig/NetworkMode").asText()).isEqualTo("bridge");
    assertThat(json.at("/HostConfig/ShmSize").asLong()).isEqualTo(67108864);
    assertThat(json.at("/NetworkSettings/Networks/bridge/NetworkID").asText()).hasSize(64);
    assertThat(json.at("/NetworkSettings/Networks/bridge").has("DNSNames")).isFalse();
    assertThat(json.at("/Config/Labels").isObject()).isTrue();
    assertThat(json.at("/Mounts").isArray()).isTrue();
    assertThat(client.get("/containers/nosuch/json").message())
        .isEqualTo("No such container: nosuch");
  }

  @Test
  void startingTwiceAndStoppingTwiceChangesNothing() throws Exception {
    String id = create("wait", false);
    begin(id);
    Client.Answer again = client.ask("POST", "/containers/" + id + "/start", "");
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(client.ask("POST", "/containers/" + id + "/start", "{\"Binds\":null}").status())
        .isEqualTo(400);
    assertThat(client.ask("POST", "/containers/" + id + "/stop?t=1", "").status()).isEqualTo(204);
    assertThat(client.ask("POST", "/containers/" + id + "/stop", "").status()).isEqualTo(304);
    assertThat(client.ask("POST", "/containers/" + id + "/stop?t=x", "").status()).isEqualTo(400);
    assertThat(client.ask("POST", "/containers/" + id + "/kill", "").status()).isEqualTo(409);
  }

  @Test
  void listFiltersInBothForms() throws Exception {
    String one = create("wait", false);
    String two = create("{\"Image\":\"busybox:1\",\"Cmd\":[\"wait\"],\"Labels\":{\"a\":\"b\"}}");
    begin(two);
    assertThat(ids("")).containsExactly(two);
    assertThat(ids("all=1")).containsExactly(two, one);
    assertThat(ids("limit=1")).containsExactly(two);
    assertThat(ids("filters=" + encode("{\"status\":{\"created\":true}}"))).containsExactly(one);
    assertThat(ids("all=1&filters=" + encode("{\"label\":[\"a=b\"]}"))).containsExactly(two);
    assertThat(ids("all=1&filters=" + encode("{\"label\":[\"a=c\"]}"))).isEmpty();
    assertThat(ids("all=1&filters=" + encode("{\"ancestor\":[\"busybox\"]}"))).containsExactly(one);
    assertThat(ids("all=1&filters=" + encode("{\"since\":[\"" + one + "\"]}")))
        .containsExactly(two);
    assertThat(ids("all=1&filters=" + encode("{\"before\":[\"" + two + "\"]}")))
        .containsExactly(one);
    assertThat(ids("all=1&filters=" + encode("{\"name\":[\"^/?made_up_1$\"]}")))
        .containsExactly(one);
    Client.Answer unknown = client.get("/containers/json?filters=" + encode("{\"x\":[\"y\"]}"));
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.message()).isEqualTo("invalid filter 'x'");
    assertThat(client.get("/containers/json").json().get(0).has("SizeRw")).isFalse();
    JsonNode sized = client.get("/containers/json?size=1").json().get(0);
    assertThat(sized.get("SizeRw").asLong()).isEqualTo(17);
    assertThat(sized.get("SizeRootFs").asLong()).isEqualTo(17 + 4242);
    assertThat(ids("all=1&filters=" + encode("{\"publish\":[\"80-90/tcp\"]}"))).isEmpty();
    for (String wrong : List.of("{\"publish\":[\"x\"]}", "{\"health\":[\"x\"]}")) {
      assertThat(client.get("/containers/json?filters=" + encode(wrong)).status()).isEqualTo(400);
    }
  }

  private List<String> ids(String query) throws IOException {
    Client.Answer answer = client.get("/containers/json?" + query);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json().findValuesAsText("Id");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  @Test
  void waitSendsItsHeadBeforeItBlocks() throws Exception {
    String id = create("wait", false);
    try (Client waiting = daemon.client()) {
      waiting.send("POST", "/containers/" + id + "/wait?condition=next-exit", "");
      assertThat(waiting.head().status()).isEqualTo(200);
      begin(id);
      daemon.containers.exit(id, 5);
      assertThat(waiting.chunk()).isEqualTo("{\"StatusCode\":5}\n");
      assertThat(waiting.chunk()).isEmpty();
    }
    Client.Answer invalid = client.ask("POST", "/containers/" + id + "/wait?condition=never", "");
    assertThat(invalid.status()).isEqualTo(400);
    assertThat(invalid.message()).isEqualTo("invalid condition: \"never\"");
    assertThat(client.ask("POST", "/containers/nosuch/wait", "").status()).isEqualTo(404);
  }

  private static final String UPGRADE = "Connection: Upgrade";

  @Test
  void attachUpgradesAndHalfClosesAndFrames() throws Exception {
    String id = create("cat", false);
    begin(id);
    try (Client attached = daemon.client()) {
      attached.send(
          "POST",
          "/v1.42/containers/" + id + "/attach?stream=1&stdin=1&stdout=1&stderr=1",
          "",
          UPGRADE,
          "Upgrade: tcp");
      Client.Answer head = attached.head();
      assertThat(head.statusLine()).isEqualTo("HTTP/1.1 101 UPGRADED");
      assertThat(head.headers())
          .containsEntry("Content-Type", "application/vnd.docker.multiplexed-stream")
          .containsEntry("Upgrade", "tcp");
      attached.write("hi\n");
      assertThat(attached.read(11)).isEqualTo(frame(1, "hi\n"));
      attached.endOutput();
      assertThat(attached.readAll()).isEqualTo(frame(1, "late\n"));
    }
  }

  @Test
  void attachWithoutUpgradeAnswers200AndRawBytes() throws Exception {
    String id = create("cat", true);
    begin(id);
    try (Client attached = daemon.client()) {
      attached.send("POST", "/v1.41/containers/" + id + "/attach?stream=1&stdin=1&stdout=1", "");
      Client.Answer head = attached.head();
      assertThat(head.statusLine()).isEqualTo("HTTP/1.1 200 OK");
      assertThat(head.headers())
          .containsEntry("Content-Type", "application/vnd.docker.raw-stream")
          .doesNotContainKey("Transfer-Encoding");
      attached.write("hi\n");
      assertThat(attached.read(3)).isEqualTo("hi\n".getBytes(UTF_8));
      // ctrl-p, ctrl-q: the session ends, the container does not.
      attached.write("\u0010\u0011");
      assertThat(attached.readAll()).isEmpty();
    }
    assertThat(client.get("/containers/" + id + "/json").json().at("/State/Running").asBoolean())
        .isTrue();
  }

  @Test
  void attachShowsNothingOfBeforeUnlessAskedTo() throws Exception {
    String id = create("echo before", false);
    begin(id);
    try (Client attached = daemon.client()) {
      attached.send("POST", "/containers/" + id + "/attach?logs=1&stdout=1", "");
      assertThat(attached.head().status()).isEqualTo(200);
      assertThat(attached.readAll()).isEqualTo(frame(1, "before\n"));
    }
    try (Client attached = daemon.client()) {
      attached.send("POST", "/containers/" + id + "/attach?stream=1&stdout=1", "");
      assertThat(attached.head().status()).isEqualTo(200);
      begin(id);
      assertThat(attached.readAll()).isEqualTo(frame(1, "before\n"));
    }
  }

  @Test
  void attachEndsWhenTheStartFailsOrTheClientLeaves() throws Exception {
    String broken = create("broken", false);
    try (Client attached = daemon.client()) {
      attached.send("POST", "/containers/" + broken + "/attach?stream=1&stdout=1", "");
      assertThat(attached.head().status()).isEqualTo(200);
      assertThat(client.ask("POST", "/containers/" + broken + "/start", "").status())
          .isEqualTo(400);
      assertThat(attached.readAll()).isEmpty();
    }
    String id = create("wait", false);
    begin(id);
    try (Client attached = daemon.client()) {
      attached.send("POST", "/containers/" + id + "/attach?stream=1&stdout=1", "");
      assertThat(attached.head().status()).isEqualTo(200);
      assertThat(daemon.tasks.readers(id)).isEqualTo(1);
    }
    await(() -> daemon.tasks.readers(id) == 0);
    assertThat(client.ask("POST", "/containers/nosuch/attach", "").status()).isEqualTo(404);
    assertThat(client.ask("POST", "/containers/" + id + "/attach?detachKeys=alt-x", "").status())
        .isEqualTo(400);
  }

  private static void await(java.util.function.BooleanSupplier condition) throws Exception {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static byte[] frame(int stream, String text) {
    byte[] data = text.getBytes(UTF_8);
    return java.nio.ByteBuffer.allocate(8 + data.length)
        .put((byte) stream)
        .position(4)
        .putInt(data.length)
        .put(data)
        .array();
  }

  @Test
  void logsFollowsUntilTheEnd() throws Exception {
    String id = create("wait", false);
    begin(id);
    try (Client follower = daemon.client()) {
      follower.send("GET", "/v1.41/containers/" + id + "/logs?follow=1&stdout=1&tail=all", "");
      Client.Answer head = follower.head();
      assertThat(head.headers()).containsEntry("Content-Type", "application/vnd.docker.raw-stream");
      daemon
          .tasks
          .output(id)
          .write(
              directory.resolve(id),
              dev.taffrail.core.task.OutputFrame.Stream.STDOUT,
              io.vertx.core.buffer.Buffer.buffer("tick\n"));
      assertThat(follower.chunk().getBytes(UTF_8)).isEqualTo(frame(1, "tick\n"));
      daemon.containers.exit(id, 0);
      assertThat(follower.chunk()).isEmpty();
    }
    assertThat(client.get("/containers/" + id + "/logs?stdout=1&details=1").body())
        .endsWith(" tick\n");
    Client.Answer none = client.get("/containers/" + id + "/logs");
    assertThat(none.status()).isEqualTo(400);
    assertThat(none.message()).isEqualTo("Bad parameters: you must choose at least one stream");
    assertThat(client.get("/containers/" + id + "/logs?stdout=1&since=yesterday").status())
        .isEqualTo(400);
  }

  @Test
  void resizeNeedsARunningContainerAndNumbers() throws Exception {
    String id = create("wait", true);
    assertThat(client.ask("POST", "/containers/" + id + "/resize?h=5&w=7", "").status())
        .isEqualTo(409);
    begin(id);
    assertThat(client.ask("POST", "/containers/" + id + "/resize?h=x&w=7", "").status())
        .isEqualTo(400);
    assertThat(client.ask("POST", "/containers/" + id + "/resize?h=5&w=7", "").status())
        .isEqualTo(200);
    assertThat(daemon.tasks.resized).containsExactly("5x7");
  }

  @Test
  void eventsFlushTheirHeadAndFollowWithCursors() throws Exception {
    try (Client events = daemon.client()) {
      events.send("GET", "/events?filters=" + encode("{\"event\":[\"start\",\"die\"]}"), "");
      assertThat(events.head().status()).isEqualTo(200);
      String id = create("fail x", false);
      begin(id);
      StringBuilder unread = new StringBuilder();
      JsonNode start = next(events, unread);
      assertThat(start.get("status").asText()).isEqualTo("start");
      assertThat(start.get("id").asText()).isEqualTo(id);
      assertThat(start.get("from").asText()).isEqualTo("busybox");
      assertThat(start.at("/Actor/Attributes/name").asText()).isEqualTo("made_up_1");
      assertThat(start.at("/Actor/Attributes/dev.taffrail.cursor").asText()).isEqualTo("1-5");
      assertThat(start.get("scope").asText()).isEqualTo("local");
      JsonNode die = next(events, unread);
      assertThat(die.at("/Actor/Attributes/exitCode").asText()).isEqualTo("7");
      assertThat(die.at("/Actor/Attributes/execDuration").asText()).isEqualTo("0");
    }
  }

  /** The next line of a chunked answer; chunks may hold several. */
  private static JsonNode next(Client events, StringBuilder unread) throws IOException {
    while (unread.indexOf("\n") < 0) {
      unread.append(events.chunk());
    }
    int end = unread.indexOf("\n");
    JsonNode event = json(unread.substring(0, end));
    unread.delete(0, end + 1);
    return event;
  }

  private static JsonNode json(String line) throws IOException {
    return new com.fasterxml.jackson.databind.ObjectMapper().readTree(line);
  }

  @Test
  void eventsOfThePastEndAndKnowRemovedContainers() throws Exception {
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"wait\"],\"Labels\":{\"a\":\"b\"}}");
    begin(id);
    client.ask("POST", "/containers/" + id + "/stop", "");
    client.ask("DELETE", "/containers/" + id, "");
    Instant now = Instant.now().plusMillis(1);
    await(() -> Instant.now().isAfter(now));
    String until = now.getEpochSecond() + "." + String.format("%09d", now.getNano());
    Client.Answer all =
        client.get(
            "/events?since=1&until=" + until + "&filters=" + encode("{\"label\":{\"a=b\":true}}"));
    assertThat(all.body().lines().map(line -> line.replaceAll(".*\"Action\":\"([a-z]+)\".*", "$1")))
        .containsExactly("create", "start", "kill", "die", "stop", "destroy");
    assertThat(all.body()).contains("\"signal\":\"15\"");
    Client.Answer destroyed =
        client.get("/events?until=" + until + "&filters=" + encode("{\"event\":[\"destroy\"]}"));
    assertThat(json(destroyed.body()).at("/Actor/Attributes/name").asText()).isEqualTo("made_up_1");
    assertThat(client.get("/events?since=5&until=3").status()).isEqualTo(400);
    assertThat(client.get("/events?since=soon").status()).isEqualTo(400);
  }

  @Test
  void aReaderOfEventsThatIsTooSlowIsDisconnected() throws Exception {
    daemon.log.limitLag(5_000);
    String id = create("wait", false);
    try (Client events = daemon.client()) {
      events.send("GET", "/events", "");
      assertThat(events.head().status()).isEqualTo(200);
      await(daemon.log::isFollowed);
      for (int i = 0; i < 20_000; i++) {
        daemon.log.append(
            dev.taffrail.core.container.ContainerEvent.subject(id),
            new dev.taffrail.core.container.ContainerEvent.KillRequested(
                "HUP", dev.taffrail.core.container.ContainerEvent.Purpose.KILL, false));
      }
      byte[] received = events.readAll();
      assertThat(new String(received, UTF_8)).doesNotEndWith("0\r\n\r\n");
    }
  }

  @Test
  void imagesAreTaggedAndTellTheirHistory() throws Exception {
    assertThat(client.ask("POST", "/images/busybox/tag?repo=a/b&tag=2", "").status())
        .isEqualTo(201);
    assertThat(daemon.images.tagged).containsExactly("busybox docker.io/a/b:2");
    assertThat(client.ask("POST", "/images/nosuch/tag?repo=a", "").status()).isEqualTo(404);
    assertThat(client.ask("POST", "/images/busybox/tag?repo=A", "").status()).isEqualTo(400);
    assertThat(
            client.ask("POST", "/images/busybox/tag?repo=a@sha256:" + "0".repeat(64), "").message())
        .isEqualTo("refusing to create a tag with a digest reference");
    JsonNode history = client.get("/images/busybox/history").json();
    assertThat(history.findValuesAsText("Id"))
        .containsExactly(FakeImages.ID.toString(), "<missing>");
    assertThat(history.at("/0/Tags/0").asText()).isEqualTo("busybox:latest");
    assertThat(history.at("/0/CreatedBy").asText()).isEqualTo("CMD sh");
    assertThat(history.at("/1/Size").asLong()).isEqualTo(4242);
    assertThat(history.at("/1/Tags").isNull()).isTrue();
  }

  @Test
  void diskUsageIsToldAndPruned() throws Exception {
    String stopped = create("wait", false);
    String running = create("{\"Image\":\"busybox\",\"Cmd\":[\"wait\"]}");
    begin(running);
    JsonNode usage = client.get("/v1.44/system/df").json();
    assertThat(usage.get("LayersSize").asLong()).isEqualTo(4242);
    assertThat(usage.at("/Images/0/SharedSize").asLong()).isEqualTo(42);
    assertThat(usage.at("/Images/0/Containers").asLong()).isEqualTo(2);
    assertThat(usage.at("/Containers/1/SizeRw").asLong()).isEqualTo(17);
    assertThat(usage.get("Volumes")).isEmpty();
    assertThat(client.get("/v1.44/system/df?type=volume").json().get("Images").isNull()).isTrue();
    assertThat(client.get("/v1.44/system/df?type=x").message()).isEqualTo("unknown object type: x");

    String young = encode("{\"until\":[\"1h\"]}");
    JsonNode none = client.ask("POST", "/containers/prune?filters=" + young, "").json();
    assertThat(none.get("ContainersDeleted").isNull()).isTrue();
    JsonNode pruned = client.ask("POST", "/containers/prune", "").json();
    assertThat(pruned.get("ContainersDeleted")).hasSize(1);
    assertThat(pruned.at("/ContainersDeleted/0").asText()).isEqualTo(stopped);
    assertThat(pruned.get("SpaceReclaimed").asLong()).isEqualTo(17);
    assertThat(
            client
                .ask("POST", "/images/prune?filters=" + encode("{\"dangling\":[\"0\"]}"), "")
                .json()
                .get("ImagesDeleted")
                .isNull())
        .as("a container uses it")
        .isTrue();
    assertThat(
            client
                .ask("POST", "/images/prune?filters=" + encode("{\"until\":[\"x\"]}"), "")
                .message())
        .isEqualTo("failed to parse value as time or duration: \"x\"");
  }

  @Test
  void infoTellsWhatThisHostCanLimit() throws Exception {
    JsonNode info = client.get("/info").json();
    assertThat(info.get("MemoryLimit").asBoolean()).isTrue();
    assertThat(info.get("SwapLimit").asBoolean()).isFalse();
    assertThat(info.get("CgroupVersion").asText()).isEqualTo("1");
    assertThat(info.get("Warnings").toString()).contains("WARNING: No swap limit support");
    assertThat(info.get("NEventsListener").asInt()).isZero();
    try (Client follower = daemon.client()) {
      follower.send("GET", "/events", "");
      follower.head();
      assertThat(client.get("/info").json().get("NEventsListener").asInt()).isOne();
    }
  }

  @Test
  void imagesAreShownAsOlderClientsExpectThem() throws Exception {
    JsonNode old = client.get("/v1.40/images/localhost:5000/a/b:1/json").json();
    assertThat(old.get("VirtualSize").asLong()).isEqualTo(4242);
    assertThat(old.at("/Config/Tty").isBoolean()).isTrue();
    JsonNode current = client.get("/v1.50/images/busybox/json").json();
    assertThat(current.has("VirtualSize")).isFalse();
    assertThat(current.get("Config").has("Tty")).isFalse();
    assertThat(current.at("/RepoTags/1").asText()).isEqualTo("localhost:5000/a/b:1");
    assertThat(client.get("/images/json?filters=" + encode("{\"dangling\":[\"true\"]}")).json())
        .isEmpty();
    assertThat(client.get("/images/json?filters=" + encode("{\"dangling\":[\"x\"]}")).status())
        .isEqualTo(400);
    assertThat(client.ask("POST", "/images/create?fromImage=x&tag=1", "").status()).isEqualTo(404);
  }
}
