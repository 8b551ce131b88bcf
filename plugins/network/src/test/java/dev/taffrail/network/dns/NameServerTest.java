package dev.taffrail.network.dns;

import static io.netty.handler.codec.dns.DnsRecordType.A;
import static io.netty.handler.codec.dns.DnsRecordType.AAAA;
import static io.netty.handler.codec.dns.DnsRecordType.MX;
import static io.netty.handler.codec.dns.DnsRecordType.PTR;
import static io.netty.handler.codec.dns.DnsRecordType.TXT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.network.dns.DnsClient.Answer;
import dev.taffrail.network.dns.DnsClient.ResourceRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(120)
class NameServerTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int FORMERR = 1;
  private static final int SERVFAIL = 2;
  private static final int NXDOMAIN = 3;
  private static final int NOTIMP = 4;
  private static final int REFUSED = 5;
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Duration SHORT = Duration.ofMillis(50);

  /** Type 65, RFC 9460: nothing that this server knows. */
  private static final DnsRecordType HTTPS = DnsRecordType.valueOf(65);

  private final Map<String, List<InetAddress>> names = new HashMap<>();
  private final Map<InetAddress, String> reverse = new HashMap<>();
  private final List<String> asked = new ArrayList<>();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final ResourceLeakDetector.Level leakLevel = ResourceLeakDetector.getLevel();
  private NameServer server;
  private NameService service;
  private DnsClient client;
  private ServerSockets sockets;

  private final Names known =
      new Names() {
        @Override
        public Optional<List<InetAddress>> addresses(String name) {
          synchronized (asked) {
            asked.add(name);
          }
          return Optional.ofNullable(names.get(name));
        }

        @Override
        public Optional<String> name(InetAddress address) {
          return Optional.ofNullable(reverse.get(address));
        }
      };

  @BeforeEach
  void watchTheLog() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    warnings.start();
    root.addAppender(warnings);
    names.put("web", addresses("172.18.0.2", "fd00::2"));
    names.put("v4", addresses("172.18.0.3"));
    names.put("nowhere", List.of());
    reverse.put(IpText.parse("172.18.0.2"), "web.backend");
    reverse.put(IpText.parse("fd00::2"), "web.backend");
  }

  @AfterEach
  void closeAll() throws Exception {
    try {
      while (!opened.isEmpty()) {
        opened.pop().close();
      }
    } finally {
      root.detachAppender(warnings);
      ResourceLeakDetector.setLevel(leakLevel);
    }
    assertThat(warnings()).as("what the log says at WARN and above, leaks included").isEmpty();
  }

  private List<String> warnings() {
    return List.copyOf(warnings.list).stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private static List<InetAddress> addresses(String... texts) {
    List<InetAddress> addresses = new ArrayList<>();
    for (String text : texts) {
      addresses.add(IpText.parse(text));
    }
    return addresses;
  }

  private <T extends AutoCloseable> T open(T resource) {
    opened.push(resource);
    return resource;
  }

  private FakeUpstream upstream(Function<byte[], List<byte[]>> script) throws IOException {
    return open(FakeUpstream.open(script));
  }

  private static Forwarding through(FakeUpstream... upstreams) {
    return new Forwarding(
        List.of(upstreams).stream().map(one -> new Upstream(one.address(), true)).toList(),
        true,
        false);
  }

  private static NameServer.Limits limits(Duration upstream) {
    return new NameServer.Limits(upstream, LONG, 100, 50, 50);
  }

  private void serve(Forwarding forwarding) throws IOException {
    serve(forwarding, limits(LONG), ClientSockets.HOST);
  }

  private void serve(Forwarding forwarding, NameServer.Limits limits, ClientSockets within)
      throws IOException {
    server = open(new NameServer(limits));
    sockets = ServerSockets.bind(LOOPBACK);
    InetSocketAddress udp = sockets.udpAddress();
    InetSocketAddress tcp = sockets.tcpAddress();
    service = open(server.serve(sockets, known, forwarding, within));
    client = open(new DnsClient(udp, tcp));
  }

  @Test
  void aNameOfOurNetworksIsAnsweredForEachFamily() throws IOException {
    serve(through());
    Answer v4 = client.ask("web.", A);
    assertThat(v4.code()).isZero();
    assertThat(v4.id()).isEqualTo(77);
    assertThat(v4.recursionAvailable()).isTrue();
    assertThat(v4.authoritative()).isFalse();
    assertThat(v4.questions()).containsExactly("web.");
    assertThat(v4.addresses()).containsExactly("172.18.0.2");
    assertThat(v4.answers().get(0).name()).isEqualTo("web.");
    assertThat(v4.answers().get(0).type()).isEqualTo(A);
    assertThat(v4.answers().get(0).dnsClass()).isEqualTo(1);
    assertThat(v4.answers().get(0).ttl()).isEqualTo(600);
    assertThat(client.ask("web.", AAAA).addresses()).containsExactly("fd00:0:0:0:0:0:0:2");
  }

  @Test
  void namesAreAskedForInLowerCaseAndAnsweredAsTheyWereAsked() throws IOException {
    serve(through());
    Answer answer = client.ask("WeB.", A);
    assertThat(answer.addresses()).containsExactly("172.18.0.2");
    assertThat(answer.questions()).containsExactly("WeB.");
    assertThat(answer.answers().get(0).name()).isEqualTo("WeB.");
    assertThat(asked).containsExactly("web");
  }

  @Test
  void aNameOfOursWithoutAnAddressOfTheFamilyIsAskedOfNobodyElse() throws IOException {
    FakeUpstream upstream = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(through(upstream));
    for (String name : List.of("v4.", "nowhere.")) {
      Answer answer = client.ask(name, AAAA);
      assertThat(answer.code()).isZero();
      assertThat(answer.answers()).isEmpty();
    }
    assertThat(upstream.queriesWaiting()).isZero();
  }

  @Test
  void mailOfANameOfOursGoesToItsAddress() throws IOException {
    FakeUpstream upstream = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(through(upstream));
    Answer answer = client.ask("web.", MX);
    assertThat(answer.code()).isZero();
    assertThat(answer.answers()).isEmpty();
    assertThat(upstream.queriesWaiting()).isZero();
  }

  @Test
  void anAddressIsAnsweredWithItsName() throws IOException {
    serve(through());
    String v6 = "2.0.0.0." + "0.0.0.0.".repeat(6) + "0.0.d.F.IP6.ARPA.";
    for (String name : List.of("2.0.18.172.in-addr.arpa.", v6)) {
      Answer answer = client.ask(name, PTR);
      assertThat(answer.code()).isZero();
      assertThat(answer.answers()).hasSize(1);
      assertThat(answer.answers().get(0).data()).isEqualTo("web.backend.");
    }
  }

  @Test
  void aReverseNameThatIsNotOursIsForwarded() throws Exception {
    FakeUpstream upstream = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(through(upstream));
    for (String name :
        List.of(
            "9.9.9.9.in-addr.arpa.",
            "18.172.in-addr.arpa.",
            "300.0.18.172.in-addr.arpa.",
            "web.in-addr.arpa.",
            "0.ip6.arpa.",
            "web.")) {
      assertThat(client.ask(name, PTR).code()).as(name).isEqualTo(NXDOMAIN);
      upstream.takeQuery();
    }
  }

  @Test
  void whoeverSharesANameTakesTurns() throws IOException {
    names.put("all", addresses("10.0.0.1", "10.0.0.2", "10.0.0.3"));
    serve(through());
    Set<String> first = new HashSet<>();
    while (first.size() < 3) {
      List<String> addresses = client.ask("all.", A).addresses();
      assertThat(addresses).containsExactlyInAnyOrder("10.0.0.1", "10.0.0.2", "10.0.0.3");
      first.add(addresses.get(0));
    }
  }

  @Test
  void otherTypesOfOurNamesAreForwarded() throws Exception {
    FakeUpstream upstream = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(through(upstream));
    for (DnsRecordType type : List.of(TXT, DnsRecordType.SRV, HTTPS, DnsRecordType.ANY)) {
      assertThat(client.ask("web.", type).code()).isEqualTo(NXDOMAIN);
      upstream.takeQuery();
    }
  }

  @Test
  void theAnswerOfAnotherServerArrivesAsItLeft() throws Exception {
    // A record of no known type behind the question, bits of the header set that we do not know.
    byte[] record = {0, (byte) 0xff, 1, 0, 1, 0, 0, 0, 1, 0, 3, 9, 8, 7};
    FakeUpstream upstream =
        upstream(
            query -> {
              byte[] answer = FakeUpstream.answer(query, 0);
              byte[] whole = Arrays.copyOf(answer, answer.length + record.length);
              System.arraycopy(record, 0, whole, answer.length, record.length);
              whole[3] |= 0x70;
              whole[7] = 1;
              return List.of(whole);
            });
    serve(through(upstream));
    byte[] query = DnsClient.queryWithEdns(4711, "example.com.", TXT, 1232, 0x8000);
    byte[] answer = client.exchange(query);
    byte[] seen = upstream.takeQuery();
    assertThat(FakeUpstream.withId(seen, 4711)).isEqualTo(query);
    byte[] expected = FakeUpstream.answer(query, 0);
    expected[3] |= 0x70;
    expected[7] = 1;
    assertThat(answer).startsWith(expected).endsWith(record).hasSize(query.length + record.length);
  }

  @Test
  void idsAndPortsOfForwardedQueriesCannotBeGuessed() throws Exception {
    FakeUpstream upstream = upstream(FakeUpstream.saying(0));
    serve(through(upstream));
    Set<Integer> ids = new HashSet<>();
    Set<Object> ports = new HashSet<>();
    for (int i = 0; i < 32; i++) {
      client.ask("example.com.", A);
      ids.add(Query.id(upstream.takeQuery()));
      ports.add(upstream.takeClient());
    }
    assertThat(ids).hasSizeGreaterThan(24);
    assertThat(ports).hasSizeGreaterThan(16);
  }

  @Test
  void whatAnswersSomethingElseIsNotLookedAt() throws IOException {
    byte[] other = DnsClient.query(0, "other.example.com.", A);
    FakeUpstream upstream =
        upstream(
            query ->
                List.of(
                    new byte[0],
                    new byte[] {1, 2, 3},
                    FakeUpstream.withId(FakeUpstream.answer(query, 0), Query.id(query) + 1),
                    query,
                    FakeUpstream.withId(FakeUpstream.answer(other, 0), Query.id(query)),
                    withoutQuestion(FakeUpstream.answer(query, 0)),
                    FakeUpstream.answer(query, NXDOMAIN)));
    serve(through(upstream));
    assertThat(client.ask("example.com.", A).code()).isEqualTo(NXDOMAIN);
  }

  @Test
  void whatComesFromElsewhereIsNotLookedAt() throws Exception {
    FakeUpstream upstream = upstream(FakeUpstream.SILENT);
    serve(through(upstream), limits(LONG), ClientSockets.HOST);
    client.send(DnsClient.query(5, "example.com.", A));
    byte[] seen = upstream.takeQuery();
    try (DatagramSocket forger = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
      byte[] forged = FakeUpstream.answer(seen, 0);
      InetSocketAddress victim = (InetSocketAddress) upstream.takeClient();
      forger.send(new java.net.DatagramPacket(forged, forged.length, victim));
    }
    // Had it been taken, this would not be the first answer.
    assertThat(DnsClient.decode(client.exchange(DnsClient.query(6, "web.", A))).id()).isEqualTo(6);
    assertThat(server.underWay()).isEqualTo(1);
  }

  private static byte[] withoutQuestion(byte[] answer) {
    byte[] header = Arrays.copyOf(answer, Query.HEADER_SIZE);
    header[5] = 0;
    return header;
  }

  @Test
  void aServerThatCannotReadTheQuestionNeedNotRepeatIt() throws IOException {
    FakeUpstream upstream =
        upstream(query -> List.of(withoutQuestion(FakeUpstream.answer(query, FORMERR))));
    serve(through(upstream));
    assertThat(client.ask("example.com.", A).code()).isEqualTo(FORMERR);
  }

  @Test
  void aServerThatFailsIsFollowedByTheNext() throws IOException {
    FakeUpstream failing = upstream(FakeUpstream.saying(SERVFAIL));
    FakeUpstream refusing = upstream(FakeUpstream.saying(REFUSED));
    FakeUpstream answering = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(through(failing, refusing, answering));
    assertThat(client.ask("example.com.", A).code()).isEqualTo(NXDOMAIN);
    assertThat(DnsClient.decode(client.exchangeByTcp(DnsClient.query(1, "example.com.", A))).code())
        .isEqualTo(NXDOMAIN);
  }

  @Test
  void aServerThatIsNotThereIsFollowedByTheNextAtOnce() throws IOException {
    FakeUpstream gone = FakeUpstream.open(FakeUpstream.SILENT);
    gone.close();
    FakeUpstream answering = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(through(gone, answering), limits(LONG), ClientSockets.HOST);
    assertThat(client.ask("example.com.", A).code()).isEqualTo(NXDOMAIN);
    assertThat(DnsClient.decode(client.exchangeByTcp(DnsClient.query(1, "example.com.", A))).code())
        .isEqualTo(NXDOMAIN);
  }

  @Test
  void aServerThatIsSilentIsFollowedByTheNextInTime() throws IOException {
    FakeUpstream silent = upstream(FakeUpstream.SILENT);
    FakeUpstream answering = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(through(silent, answering), limits(SHORT), ClientSockets.HOST);
    assertThat(client.ask("example.com.", A).code()).isEqualTo(NXDOMAIN);
    assertThat(DnsClient.decode(client.exchangeByTcp(DnsClient.query(1, "example.com.", A))).code())
        .isEqualTo(NXDOMAIN);
  }

  @Test
  void whenNobodyAnswersTheClientIsToldSo() throws IOException {
    FakeUpstream failing = upstream(FakeUpstream.saying(SERVFAIL));
    FakeUpstream silent = upstream(FakeUpstream.SILENT);
    serve(through(failing, silent), limits(SHORT), ClientSockets.HOST);
    Answer answer = client.ask("example.com.", A);
    assertThat(answer.code()).isEqualTo(SERVFAIL);
    assertThat(answer.recursionAvailable()).isFalse();
    assertThat(answer.questions()).containsExactly("example.com.");
    service.forward(through());
    assertThat(client.ask("example.com.", A).code()).isEqualTo(SERVFAIL);
  }

  @Test
  void onlyThreeServersAreAskedAndNeverOurselves() throws IOException {
    FakeUpstream failing = upstream(FakeUpstream.saying(SERVFAIL));
    FakeUpstream answering = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(through(failing, failing, failing, answering));
    assertThat(client.ask("example.com.", A).code()).isEqualTo(SERVFAIL);
    // Its own address, named by --dns: left out before three are counted.
    Upstream own = new Upstream(sockets.udpAddress(), false);
    Upstream last = new Upstream(answering.address(), true);
    service.forward(new Forwarding(List.of(own, own, own, last), true, false));
    assertThat(client.ask("example.com.", A).code()).isEqualTo(NXDOMAIN);
  }

  @Test
  void serversOfTheContainerAreAskedFromItsNamespace() throws IOException {
    AtomicInteger datagrams = new AtomicInteger();
    AtomicInteger streams = new AtomicInteger();
    Set<Thread> threads = new HashSet<>();
    ClientSockets within =
        new ClientSockets() {
          @Override
          public DatagramChannel datagram(ProtocolFamily family) throws IOException {
            datagrams.incrementAndGet();
            threads.add(Thread.currentThread());
            return HOST.datagram(family);
          }

          @Override
          public SocketChannel stream(ProtocolFamily family) throws IOException {
            streams.incrementAndGet();
            return HOST.stream(family);
          }
        };
    FakeUpstream inside = FakeUpstream.open(FakeUpstream.saying(NXDOMAIN));
    open(inside);
    InetSocketAddress address = inside.address();
    // The server's own address is left out of those in its namespace, so it listens elsewhere.
    server = open(new NameServer(limits(LONG)));
    sockets = ServerSockets.bind(IpText.parse("127.0.0.2"));
    client = open(new DnsClient(sockets.udpAddress(), sockets.tcpAddress()));
    Forwarding forwarding = new Forwarding(List.of(new Upstream(address, false)), false, false);
    service = open(server.serve(sockets, known, forwarding, within));
    assertThat(client.ask("example.com.", A).code()).isEqualTo(NXDOMAIN);
    assertThat(datagrams).hasValue(1);
    assertThat(threads.iterator().next().getName()).startsWith("taffrail-dns-open");
    client.exchangeByTcp(DnsClient.query(1, "example.com.", A));
    assertThat(streams).hasValue(1);
  }

  @Test
  void aNamespaceThatIsGoneIsAFailureOfThatServer() throws IOException {
    ClientSockets gone =
        new ClientSockets() {
          @Override
          public DatagramChannel datagram(ProtocolFamily family) throws IOException {
            throw new IOException("no such namespace");
          }

          @Override
          public SocketChannel stream(ProtocolFamily family) {
            throw new IllegalStateException("no such namespace");
          }
        };
    FakeUpstream outside = upstream(FakeUpstream.saying(NXDOMAIN));
    InetSocketAddress elsewhere = new InetSocketAddress(IpText.parse("127.0.0.9"), 53);
    serve(
        new Forwarding(
            List.of(new Upstream(elsewhere, false), new Upstream(outside.address(), true)),
            true,
            false),
        limits(LONG),
        gone);
    assertThat(client.ask("example.com.", A).code()).isEqualTo(NXDOMAIN);
    assertThat(DnsClient.decode(client.exchangeByTcp(DnsClient.query(1, "example.com.", A))).code())
        .isEqualTo(NXDOMAIN);
  }

  @Test
  void onInternalNetworksNobodyOutsideIsAsked() throws IOException {
    FakeUpstream upstream = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(new Forwarding(through(upstream).upstream(), false, false));
    assertThat(client.ask("example.com.", A).code()).isEqualTo(SERVFAIL);
    assertThat(client.ask("web.", A).addresses()).containsExactly("172.18.0.2");
    assertThat(upstream.queriesWaiting()).isZero();
    service.forward(through(upstream));
    assertThat(client.ask("example.com.", A).code()).isEqualTo(NXDOMAIN);
  }

  @Test
  void withNdotsANameWithoutADotIsLeftToTheSearchDomains() throws IOException {
    FakeUpstream upstream = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(new Forwarding(through(upstream).upstream(), true, true));
    Answer answer = client.ask("printer.", A);
    assertThat(answer.code()).isZero();
    assertThat(answer.answers()).isEmpty();
    assertThat(upstream.queriesWaiting()).isZero();
    assertThat(client.ask("printer.example.com.", A).code()).isEqualTo(NXDOMAIN);
    assertThat(client.ask("printer.", TXT).code()).isEqualTo(NXDOMAIN);
  }

  @Test
  void whatDoesNotFitIsCutAndComesByTcp() throws IOException {
    List<InetAddress> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(IpText.parse("10.1.0." + i));
    }
    names.put("many", many);
    serve(through());
    byte[] cut = client.exchange(DnsClient.query(1, "many.", A));
    assertThat(cut.length).isLessThanOrEqualTo(512);
    assertThat(DnsClient.decode(cut).truncated()).isTrue();
    assertThat(DnsClient.decode(cut).answers()).hasSize((512 - 12 - 10) / 16);
    byte[] small = client.exchange(DnsClient.queryWithEdns(1, "many.", A, 1232, 0));
    assertThat(small.length).isBetween(1200, 1232);
    assertThat(DnsClient.decode(small).truncated()).isTrue();
    Answer large =
        DnsClient.decode(client.exchange(DnsClient.queryWithEdns(1, "many.", A, 4096, 0)));
    assertThat(large.truncated()).isFalse();
    assertThat(large.answers()).hasSize(200);
    Answer byTcp = DnsClient.decode(client.exchangeByTcp(DnsClient.query(1, "many.", A)));
    assertThat(byTcp.truncated()).isFalse();
    assertThat(byTcp.answers()).hasSize(200);
  }

  @Test
  void aCutAnswerOfAnotherServerStaysCut() throws IOException {
    FakeUpstream upstream =
        upstream(
            query -> {
              byte[] answer = FakeUpstream.answer(query, 0);
              answer[2] |= 0x02;
              return List.of(answer);
            });
    serve(through(upstream));
    assertThat(client.ask("example.com.", A).truncated()).isTrue();
  }

  @Test
  void whoSpeaksEdnsIsAnsweredInIt() throws IOException {
    serve(through());
    Answer answer =
        DnsClient.decode(client.exchange(DnsClient.queryWithEdns(1, "web.", A, 100, 0x8000)));
    assertThat(answer.addresses()).containsExactly("172.18.0.2");
    ResourceRecord opt = answer.additional().get(0);
    assertThat(opt.type()).isEqualTo(DnsRecordType.OPT);
    assertThat(opt.dnsClass()).isEqualTo(4096);
    assertThat(opt.ttl()).isEqualTo(0x8000);
    assertThat(client.ask("web.", A).additional()).isEmpty();
    Answer future =
        DnsClient.decode(client.exchange(DnsClient.queryWithEdns(1, "web.", A, 1232, 1 << 16)));
    assertThat(future.answers()).isEmpty();
    assertThat(future.additional().get(0).ttl() >> 24).as("upper bits of BADVERS").isEqualTo(1);
  }

  @Test
  void manyQueriesShareAConnection() throws Exception {
    FakeUpstream upstream = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(through(upstream));
    try (Socket connection = client.connect()) {
      DnsClient.send(connection, DnsClient.query(1, "example.com.", A));
      DnsClient.send(connection, DnsClient.query(2, "web.", A));
      DnsClient.send(connection, DnsClient.query(3, "web.", AAAA));
      Map<Integer, Integer> codes = new HashMap<>();
      for (int i = 0; i < 3; i++) {
        Answer answer = DnsClient.decode(DnsClient.receive(connection));
        codes.put(answer.id(), answer.code());
      }
      assertThat(codes).isEqualTo(Map.of(1, NXDOMAIN, 2, 0, 3, 0));
    }
  }

  @Test
  void aConnectionOnWhichNothingIsAskedIsClosed() throws IOException {
    serve(through(), new NameServer.Limits(LONG, SHORT, 10, 10, 10), ClientSockets.HOST);
    try (Socket connection = client.connect()) {
      connection.getOutputStream().write(0);
      assertThat(connection.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aContainerHasItsShareOfConnections() throws IOException {
    serve(through(), new NameServer.Limits(LONG, LONG, 10, 10, 2), ClientSockets.HOST);
    try (Socket first = client.connect();
        Socket second = client.connect()) {
      for (Socket connection : List.of(first, second)) {
        DnsClient.send(connection, DnsClient.query(1, "web.", A));
        assertThat(DnsClient.decode(DnsClient.receive(connection)).code()).isZero();
      }
      try (Socket third = client.connect()) {
        assertThat(third.getInputStream().read()).isEqualTo(-1);
      }
    }
    assertThat(warnings())
        .containsExactly(
            "More than 2 DNS connections of a container at once; further ones are refused");
    warnings.list.clear();
  }

  @Test
  void aContainerHasItsShareOfForwardedQueries() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    FakeUpstream upstream =
        upstream(
            query -> {
              await(answer);
              return List.of(FakeUpstream.answer(query, NXDOMAIN));
            });
    serve(through(upstream), new NameServer.Limits(LONG, LONG, 10, 2, 10), ClientSockets.HOST);
    client.send(DnsClient.query(1, "example.com.", A));
    client.send(DnsClient.query(2, "example.com.", A));
    Answer refused = DnsClient.decode(client.exchange(DnsClient.query(3, "example.com.", A)));
    assertThat(refused.id()).isEqualTo(3);
    assertThat(refused.code()).isEqualTo(REFUSED);
    assertThat(client.ask("web.", A).code()).isZero();
    answer.countDown();
    assertThat(DnsClient.decode(client.receive()).code()).isEqualTo(NXDOMAIN);
    assertThat(DnsClient.decode(client.receive()).code()).isEqualTo(NXDOMAIN);
    assertThat(client.ask("example.com.", A).code()).isEqualTo(NXDOMAIN);
    assertThat(warnings())
        .containsExactly(
            "More than 2 DNS queries of a container at once; further ones are refused");
    warnings.list.clear();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aLookUpThatFailsIsToldAndLogged() throws IOException {
    server = open(new NameServer(limits(LONG)));
    sockets = ServerSockets.bind(LOOPBACK);
    client = open(new DnsClient(sockets.udpAddress(), sockets.tcpAddress()));
    Names broken =
        new Names() {
          @Override
          public Optional<List<InetAddress>> addresses(String name) {
            throw new IllegalStateException("a bug");
          }

          @Override
          public Optional<String> name(InetAddress address) {
            return Optional.empty();
          }
        };
    open(server.serve(sockets, broken, through(), ClientSockets.HOST));
    assertThat(client.ask("web.", A).code()).isEqualTo(SERVFAIL);
    assertThat(warnings()).containsExactly("Cannot look up web (1)");
    warnings.list.clear();
  }

  @Test
  void whatIsNoQueryIsAnsweredWithLessThanItself() throws IOException {
    serve(through());
    byte[] query = DnsClient.query(9, "web.", A);
    byte[] notify = query.clone();
    notify[2] |= 0x20;
    assertThat(client.exchange(notify))
        .isEqualTo(new byte[] {0, 9, (byte) 0xa1, NOTIMP, 0, 0, 0, 0, 0, 0, 0, 0});
    byte[] cut = Arrays.copyOf(query, query.length - 1);
    assertThat(client.exchange(cut))
        .isEqualTo(new byte[] {0, 9, (byte) 0x81, FORMERR, 0, 0, 0, 0, 0, 0, 0, 0});
    // Neither an answer nor what has no header is answered: the next one is.
    client.send(FakeUpstream.answer(query, 0));
    client.send(new byte[11]);
    client.send(new byte[0]);
    assertThat(DnsClient.decode(client.exchange(DnsClient.query(10, "web.", A))).id())
        .isEqualTo(10);
  }

  @Test
  void noPacketDoesHarm() throws Exception {
    long seed = Long.getLong("taffrail.seed", System.nanoTime());
    String reproduce = "-Dtaffrail.seed=" + seed;
    Random random = new Random(seed);
    FakeUpstream upstream =
        upstream(
            query -> {
              byte[] answer = FakeUpstream.answer(query, NXDOMAIN);
              byte[] noise = mutated(answer, new Random(query.length));
              return List.of(noise, answer);
            });
    serve(through(upstream), new NameServer.Limits(SHORT, LONG, 1000, 500, 50), ClientSockets.HOST);
    byte[] plain = DnsClient.query(1, "web.", A);
    byte[] edns = DnsClient.queryWithEdns(2, "www.Example.com.", AAAA, 1232, 0x8000);
    for (int i = 0; i < 3000; i++) {
      byte[] packet;
      if (i % 3 == 0) {
        packet = new byte[random.nextInt(64)];
        random.nextBytes(packet);
      } else {
        packet = mutated(i % 3 == 1 ? plain : edns, random);
      }
      if (i % 10 == 0) {
        try (Socket connection = client.connect()) {
          DnsClient.send(connection, packet);
          connection.getOutputStream().write(packet);
        }
      } else {
        client.send(packet);
      }
      if (i % 50 == 0) {
        // A query that must be answered, behind whatever the others were answered with.
        client.send(DnsClient.query(0xbeef, "web.", A));
        byte[] answer = client.receive();
        while (Query.id(answer) != 0xbeef || !plausible(answer)) {
          assertThat(Query.flags(answer) & Query.RESPONSE).as(reproduce).isNotZero();
          answer = client.receive();
        }
      }
    }
    // What leaked would be found now: the detector looks at what the collector found with each
    // buffer it hands out.
    for (int i = 0; i < 5; i++) {
      System.gc();
      assertThat(client.exchange(DnsClient.query(3, "web.", A))).as(reproduce).isNotEmpty();
    }
    service.close();
    while (server.underWay() > 0) {
      Thread.onSpinWait();
    }
  }

  private static boolean plausible(byte[] answer) {
    return answer.length > Query.HEADER_SIZE
        && DnsClient.decode(answer).questions().contains("web.");
  }

  private static byte[] mutated(byte[] packet, Random random) {
    byte[] copy = Arrays.copyOf(packet, random.nextInt(packet.length + 8));
    for (int i = random.nextInt(4); i > 0 && copy.length > 0; i--) {
      copy[random.nextInt(copy.length)] = (byte) (random.nextBoolean() ? 0xc0 : random.nextInt());
    }
    return copy;
  }

  @Test
  void afterTheEndNothingIsLeft() throws Exception {
    FakeUpstream upstream = upstream(FakeUpstream.SILENT);
    serve(through(upstream));
    InetSocketAddress udp = sockets.udpAddress();
    client.send(DnsClient.query(1, "example.com.", A));
    upstream.takeQuery();
    try (Socket connection = client.connect()) {
      DnsClient.send(connection, DnsClient.query(1, "web.", A));
      DnsClient.receive(connection);
      assertThat(server.underWay()).isEqualTo(2);
      service.close();
      assertThat(connection.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(server.underWay()).isZero();
    assertThat(sockets.udp().isOpen()).isFalse();
    assertThat(sockets.tcp().isOpen()).isFalse();
    // The descriptor goes with the next look of the selector.
    while (true) {
      try (DatagramSocket again = new DatagramSocket(udp)) {
        assertThat(again.isBound()).isTrue();
        break;
      } catch (IOException stillBound) {
        Thread.onSpinWait();
      }
    }
    service.close();
  }

  @Test
  void aServerThatEndedServesNobody() throws IOException {
    serve(through());
    server.close();
    service.close();
    ServerSockets late = ServerSockets.bind(LOOPBACK);
    assertThatThrownBy(() -> server.serve(late, known, through(), ClientSockets.HOST))
        .hasMessage("Cannot serve names: the name server has ended");
    assertThat(late.udp().isOpen()).isFalse();
    assertThat(late.tcp().isOpen()).isFalse();
  }

  @Test
  void namesThatAreNoTextAreForwarded() throws Exception {
    FakeUpstream upstream = upstream(FakeUpstream.saying(NXDOMAIN));
    serve(through(upstream));
    // One label "we.b", and one in UTF-8 as mDNS has it.
    for (String label : List.of("we.b", "pr\u00fcfer", "\ud83d\ude00 tv")) {
      byte[] bytes = label.toLowerCase(Locale.ROOT).getBytes(UTF_8);
      ByteBuffer query = ByteBuffer.allocate(12 + 1 + bytes.length + 5);
      query.putShort((short) 8).putShort((short) 0x0100).putShort((short) 1).position(12);
      query.put((byte) bytes.length).put(bytes).put((byte) 0);
      query.putShort((short) A.intValue()).putShort((short) 1);
      byte[] answer = client.exchange(query.array());
      assertThat(answer[3] & 0xf).isEqualTo(NXDOMAIN);
      assertThat(FakeUpstream.withId(upstream.takeQuery(), 8)).isEqualTo(query.array());
    }
    assertThat(asked).isEmpty();
  }
}
