package dev.taffrail.network.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.Lease;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the result of ADD: section 5 of the specification, "ADD Success", of 0.3.0 and later.
 *
 * @param result as the last plugin printed it
 * @param link the container's
 */
record CniResult(ObjectNode result, String link) {
  /**
   * What the container has now: of each family the first address that is not a link of the host's.
   * INVALID_ARGUMENT for an address that is none.
   */
  Lease lease() {
    Optional<JsonNode> ipv4 = ip(false);
    Optional<JsonNode> ipv6 = ip(true);
    JsonNode dns = result.path("dns");
    List<String> search = new ArrayList<>(CniJson.texts(dns.path("search")));
    String domain = dns.path("domain").asText("");
    if (search.isEmpty() && !domain.isEmpty()) {
      search.add(domain);
    }
    return new Lease(
        mac(),
        ipv4.map(CniResult::prefix),
        ipv6.map(CniResult::prefix),
        gateway(ipv4, false),
        gateway(ipv6, true),
        CniJson.texts(dns.path("nameservers")),
        search,
        CniJson.texts(dns.path("options")));
  }

  private Optional<JsonNode> ip(boolean v6) {
    for (JsonNode ip : result.path("ips")) {
      if (isContainers(ip) && prefix(ip).isV6() == v6) {
        return Optional.of(ip);
      }
    }
    return Optional.empty();
  }

  private static IpPrefix prefix(JsonNode ip) {
    return IpPrefix.parse(ip.path("address").asText(""));
  }

  /** Also without an interface; then there is but one. */
  private boolean isContainers(JsonNode ip) {
    JsonNode index = ip.path("interface");
    return !index.isInt() || isContainersLink(result.path("interfaces").path(index.asInt()));
  }

  private boolean isContainersLink(JsonNode found) {
    return found.isMissingNode()
        || (!found.path("sandbox").asText("").isEmpty()
            && found.path("name").asText().equals(link));
  }

  private Optional<String> mac() {
    for (JsonNode found : result.path("interfaces")) {
      String mac = found.path("mac").asText("");
      if (isContainersLink(found) && !mac.isEmpty()) {
        return Optional.of(mac.toLowerCase(Locale.ROOT));
      }
    }
    return Optional.empty();
  }

  /** That of the address, else of the default route. */
  private Optional<InetAddress> gateway(Optional<JsonNode> ip, boolean v6) {
    Optional<InetAddress> own = ip.flatMap(found -> address(found.path("gateway")));
    return own.isPresent() || ip.isEmpty() ? own : written(v6).flatMap(DefaultRoute::by);
  }

  /**
   * A default route.
   *
   * @param by absent where everything is on the link
   */
  record DefaultRoute(Optional<InetAddress> by) {}

  /** The default route of one family that plugins have made, if they have. */
  Optional<DefaultRoute> defaultRoute(boolean v6) {
    Optional<DefaultRoute> route = written(v6);
    // A route without a gateway of its own is by the address's.
    return route.map(
        found ->
            found.by().isPresent()
                ? found
                : new DefaultRoute(ip(v6).flatMap(ip -> address(ip.path("gateway")))));
  }

  private Optional<DefaultRoute> written(boolean v6) {
    for (JsonNode route : result.path("routes")) {
      IpPrefix destination = IpPrefix.parse(route.path("dst").asText(""));
      if (destination.length() == 0 && destination.isV6() == v6) {
        return Optional.of(new DefaultRoute(address(route.path("gw"))));
      }
    }
    return Optional.empty();
  }

  private static Optional<InetAddress> address(JsonNode text) {
    return Optional.of(text.asText("")).filter(found -> !found.isEmpty()).map(IpText::parse);
  }
}
