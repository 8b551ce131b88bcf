package dev.taffrail.network;

import static dev.taffrail.core.network.NetworkEvent.ADDRESSES;
import static dev.taffrail.core.network.NetworkEvent.addressKey;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkRequest.PoolRequest;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Gives ranges to networks and addresses to endpoints: the lowest that is free. Pure. */
final class Ipam {
  private static final BigInteger PROBES = BigInteger.valueOf(1 << 20);

  private Ipam() {}

  /**
   * The pool of a network to be.
   *
   * @param request which {@link CreationRules} let through
   * @param taken ranges of other networks
   * @param host ranges that the host itself uses
   */
  static AddressPool pool(
      PoolRequest request,
      boolean v6,
      DefaultPools defaults,
      List<IpPrefix> taken,
      HostRanges host) {
    IpPrefix subnet;
    if (request.subnet().isPresent()) {
      subnet = request.subnet().get();
      refuseOverlap(subnet, taken);
      host.refuse(subnet);
    } else {
      if (request.range().isPresent()
          || request.gateway().isPresent()
          || !request.auxiliary().isEmpty()) {
        throw invalid("invalid network config: a subnet is needed");
      }
      subnet = defaults.next(v6, taken, host);
    }
    Optional<IpPrefix> range = request.range();
    AddressPool pool = new AddressPool(subnet, range, Optional.empty(), request.auxiliary());
    InetAddress gateway = request.gateway().orElseGet(() -> lowest(pool, Set.of()));
    return new AddressPool(subnet, range, Optional.of(gateway), request.auxiliary());
  }

  /** PERMISSION_DENIED when a range in {@code taken} has addresses of it. */
  static void refuseOverlap(IpPrefix subnet, List<IpPrefix> taken) {
    if (taken.stream().anyMatch(subnet::overlaps)) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "invalid pool request: Pool overlaps with other one on this address space");
    }
  }

  /** An address of {@code network} for {@code container}, with the length of the subnet. */
  static IpPrefix address(
      StateView view, Network network, boolean v6, Optional<InetAddress> wanted, String container) {
    List<AddressPool> pools =
        network.pools().stream().filter(pool -> pool.subnet().isV6() == v6).toList();
    if (wanted.isPresent()) {
      return given(view, network, pools, wanted.get(), container);
    }
    Set<InetAddress> used = used(view, network.id());
    RuntimeFailure last = null;
    for (AddressPool pool : pools) {
      try {
        return new IpPrefix(lowest(pool, used), pool.subnet().length());
      } catch (RuntimeFailure exhausted) {
        last = exhausted;
      }
    }
    throw last == null ? exhausted() : last;
  }

  private static IpPrefix given(
      StateView view,
      Network network,
      List<AddressPool> pools,
      InetAddress wanted,
      String container) {
    AddressPool pool =
        pools.stream()
            .filter(each -> each.subnet().contains(wanted))
            .findFirst()
            .orElseThrow(
                () ->
                    invalid(
                        "Invalid address "
                            + IpText.of(wanted)
                            + ": It does not belong to any of this network's subnets"));
    boolean free =
        view.find(ADDRESSES, addressKey(network.id(), wanted))
            .map(holder -> holder.owner().equals(container))
            .orElse(true);
    if (!free || reserved(pool).contains(wanted)) {
      throw new RuntimeFailure(Kind.PERMISSION_DENIED, "Address already in use");
    }
    return new IpPrefix(wanted, pool.subnet().length());
  }

  private static Set<InetAddress> used(StateView view, String network) {
    Set<InetAddress> used = new HashSet<>();
    for (Row<?> row : view.list(ADDRESSES, Subject.DEFAULT_NAMESPACE, network + "/")) {
      used.add(IpText.parse(row.id().substring(network.length() + 1)));
    }
    return used;
  }

  /** Addresses that are never given: the gateway, auxiliary ones, and the ends of the subnet. */
  private static Set<InetAddress> reserved(AddressPool pool) {
    Set<InetAddress> reserved = new HashSet<>(pool.auxiliary().values());
    pool.gateway().ifPresent(reserved::add);
    IpPrefix subnet = pool.subnet();
    // RFC 3021: a range of two addresses has no ends.
    if (subnet.size().compareTo(BigInteger.TWO) > 0) {
      reserved.add(subnet.at(0));
      if (!subnet.isV6()) {
        reserved.add(subnet.lastAddress());
      }
    }
    return reserved;
  }

  private static InetAddress lowest(AddressPool pool, Set<InetAddress> used) {
    IpPrefix range = pool.range().orElse(pool.subnet());
    Set<InetAddress> reserved = reserved(pool);
    long probes = range.size().min(PROBES).longValueExact();
    for (long offset = 0; offset < probes; offset++) {
      InetAddress candidate = range.at(offset);
      if (!reserved.contains(candidate) && !used.contains(candidate)) {
        return candidate;
      }
    }
    throw exhausted();
  }

  private static RuntimeFailure exhausted() {
    return new RuntimeFailure(
        Kind.PERMISSION_DENIED, "no available IPv4 addresses on this network's address pools");
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }

  /** All subnets of {@code networks}. */
  static List<IpPrefix> subnets(List<Network> networks) {
    List<IpPrefix> subnets = new ArrayList<>();
    networks.forEach(network -> network.pools().forEach(pool -> subnets.add(pool.subnet())));
    return subnets;
  }
}
