package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.NetworkRequest.PoolRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads the body of {@code POST /networks/create}. */
final class NetworkCreateBody {
  /** See moby's libnetwork/netlabel; each is an option and, since API 1.48, a member. */
  private static final String ENABLE_IPV4 = "com.docker.network.enable_ipv4";

  private static final String ENABLE_IPV6 = "com.docker.network.enable_ipv6";

  private NetworkCreateBody() {}

  /** INVALID_ARGUMENT for what is malformed, UNIMPLEMENTED for what only a swarm has. */
  static NetworkRequest read(Body body, ApiVersion version) {
    refuseSwarm(body);
    Map<String, String> options = new TreeMap<>(body.map("Options"));
    boolean ipv4 =
        enabled(
            version.atLeast(48) ? choice(body, "EnableIPv4") : Optional.empty(),
            options,
            ENABLE_IPV4,
            true);
    boolean ipv6 = enabled(choice(body, "EnableIPv6"), options, ENABLE_IPV6, false);
    Body addresses = body.object("IPAM");
    return new NetworkRequest(
        body.text("Name").orElse(""),
        body.text("Driver").orElse(""),
        body.flag("Internal"),
        body.flag("Attachable"),
        ipv4,
        ipv6,
        addresses.text("Driver").orElse(""),
        addresses.map("Options"),
        pools(addresses.objects("Config")),
        options,
        body.map("Labels"));
  }

  private static void refuseSwarm(Body body) {
    String scope = body.text("Scope").orElse("local");
    if (scope.equals("swarm")) {
      throw new RuntimeFailure(Kind.UNAVAILABLE, RefusedEndpoints.NO_SWARM);
    }
    if (body.text("Driver").equals(Optional.of("overlay"))) {
      throw new RuntimeFailure(Kind.PERMISSION_DENIED, RefusedEndpoints.NO_SWARM);
    }
    if (!scope.equals("local")) {
      throw Refusals.unsupported("Scope " + scope);
    }
    for (String flag : List.of("Ingress", "ConfigOnly")) {
      if (body.flag(flag)) {
        throw Refusals.unsupported(flag);
      }
    }
    if (body.object("ConfigFrom").text("Network").isPresent()) {
      throw Refusals.unsupported("ConfigFrom");
    }
  }

  private static Optional<Boolean> choice(Body body, String name) {
    return body.find(name).map(present -> body.flag(name));
  }

  /** What the member says, else what the option says, which stays only when it is heard. */
  private static boolean enabled(
      Optional<Boolean> member, Map<String, String> options, String option, boolean otherwise) {
    if (member.isPresent()) {
      options.remove(option);
      return member.get();
    }
    String text = options.get(option);
    if (text == null) {
      return otherwise;
    }
    return GoText.parseBoolean(text)
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Kind.INVALID_ARGUMENT, "driver-opt \"" + option + "\" is not a valid bool"));
  }

  private static List<PoolRequest> pools(List<Body> configurations) {
    Problems problems = new Problems();
    List<PoolRequest> pools = new ArrayList<>();
    for (Body configuration : configurations) {
      String subnet = configuration.text("Subnet").orElse("");
      Optional<IpPrefix> block = block(subnet);
      if (block.isEmpty()) {
        problems.add("invalid subnet " + subnet + ": invalid CIDR block notation");
        continue;
      }
      Optional<IpPrefix> range = configuration.text("IPRange").flatMap(NetworkCreateBody::block);
      if (range.isEmpty() && configuration.text("IPRange").isPresent()) {
        problems.add(
            "invalid ip-range "
                + configuration.text("IPRange").get()
                + ": invalid CIDR block notation");
      }
      Optional<InetAddress> gateway = configuration.text("Gateway").flatMap(GoText::parseAddress);
      if (gateway.isEmpty() && configuration.text("Gateway").isPresent()) {
        problems.add(
            "invalid gateway " + configuration.text("Gateway").get() + ": invalid address");
      }
      pools.add(
          new PoolRequest(
              block, range, gateway, auxiliary(configuration.map("AuxiliaryAddresses"), problems)));
    }
    problems.check("invalid network config:\n");
    return pools;
  }

  private static Map<String, InetAddress> auxiliary(Map<String, String> texts, Problems problems) {
    Map<String, InetAddress> addresses = new TreeMap<>();
    texts.forEach(
        (name, text) -> {
          // Docker takes an empty one for none.
          Optional<InetAddress> address = GoText.parseAddress(text);
          if (address.isPresent()) {
            addresses.put(name, address.get());
          } else if (!text.isEmpty()) {
            problems.add("invalid auxiliary address " + name + ": invalid address");
          }
        });
    return addresses;
  }

  private static Optional<IpPrefix> block(String text) {
    try {
      return Optional.of(IpPrefix.parse(text));
    } catch (RuntimeFailure e) {
      return Optional.empty();
    }
  }
}
