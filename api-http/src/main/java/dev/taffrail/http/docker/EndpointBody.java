package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.NetworkNames;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads what a client asks for about one container on one network; what the network itself decides
 * about is left to that, such as whether it has an address.
 */
final class EndpointBody {
  private static final Pattern MAC =
      Pattern.compile("\\p{XDigit}{2}(?:([:-])\\p{XDigit}{2})(?:\\1\\p{XDigit}{2}){4}");
  private static final Pattern DOTTED_MAC =
      Pattern.compile("\\p{XDigit}{4}\\.\\p{XDigit}{4}\\.\\p{XDigit}{4}");

  private final Body body;
  private final Problems problems = new Problems();

  private EndpointBody(Body body) {
    this.body = body;
  }

  /** INVALID_ARGUMENT with all that is wrong; see moby's daemon.validateEndpointSettings. */
  static EndpointSettings read(String network, Body body) {
    return new EndpointBody(body).settings(network);
  }

  private EndpointSettings settings(String network) {
    Body addresses = body.object("IPAMConfig");
    List<String> aliases = body.list("Aliases").orElse(List.of());
    if (!isUserDefined(network)) {
      if (addresses.text("IPv4Address").isPresent() || addresses.text("IPv6Address").isPresent()) {
        problems.add("user specified IP address is supported on user defined networks only");
      }
      if (!aliases.isEmpty()) {
        problems.add(
            "network-scoped alias is supported only for containers in user defined networks");
      }
    }
    Optional<InetAddress> ipv4 = address(addresses, "IPv4Address", "IPv4", Inet4Address.class);
    Optional<InetAddress> ipv6 = address(addresses, "IPv6Address", "IPv6", Inet6Address.class);
    List<InetAddress> linkLocal = new ArrayList<>();
    for (String text : addresses.list("LinkLocalIPs").orElse(List.of())) {
      Optional<InetAddress> address =
          GoText.parseAddress(text).filter(found -> !found.isAnyLocalAddress());
      address.ifPresent(linkLocal::add);
      if (address.isEmpty()) {
        problems.add("invalid link-local IP address: " + text);
      }
    }
    Optional<String> mac = body.text("MacAddress").map(EndpointBody::mac);
    List<String> links = new ArrayList<>();
    for (String link : body.list("Links").orElse(List.of())) {
      links.add(LinkText.parse(link).toString());
    }
    problems.check("invalid endpoint settings:\n");
    return new EndpointSettings(
        aliases,
        links,
        ipv4,
        ipv6,
        linkLocal,
        mac,
        body.map("DriverOpts"),
        body.integer("GwPriority").orElse(0));
  }

  /** Whether it is a name that a client may give to a network. */
  static boolean isUserDefined(String network) {
    return !NetworkNames.isPredefined(network) && !NetworkNames.isContainer(network);
  }

  private Optional<InetAddress> address(
      Body addresses, String member, String family, Class<? extends InetAddress> type) {
    Optional<String> text = addresses.text(member);
    Optional<InetAddress> address =
        text.flatMap(GoText::parseAddress)
            .filter(found -> type.isInstance(found) && !found.isAnyLocalAddress());
    if (text.isPresent() && address.isEmpty()) {
      problems.add("invalid " + family + " address: " + text.get());
    }
    return address;
  }

  /** Of 48 bits, in lower case with colons. */
  private static String mac(String text) {
    String digits = text.toLowerCase(Locale.ROOT);
    if (DOTTED_MAC.matcher(text).matches()) {
      digits = digits.replace(".", "").replaceAll("(..)(?=.)", "$1:");
    } else if (!MAC.matcher(text).matches()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid MAC address " + text);
    }
    return digits.replace('-', ':');
  }
}
