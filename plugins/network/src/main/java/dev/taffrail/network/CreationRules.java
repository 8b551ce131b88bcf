package dev.taffrail.network;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.NetworkRequest.PoolRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What a network that is asked for must be in itself, whatever else there is; see moby's
 * ValidateIPAM.
 */
final class CreationRules {
  /** The only keeper of addresses; it has no options. */
  static final String IPAM_DRIVER = "default";

  private CreationRules() {}

  /** INVALID_ARGUMENT with all problems of its ranges, NOT_FOUND for an unknown keeper of them. */
  static void check(NetworkRequest request) {
    List<String> problems = new ArrayList<>();
    for (PoolRequest pool : request.pools()) {
      pool.subnet()
          .filter(subnet -> !subnet.isV6() || request.ipv6())
          .ifPresent(subnet -> check(pool, subnet, problems));
    }
    if (!problems.isEmpty()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "invalid network config:\n" + String.join("\n", problems));
    }
    if (request.name().isBlank()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid name: name is empty");
    }
    String ipam = request.ipamDriver();
    if (!ipam.isEmpty() && !ipam.equals(IPAM_DRIVER)) {
      throw Drivers.missing(ipam);
    }
  }

  private static void check(PoolRequest pool, IpPrefix subnet, List<String> problems) {
    if (!subnet.isRange()) {
      problems.add("invalid subnet " + subnet + ": it should be " + subnet.range());
    }
    pool.range().ifPresent(range -> check(range, subnet, problems));
    pool.gateway()
        .ifPresent(gateway -> check(gateway, subnet, "gateway " + IpText.of(gateway), problems));
    pool.auxiliary()
        .forEach((name, address) -> check(address, subnet, "auxiliary address " + name, problems));
  }

  private static void check(IpPrefix range, IpPrefix subnet, List<String> problems) {
    String start = "invalid ip-range " + range + ": ";
    if (range.isV6() != subnet.isV6()) {
      problems.add(start + otherFamily(subnet));
      return;
    }
    if (range.length() < subnet.length()) {
      problems.add(start + "CIDR block is bigger than its parent subnet " + subnet);
    }
    if (!range.isRange()) {
      problems.add(start + "it should be " + range.range());
    }
    if (!subnet.range().overlaps(range.range())) {
      problems.add(start + "parent subnet " + subnet + " doesn't contain ip-range");
    }
  }

  private static void check(
      InetAddress address, IpPrefix subnet, String what, List<String> problems) {
    if (address instanceof Inet6Address != subnet.isV6()) {
      problems.add("invalid " + what + ": " + otherFamily(subnet));
    } else if (!subnet.range().contains(address)) {
      problems.add(
          "invalid " + what + ": parent subnet " + subnet + " doesn't contain this address");
    }
  }

  private static String otherFamily(IpPrefix subnet) {
    return "parent subnet is an " + (subnet.isV6() ? "IPv6" : "IPv4") + " block";
  }
}
