package dev.taffrail.network;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.PortBinding;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the kernel says of this host's ports. */
final class HostFacts {
  private static final Path IPV6 = Path.of("/proc/net/if_inet6");
  private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
  private static final HostPorts.Host UNASKED = new HostPorts.Host(false, 32768, 60999, Set.of());

  /** Nothing is looked up for a container that publishes nothing. */
  Future<HostPorts.Host> ports(Journal journal, AttachRequest request) {
    boolean publishes =
        !request.networking().ports().isEmpty() || request.networking().publishAll();
    return publishes ? journal.blocking(HostFacts::read) : Future.succeededFuture(UNASKED);
  }

  private static HostPorts.Host read() {
    try {
      // Files of proc(5) have no size; so they are read to their end.
      boolean ipv6 = Files.exists(IPV6) && !read(IPV6).isBlank();
      String[] range = read(RANGE).strip().split("\\s+", -1);
      return new HostPorts.Host(
          ipv6, Integer.parseInt(range[0]), Integer.parseInt(range[1]), Set.of());
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot tell the ports of this host: " + e, e);
    }
  }

  private static String read(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  /** At which port that the client did not name somebody else listens, as {@code cause} says. */
  Optional<HostPorts.Busy> busy(
      AttachRequest request, List<PortBinding> bindings, Throwable cause) {
    if (RuntimeFailure.kindOf(cause) != Kind.ALREADY_EXISTS) {
      return Optional.empty();
    }
    return bindings.stream()
        .filter(binding -> !HostPorts.isFixed(request.networking(), binding))
        .filter(
            binding ->
                cause
                    .getMessage()
                    .contains(
                        " " + IpText.withPort(binding.hostAddress(), binding.hostPort()) + ":"))
        .map(binding -> new HostPorts.Busy(binding.protocol(), binding.hostPort()))
        .findFirst();
  }
}
