package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.PortRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads {@code HostConfig.PortBindings}; see moby's daemon.validatePortBindings. */
final class PortsBody {
  private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");
  private static final int MAXIMUM_PORT = 65_535;

  private PortsBody() {}

  /** INVALID_ARGUMENT for a port, a protocol or an address that is none. */
  static List<PortRequest> read(Body host) {
    Body bindings = host.object("PortBindings");
    List<PortRequest> requests = new ArrayList<>();
    for (Map.Entry<String, JsonNode> member : bindings.node().properties()) {
      String port = port(member.getKey());
      for (Body binding : bindings.objects(member.getKey())) {
        requests.add(
            new PortRequest(
                port,
                hostAddress(binding.text("HostIp").orElse("")),
                hostPort(binding.text("HostPort").orElse(""))));
      }
    }
    return requests;
  }

  /** {@code 80/tcp} of {@code 80}, {@code 80/} and {@code 80/TCP}. */
  static String port(String text) {
    int slash = text.indexOf('/');
    String number = slash < 0 ? text : text.substring(0, slash);
    String protocol =
        slash < 0 || slash == text.length() - 1
            ? "tcp"
            : text.substring(slash + 1).toLowerCase(Locale.ROOT);
    OptionalInt port = number(number);
    if (port.isEmpty() || port.getAsInt() == 0) {
      throw invalidPort(number);
    }
    if (!PROTOCOLS.contains(protocol)) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid proto: " + protocol);
    }
    return port.getAsInt() + "/" + protocol;
  }

  /** Empty, a port or a range; a protocol behind it says nothing. */
  private static String hostPort(String text) {
    int slash = text.indexOf('/');
    String ports = slash < 0 ? text : text.substring(0, slash);
    if (ports.isEmpty()) {
      return "";
    }
    int dash = ports.indexOf('-');
    OptionalInt first = number(dash < 0 ? ports : ports.substring(0, dash));
    OptionalInt last = dash < 0 ? first : number(ports.substring(dash + 1));
    if (first.isEmpty() || last.isEmpty() || last.getAsInt() < first.getAsInt()) {
      throw invalidPort(text);
    }
    return ports;
  }

  private static String hostAddress(String text) {
    if (!text.isEmpty() && GoText.parseAddress(text).isEmpty()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid IP address: " + text);
    }
    return text;
  }

  private static OptionalInt number(String digits) {
    return Optional.of(digits)
        .filter(text -> text.matches("[0-9]{1,5}"))
        .map(Integer::parseInt)
        .filter(port -> port <= MAXIMUM_PORT)
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }

  private static RuntimeFailure invalidPort(String text) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT, "invalid port specification: " + GoText.quote(text));
  }
}
