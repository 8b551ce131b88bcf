package dev.taffrail.network;

import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.ip.IpText;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a container is told of one that it is linked to, in variables of its environment: where its
 * exposed ports are, ranges of them as such, its name, and its own variables. Names are Docker's.
 */
final class LinkVariables {
  /** Of every image, so not said. */
  private static final Set<String> UNTOLD = Set.of("HOME", "PATH");

  private final String alias;
  private final String address;
  private final List<String> variables = new ArrayList<>();

  private LinkVariables(String alias, InetAddress address) {
    this.alias = alias.toUpperCase(Locale.ROOT).replace('-', '_');
    this.address = IpText.of(address);
  }

  /** An exposed port. */
  private record Port(int number, String protocol) {
    /** TCP first, as Docker has it. */
    static final Comparator<Port> ORDER =
        Comparator.comparing((Port port) -> !port.protocol.equals("tcp"))
            .thenComparing(Port::protocol)
            .thenComparingInt(Port::number);

    static Port parse(String text) {
      String[] parts = text.split("/", 2);
      return new Port(Integer.parseInt(parts[0]), parts[1].toLowerCase(Locale.ROOT));
    }

    boolean follows(Port other) {
      return number == other.number + 1 && protocol.equals(other.protocol);
    }
  }

  /**
   * @param name of the container that is told
   * @param alias of the other, whose address is {@code address}
   */
  static List<String> of(
      String name, String alias, InetAddress address, ContainerSpecification linked) {
    LinkVariables told = new LinkVariables(alias, address);
    told.ports(linked.exposedPorts().stream().map(Port::parse).sorted(Port.ORDER).toList());
    told.put("NAME", "/" + name + "/" + alias);
    for (String variable : linked.environment()) {
      int equals = variable.indexOf('=');
      if (equals > 0 && !UNTOLD.contains(variable.substring(0, equals))) {
        told.put("ENV_" + variable.substring(0, equals), variable.substring(equals + 1));
      }
    }
    return List.copyOf(told.variables);
  }

  private void ports(List<Port> ports) {
    if (ports.isEmpty()) {
      return;
    }
    put("PORT", url(ports.get(0)));
    Port first = ports.get(0);
    for (int i = 0; i < ports.size(); i++) {
      Port port = ports.get(i);
      put(prefix(port), url(port));
      put(prefix(port) + "_ADDR", address);
      put(prefix(port) + "_PORT", Integer.toString(port.number()));
      put(prefix(port) + "_PROTO", port.protocol());
      boolean goesOn = i + 1 < ports.size() && ports.get(i + 1).follows(port);
      if (!goesOn) {
        range(first, port);
        first = i + 1 < ports.size() ? ports.get(i + 1) : port;
      }
    }
  }

  private void range(Port first, Port last) {
    if (!first.equals(last)) {
      put(prefix(first) + "_START", url(first));
      put(prefix(first) + "_PORT_START", Integer.toString(first.number()));
      put(prefix(first) + "_END", url(last));
      put(prefix(first) + "_PORT_END", Integer.toString(last.number()));
    }
  }

  private static String prefix(Port port) {
    return "PORT_" + port.number() + "_" + port.protocol().toUpperCase(Locale.ROOT);
  }

  private String url(Port port) {
    return port.protocol() + "://" + address + ":" + port.number();
  }

  private void put(String name, String value) {
    variables.add(alias + "_" + name + "=" + value);
  }
}
