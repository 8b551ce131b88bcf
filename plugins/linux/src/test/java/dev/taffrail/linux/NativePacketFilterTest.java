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
import dev.taffrail.core.linux.NetworkStack.Route;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import jnr.ffi.LibraryLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@RootOnly
@Timeout(60)
class NativePacketFilterTest {
  private static final Limits LIMITS = LibraryLoader.create(Limits.class).load("c");

  /** From asm-generic/resource.h. */
  private static final int RLIMIT_NOFILE = 7;

  private static final String TABLE =
      """
      table inet taffrail {
        map ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
        set inside { type ipv4_addr; flags interval; }
        chain in {
          type nat hook prerouting priority dstnat; policy accept;
          fib daddr type local dnat ip to meta l4proto . th dport map @ports
        }
        chain out {
          type nat hook postrouting priority srcnat; policy accept;
          ip saddr @inside oifname != "br0" masquerade
        }
      }
      """;

  @TempDir private Path directory;
  private Namespaces namespaces;
  private NativePacketFilter filter;
  private Path host;

  /** What only this test calls. */
  public interface Limits {
    int getrlimit(int resource, long limits);

    int setrlimit(int resource, long limits);
  }

  @BeforeEach
  void makeHost() {
    namespaces = new Namespaces(directory);
    filter = new NativePacketFilter(namespaces.port);
    host = namespaces.make("host");
  }

  @AfterEach
  void removeAll() {
    filter.close();
    namespaces.close();
  }

  @Test
  void whatWasAppliedIsListed() {
    filter.apply(host, TABLE);
    filter.apply(
        host,
        """
        add element inet taffrail ports { tcp . 8080 : 10.9.0.2 . 80 }
        add element inet taffrail inside { 10.9.0.0/24 }
        """);
    assertThat(filter.list(host, "list map inet taffrail ports"))
        .startsWith("{\"nftables\": [")
        .contains("[{\"concat\": [\"tcp\", 8080]}, {\"concat\": [\"10.9.0.2\", 80]}]");
    filter.apply(host, "delete element inet taffrail ports { tcp . 8080 }");
    assertThat(filter.list(host, "list map inet taffrail ports")).doesNotContain("8080");
    assertThat(filter.list(namespaces.make("other"), "list ruleset")).doesNotContain("taffrail");
  }

  @Test
  void allCommandsAreCarriedOutOrNone() {
    filter.apply(host, TABLE);
    assertThat(
            kindOf(
                () ->
                    filter.apply(
                        host,
                        """
                        add element inet taffrail ports { tcp . 8080 : 10.9.0.2 . 80 }
                        delete element inet taffrail ports { tcp . 8081 }
                        """)))
        .isEqualTo(Kind.NOT_FOUND);
    assertThat(filter.list(host, "list map inet taffrail ports")).doesNotContain("8080");
  }

  @Test
  void refusalsHaveTheirKindAndTheWordsOfNft() {
    filter.apply(host, "table inet t { set s { type ipv4_addr; size 1; }; chain c { }; }");
    refused("create table inet t", Kind.ALREADY_EXISTS, "Could not process rule: File exists");
    refused("delete table inet u", Kind.NOT_FOUND, "No such file or directory");
    refused("add element inet t s { 1.1.1.1, 1.1.1.2 }", Kind.RESOURCE_EXHAUSTED, "Too many");
    refused("add rule inet t c iif absent accept", Kind.INVALID_ARGUMENT, "does not exist");
    refused("no such command", Kind.INVALID_ARGUMENT, "syntax error, unexpected");
    filter.apply(host, "add chain inet t d\nadd rule inet t d jump c");
    refused("delete chain inet t c", Kind.FAILED_PRECONDITION, "Device or resource busy");
    assertThatThrownBy(() -> filter.apply(host, "create table inet t"))
        .hasMessage(
            "Cannot change the packet filter: Error: Could not process rule: File exists; create"
                + " table inet t");
    assertThat(kindOf(() -> filter.apply(directory.resolve("none"), "add table t")))
        .isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void aContextStaysInItsNamespaceAndSeesTheChangesOfOthers() {
    NftContext context = namespaces.port.within(host, NftContext::open);
    try {
      context.run("add table inet first", 0);
      assertThat(filter.list(host, "list tables")).contains("first");
      filter.apply(host, "delete table inet first\nadd table inet second");
      assertThat(context.run("list tables", 0)).isEqualTo("table inet second\n");
      assertThatThrownBy(() -> context.run("delete table inet first", 0))
          .hasMessageContaining("No such file or directory");
      assertThat(context.run("list tables", 0)).isEqualTo("table inet second\n");
    } finally {
      context.close();
    }
    assertThat(kindOf(() -> context.run("list tables", 0))).isEqualTo(Kind.ABORTED);
  }

  @Test
  void aMissingLibraryIsNamedWithItsPackage() {
    assertThatThrownBy(() -> Nftables.load("libnftables-of-nobody.so.1"))
        .hasMessageContaining("libnftables-of-nobody.so.1 is not installed")
        .hasMessageContaining("libnftables1")
        .extracting(RuntimeFailure::kindOf)
        .isEqualTo(Kind.UNIMPLEMENTED);
  }

  /** The library would end the process. */
  @Test
  void withoutADescriptorItFailsAndNothingElseHappens() {
    try (NftContext context = namespaces.port.within(host, NftContext::open);
        Arguments arguments = new Arguments()) {
      context.run("add table inet first", 0);
      // Loads the classes of failures, which takes descriptors.
      assertThat(kindOf(() -> context.run("create table inet first", 0)))
          .isEqualTo(Kind.ALREADY_EXISTS);
      // struct rlimit: what counts, and how far it may be raised.
      NativeBuffer limits = arguments.allocate(2 * Long.BYTES);
      Native.check(LIMITS.getrlimit(RLIMIT_NOFILE, limits.address), "read the limit");
      long before = limits.bytes.getLong(0);
      Kind atOpening;
      Kind atRunning;
      limits.bytes.putLong(0, 0);
      Native.check(LIMITS.setrlimit(RLIMIT_NOFILE, limits.address), "lower the limit");
      try {
        atOpening = kindOf(NftContext::open);
        atRunning = kindOf(() -> context.run("add rule inet first c iif lo accept", 0));
      } finally {
        limits.bytes.putLong(0, before);
        Native.check(LIMITS.setrlimit(RLIMIT_NOFILE, limits.address), "raise the limit");
      }
      assertThat(atOpening).isEqualTo(Kind.RESOURCE_EXHAUSTED);
      assertThat(atRunning).isEqualTo(Kind.RESOURCE_EXHAUSTED);
      assertThat(context.run("list tables", 0)).isEqualTo("table inet first\n");
    }
  }

  /** The container, 10.9.0.2, on the host's br0; outside, 192.0.2.2, which knows no way to it. */
  @Test
  void addressesAreTranslatedOnTheWayOutAndPublishedPortsOnTheWayIn() throws IOException {
    Path container = namespaces.make("container");
    Path outside = namespaces.make("outside");
    NetworkStack stack = namespaces.open(host);
    stack.createBridge("br0", Optional.empty(), 1500);
    stack.addAddress("br0", IpPrefix.parse("10.9.0.1/24"));
    stack.setUp("br0");
    stack.createVeth(end("port"), end("eth0"), container, 1500);
    stack.setMaster("port", "br0");
    stack.setUp("port");
    stack.createVeth(end("out"), end("eth0"), outside, 1500);
    stack.addAddress("out", IpPrefix.parse("192.0.2.1/24"));
    stack.setUp("out");
    NetworkStack inner = namespaces.open(container);
    inner.addAddress("eth0", IpPrefix.parse("10.9.0.2/24"));
    inner.setUp("eth0");
    inner.addRoute(
        new Route(IpPrefix.parse("0.0.0.0/0"), Optional.of(IpText.parse("10.9.0.1")), "eth0"));
    NetworkStack outer = namespaces.open(outside);
    outer.addAddress("eth0", IpPrefix.parse("192.0.2.2/24"));
    outer.setUp("eth0");
    namespaces.port.within(
        host, () -> Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1"));
    filter.apply(host, TABLE);
    filter.apply(
        host,
        """
        add element inet taffrail inside { 10.9.0.0/24 }
        add element inet taffrail ports { udp . 8080 : 10.9.0.2 . 80 }
        """);

    try (DatagramChannel client = channel(container);
        DatagramChannel server = channel(outside)) {
      server.bind(new InetSocketAddress("192.0.2.2", 53));
      send(client, "out", new InetSocketAddress("192.0.2.2", 53));
      InetSocketAddress seen = receive(server, "out");
      assertThat(seen.getAddress()).isEqualTo(IpText.parse("192.0.2.1"));
      send(server, "back", seen);
      assertThat(receive(client, "back")).isEqualTo(new InetSocketAddress("192.0.2.2", 53));
    }
    try (DatagramChannel client = channel(outside);
        DatagramChannel server = channel(container)) {
      server.bind(new InetSocketAddress("10.9.0.2", 80));
      send(client, "in", new InetSocketAddress("192.0.2.1", 8080));
      InetSocketAddress seen = receive(server, "in");
      assertThat(seen.getAddress()).isEqualTo(IpText.parse("192.0.2.2"));
      send(server, "back", seen);
      assertThat(receive(client, "back")).isEqualTo(new InetSocketAddress("192.0.2.1", 8080));
    }
  }

  private void refused(String commands, Kind kind, String words) {
    assertThatThrownBy(() -> filter.apply(host, commands))
        .hasMessageContaining(words)
        .extracting(RuntimeFailure::kindOf)
        .isEqualTo(kind);
  }

  private DatagramChannel channel(Path namespace) {
    return namespaces.port.within(namespace, () -> DatagramChannel.open());
  }

  private static void send(DatagramChannel channel, String text, SocketAddress to)
      throws IOException {
    channel.send(ByteBuffer.wrap(text.getBytes(UTF_8)), to);
  }

  private static InetSocketAddress receive(DatagramChannel channel, String text)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    SocketAddress from = channel.receive(buffer);
    assertThat(UTF_8.decode(buffer.flip()).toString()).isEqualTo(text);
    return (InetSocketAddress) from;
  }

  private static End end(String name) {
    return new End(name, Optional.empty());
  }
}
