package dev.taffrail.network;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.linux.NetworkNamespaces;
import dev.taffrail.core.linux.PacketFilter;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.Lease;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.Sandbox;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.network.NetworkDecider.Link;
import dev.taffrail.network.dns.ClientSockets;
import dev.taffrail.network.dns.Forwarding;
import dev.taffrail.network.dns.HostsFile;
import dev.taffrail.network.dns.NameServer;
import dev.taffrail.network.dns.NameService;
import dev.taffrail.network.dns.ResolvConf;
import dev.taffrail.network.dns.ServerSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a container has of its networks while it runs: a directory on tmpfs with its network
 * namespace, {@code hosts} and {@code resolv.conf}, and on user-defined networks a name server.
 * Blocks; calls about one container follow one another.
 */
final class Sandboxes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);
  private static final InetAddress EMBEDDED = IpText.parse("127.0.0.11");
  private static final String NAMESPACE = "netns";
  private static final String HOSTS = "hosts";
  private static final String RESOLVER = "resolv.conf";
  private static final Path HOST_HOSTS = Path.of("/etc/hosts");

  private final Path root;
  private final NetworkNamespaces namespaces;
  private final PacketFilter filter;
  private final NetworkSettings settings;
  private final NameDirectory directory = new NameDirectory();
  private final NameServer server = new NameServer();
  private final Map<String, Served> served = new ConcurrentHashMap<>();

  /** A container and whoever answers it; {@code links} change with its networks. */
  private record Served(NameService service, List<Link> links) {}

  Sandboxes(PluginContext host, NetworkSettings settings) {
    this.root = host.runDirectory();
    this.namespaces = host.port(NetworkNamespaces.class);
    this.filter = host.port(PacketFilter.class);
    this.settings = settings;
  }

  NameDirectory directory() {
    return directory;
  }

  private Path of(String container) {
    return root.resolve(container);
  }

  Path namespace(String container) {
    return of(container).resolve(NAMESPACE);
  }

  boolean hasNamespace(String container) {
    return namespaces.exists(namespace(container));
  }

  /** The containers that have one. */
  List<String> list() {
    try (Stream<Path> directories = Files.list(root)) {
      return directories.map(path -> path.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw failure("list " + root, e);
    }
  }

  /** A new namespace in the place of an earlier one, with nothing in it but its loopback. */
  Path makeNamespace(String container) {
    stopNames(container);
    try {
      Files.createDirectories(of(container));
    } catch (IOException e) {
      throw failure("make " + of(container), e);
    }
    namespaces.remove(namespace(container));
    namespaces.create(namespace(container));
    return namespace(container);
  }

  /** Writes the files and, on user-defined networks, begins to answer. */
  Sandbox open(AttachRequest request, List<Link> links, LegacyLinks linked) {
    String container = request.container();
    try {
      Files.createDirectories(of(container));
    } catch (IOException e) {
      throw failure("make " + of(container), e);
    }
    writeHosts(request, links, linked.hosts());
    ResolvConf resolver = resolver(request.networking(), links, request.hostNetwork());
    write(container, RESOLVER, resolver.text());
    if (needsNames(links)) {
      serve(container, links, resolver);
    }
    return new Sandbox(
        links.isEmpty() ? Optional.empty() : Optional.of(namespace(container)),
        Optional.of(of(container).resolve(HOSTS)),
        Optional.of(of(container).resolve(RESOLVER)),
        linked.variables());
  }

  static boolean needsNames(List<Link> links) {
    return links.stream().anyMatch(link -> !link.network().isPredefined());
  }

  private void writeHosts(AttachRequest request, List<Link> links, List<HostsFile.Entry> linked) {
    if (request.hostNetwork()) {
      StringBuilder text = new StringBuilder(read(HOST_HOSTS));
      extra(request).forEach(entry -> text.append(line(entry)));
      write(request.container(), HOSTS, text.toString());
      return;
    }
    List<HostsFile.Entry> entries = new ArrayList<>(extra(request));
    entries.addAll(linked);
    links.forEach(link -> entries.addAll(own(request, link)));
    write(request.container(), HOSTS, "");
    new HostsFile(of(request.container()).resolve(HOSTS)).write(entries, true);
  }

  private static String line(HostsFile.Entry entry) {
    return IpText.of(entry.address()) + "\t" + entry.names() + "\n";
  }

  private static List<HostsFile.Entry> own(AttachRequest request, Link link) {
    String names = HostsFile.names(request.hostname(), request.domainname().orElse(""));
    return Stream.of(link.endpoint().address(false), link.endpoint().address(true))
        .flatMap(Optional::stream)
        .map(address -> new HostsFile.Entry(address, names))
        .toList();
  }

  private List<HostsFile.Entry> extra(AttachRequest request) {
    List<HostsFile.Entry> entries = new ArrayList<>();
    for (String extra : request.networking().extraHosts()) {
      int colon = extra.indexOf(':');
      if (colon < 1) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT, "bad format for add-host: \"" + extra + "\"");
      }
      String address = extra.substring(colon + 1);
      InetAddress found =
          address.equals("host-gateway")
              ? settings
                  .hostGateway()
                  .or(() -> Optional.ofNullable(defaultGateway))
                  .orElseThrow(
                      () ->
                          new RuntimeFailure(
                              Kind.INVALID_ARGUMENT,
                              "unable to derive the IP value for host-gateway"))
              : IpText.parse(strip(address));
      entries.add(new HostsFile.Entry(found, extra.substring(0, colon)));
    }
    return entries;
  }

  private static String strip(String address) {
    return address.startsWith("[") && address.endsWith("]")
        ? address.substring(1, address.length() - 1)
        : address;
  }

  private volatile InetAddress defaultGateway;

  /** What {@code host-gateway} stands for. */
  void defaultGateway(InetAddress gateway) {
    defaultGateway = gateway;
  }

  private ResolvConf resolver(Networking networking, List<Link> links, boolean hostNetwork) {
    List<String> dns = first(networking.dns(), of(links, Lease::nameServers), settings.dns());
    List<String> search =
        first(networking.dnsSearch(), of(links, Lease::searchDomains), settings.dnsSearch());
    List<String> options =
        first(networking.dnsOptions(), of(links, Lease::resolverOptions), settings.dnsOptions());
    if (needsNames(links)) {
      return ResolvConf.read(ResolvConf.HOST)
          .withOverrides(dns, search, options)
          .forNameServer(EMBEDDED);
    }
    ResolvConf base =
        ResolvConf.read(hostNetwork ? ResolvConf.HOST : ResolvConf.hostFileForBridge())
            .withOverrides(dns, search, options);
    boolean ipv6 = links.stream().anyMatch(link -> link.endpoint().ipv6().isPresent());
    return hostNetwork ? base : base.forBridge(ipv6);
  }

  /** What the client says goes before what the networks say, and that before the settings. */
  private static List<String> first(
      List<String> asked, List<String> given, List<String> otherwise) {
    if (!asked.isEmpty()) {
      return asked;
    }
    return given.isEmpty() ? otherwise : given;
  }

  private static List<String> of(List<Link> links, Function<Lease, List<String>> what) {
    return links.stream()
        .flatMap(link -> link.lease().stream())
        .flatMap(lease -> what.apply(lease).stream())
        .distinct()
        .toList();
  }

  private void serve(String container, List<Link> links, ResolvConf resolver) {
    Path namespace = namespace(container);
    ServerSockets sockets = namespaces.within(namespace, () -> ServerSockets.bind(EMBEDDED));
    List<Link> known = new CopyOnWriteArrayList<>(links);
    try {
      filter.apply(namespace, redirect(sockets));
      NameService service =
          server.serve(
              sockets,
              directory.of(known),
              forwarding(resolver, links),
              ClientSockets.within(namespaces, namespace));
      served.put(container, new Served(service, known));
    } catch (IOException | RuntimeFailure e) {
      try {
        sockets.close();
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e instanceof RuntimeFailure failure
          ? failure
          : failure("serve names to container " + container, (IOException) e);
    }
  }

  private static Forwarding forwarding(ResolvConf resolver, List<Link> links) {
    boolean external = links.stream().anyMatch(link -> !link.network().internal());
    return new Forwarding(resolver.upstream(), external, resolver.ndotsSet());
  }

  // Port 53 itself stays free for a name server that the container may run.
  private static String redirect(ServerSockets sockets) throws IOException {
    return """
    add table ip taffrail
    delete table ip taffrail
    table ip taffrail {
      chain output {
        type nat hook output priority -100; policy accept;
        ip daddr 127.0.0.11 udp dport 53 dnat to 127.0.0.11:%d
        ip daddr 127.0.0.11 tcp dport 53 dnat to 127.0.0.11:%d
      }
    }
    """
        .formatted(sockets.udpAddress().getPort(), sockets.tcpAddress().getPort());
  }

  /** The daemon was restarted: answers a container again whose files are there. */
  void reopen(String container, Networking networking, List<Link> links) {
    if (needsNames(links) && hasNamespace(container)) {
      serve(container, links, resolver(networking, links, false));
    }
  }

  /** A container that runs has one more network. */
  void added(AttachRequest request, Link link, List<Link> all) {
    String container = request.container();
    new HostsFile(of(container).resolve(HOSTS)).add(own(request, link));
    Served known = served.get(container);
    ResolvConf resolver = resolver(request.networking(), all, false);
    if (known != null) {
      known.links().add(link);
      known.service().forward(forwarding(resolver, all));
    } else if (needsNames(all)) {
      write(container, RESOLVER, resolver.text());
      serve(container, all, resolver);
    }
  }

  /** A container that runs has one network less. */
  void removed(AttachRequest request, Link link, List<Link> rest) {
    String container = request.container();
    new HostsFile(of(container).resolve(HOSTS)).remove(own(request, link));
    Served known = served.get(container);
    if (known != null) {
      known.links().removeIf(other -> other.endpoint().id().equals(link.endpoint().id()));
      known.service().forward(forwarding(resolver(request.networking(), rest, false), rest));
    }
  }

  private void stopNames(String container) {
    Served known = served.remove(container);
    if (known != null) {
      known.service().close();
    }
  }

  /** Nothing of it is left; nothing there is fine. */
  void remove(String container) {
    stopNames(container);
    Path sandbox = of(container);
    if (!Files.exists(sandbox)) {
      return;
    }
    namespaces.remove(namespace(container));
    try {
      for (String name : List.of(NAMESPACE, HOSTS, RESOLVER)) {
        Files.deleteIfExists(sandbox.resolve(name));
      }
      Files.deleteIfExists(sandbox);
    } catch (IOException e) {
      throw failure("remove " + sandbox, e);
    }
  }

  /** The files of a container whose network others share. */
  Sandbox shared(String container, Path namespace) {
    Optional<Path> hosts = Optional.of(of(container).resolve(HOSTS)).filter(Files::exists);
    Optional<Path> resolver = Optional.of(of(container).resolve(RESOLVER)).filter(Files::exists);
    return new Sandbox(Optional.of(namespace), hosts, resolver, List.of());
  }

  private void write(String container, String name, String text) {
    try {
      // In place: a container may have it mounted.
      Files.writeString(of(container).resolve(name), text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw failure("write " + name + " of container " + container, e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException absent) {
      return "";
    } catch (IOException e) {
      LOG.warn("Cannot read {}: {}", file, e.toString());
      return "";
    }
  }

  private static RuntimeFailure failure(String what, IOException cause) {
    return new RuntimeFailure(Kind.INTERNAL, "Cannot " + what + ": " + cause, cause);
  }

  @Override
  public void close() {
    server.close();
  }
}
