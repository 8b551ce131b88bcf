package dev.taffrail.core.network;

import dev.taffrail.core.ip.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network that a client asks for.
 *
 * @param driver empty for {@code bridge}
 * @param ipamDriver empty for {@code default}
 * @param pools as the client wrote them; a family without one gets a range that is free
 */
public record NetworkRequest(
    String name,
    String driver,
    boolean internal,
    boolean attachable,
    boolean ipv4,
    boolean ipv6,
    String ipamDriver,
    Map<String, String> ipamOptions,
    List<PoolRequest> pools,
    Map<String, String> options,
    Map<String, String> labels) {
  /** A range that a client asks for. */
  public record PoolRequest(
      Optional<IpPrefix> subnet,
      Optional<IpPrefix> range,
      Optional<InetAddress> gateway,
      Map<String, InetAddress> auxiliary) {
    /** The pool as far as the client names it; empty when the choice is the daemon's. */
    public Optional<AddressPool> asked() {
      return subnet.map(block -> new AddressPool(block, range, gateway, auxiliary));
    }
  }
}
