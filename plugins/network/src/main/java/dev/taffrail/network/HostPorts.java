package dev.taffrail.network;

import static dev.taffrail.core.network.NetworkEvent.HOST_PORTS;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.network.PortRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Gives host ports to containers: those asked for, or the lowest that is free. Pure. */
final class HostPorts {
  private static final InetAddress ANY_V4 = IpText.parse("0.0.0.0");
  private static final InetAddress ANY_V6 = IpText.parse("::");
  private static final int HIGHEST = 65535;

  private final StateView view;
  private final String container;
  private final Host host;
  private final String defaultAddress;
  private final List<PortBinding> given = new ArrayList<>();

  private HostPorts(StateView view, String container, Host host, String defaultAddress) {
    this.view = view;
    this.container = container;
    this.host = host;
    this.defaultAddress = defaultAddress;
  }

  /**
   * What is known of this host.
   *
   * @param ipv6 whether it has IPv6
   * @param first and {@code last}: where ports are given that nobody asked for by number
   * @param busy ports at which somebody else listens
   */
  record Host(boolean ipv6, int first, int last, Set<Busy> busy) {
    Host with(Busy port) {
      Set<Busy> more = new HashSet<>(busy);
      more.add(port);
      return new Host(ipv6, first, last, Set.copyOf(more));
    }
  }

  /** A port at which somebody else listens. */
  record Busy(String protocol, int port) {}

  /**
   * Bindings for all that {@code networking} asks to publish.
   *
   * @param exposed {@code 80/tcp}
   * @param defaultAddress where ports are published that name no address; empty for all
   */
  static List<PortBinding> allocate(
      StateView view,
      String container,
      Networking networking,
      List<String> exposed,
      Host host,
      String defaultAddress) {
    HostPorts ports = new HostPorts(view, container, host, defaultAddress);
    Set<String> asked = new HashSet<>();
    // Those with a number first, so that none of the others takes it.
    for (PortRequest request : networking.ports()) {
      asked.add(request.port());
      if (!request.hostPort().isEmpty() && !request.hostPort().equals("0")) {
        ports.add(request);
      }
    }
    for (PortRequest request : networking.ports()) {
      if (request.hostPort().isEmpty() || request.hostPort().equals("0")) {
        ports.add(request);
      }
    }
    if (networking.publishAll()) {
      for (String port : new TreeSet<>(exposed)) {
        if (!asked.contains(port)) {
          ports.add(new PortRequest(port, "", ""));
        }
      }
    }
    return List.copyOf(ports.given);
  }

  /** Whether the request names one port and no other will do. */
  static boolean isFixed(Networking networking, PortBinding binding) {
    return networking.ports().stream()
        .anyMatch(
            request ->
                request.port().equals(binding.port())
                    && request.hostPort().equals(Integer.toString(binding.hostPort())));
  }

  private void add(PortRequest request) {
    int slash = request.port().indexOf('/');
    String protocol = slash < 0 ? "tcp" : request.port().substring(slash + 1);
    String ports = slash < 0 ? request.port() : request.port().substring(0, slash);
    List<InetAddress> addresses = addresses(request.hostAddress());
    int containerPort = number(ports);
    Range range = range(request.hostPort());
    for (int port = range.first(); port <= range.last(); port++) {
      List<PortBinding> bindings = new ArrayList<>();
      for (InetAddress address : addresses) {
        bindings.add(new PortBinding(protocol, containerPort, address, port));
      }
      boolean busy = !range.single() && host.busy().contains(new Busy(protocol, port));
      if (!busy && bindings.stream().allMatch(this::isFree)) {
        given.addAll(bindings);
        return;
      }
    }
    throw taken(addresses.get(0), range);
  }

  private List<InetAddress> addresses(String hostAddress) {
    if (hostAddress.isEmpty() && !defaultAddress.isEmpty()) {
      return List.of(IpText.parse(defaultAddress));
    }
    if (hostAddress.isEmpty()) {
      return host.ipv6() ? List.of(ANY_V4, ANY_V6) : List.of(ANY_V4);
    }
    return List.of(IpText.parse(hostAddress));
  }

  private record Range(int first, int last, boolean single) {}

  private Range range(String hostPort) {
    if (hostPort.isEmpty() || hostPort.equals("0")) {
      return new Range(host.first(), host.last(), false);
    }
    int dash = hostPort.indexOf('-');
    if (dash < 0) {
      int port = number(hostPort);
      return new Range(port, port, true);
    }
    int first = number(hostPort.substring(0, dash));
    int last = number(hostPort.substring(dash + 1));
    if (last < first) {
      throw invalid("invalid port range: " + hostPort);
    }
    return new Range(first, last, false);
  }

  private static int number(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port > 0 && port <= HIGHEST) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw invalid("invalid port specification: \"" + text + "\"");
  }

  private boolean isFree(PortBinding binding) {
    String prefix = binding.protocol() + "/" + binding.hostPort() + "/";
    for (Row<Reservation> row : view.list(HOST_PORTS, Subject.DEFAULT_NAMESPACE, prefix)) {
      InetAddress other = IpText.parse(row.id().substring(prefix.length()));
      if (!row.value().owner().equals(container) && overlaps(other, binding.hostAddress())) {
        return false;
      }
    }
    return given.stream()
        .noneMatch(
            other ->
                other.protocol().equals(binding.protocol())
                    && other.hostPort() == binding.hostPort()
                    && overlaps(other.hostAddress(), binding.hostAddress()));
  }

  private static boolean overlaps(InetAddress one, InetAddress other) {
    return (one instanceof Inet6Address) == (other instanceof Inet6Address)
        && (one.equals(other) || one.isAnyLocalAddress() || other.isAnyLocalAddress());
  }

  private static RuntimeFailure taken(InetAddress address, Range range) {
    return new RuntimeFailure(
        Kind.INTERNAL,
        range.single()
            ? "Bind for "
                + IpText.withPort(address, range.first())
                + " failed: port is already allocated"
            : "all ports are allocated");
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
