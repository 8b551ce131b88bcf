package dev.taffrail.core.network;

import dev.taffrail.core.ip.IpPrefix;
import java.net.InetAddress;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A range of addresses of a network.
 *
 * @param range of which addresses are given, part of {@code subnet}; all of it when absent
 * @param gateway the network's own address; absent where it has none
 * @param auxiliary addresses that are not given, by what they are for
 */
public record AddressPool(
    IpPrefix subnet,
    Optional<IpPrefix> range,
    Optional<InetAddress> gateway,
    Map<String, InetAddress> auxiliary) {
  public AddressPool {
    Objects.requireNonNull(subnet, "subnet");
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(gateway, "gateway");
    auxiliary = Collections.unmodifiableMap(new TreeMap<>(auxiliary));
  }

  /** The same without an address of its own. */
  public AddressPool withoutGateway() {
    return new AddressPool(subnet, range, Optional.empty(), auxiliary);
  }
}
