package dev.taffrail.network;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.linux.NetworkStack;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Ranges that this host uses already, by a link's address or a route: a network in one of them
 * would cut the host off from whoever is there.
 *
 * @param ranges what they are of, for whoever asks for one
 */
record HostRanges(Map<IpPrefix, String> ranges) {
  /** No range. */
  static final HostRanges NONE = new HostRanges(Map.of());

  /** Those of {@code stack}, but for those of its links in {@code ours}. */
  static HostRanges of(NetworkStack stack, Set<String> ours) {
    Map<IpPrefix, String> ranges = new HashMap<>();
    for (NetworkStack.Route route : stack.routes()) {
      boolean isDefault = route.destination().length() == 0;
      if (!isDefault && !ours.contains(route.link()) && !isEverywhere(route.destination())) {
        ranges.put(
            route.destination(),
            "a route of this host to " + route.destination() + " through " + route.link());
      }
    }
    for (NetworkStack.LinkAddress address : stack.addresses()) {
      IpPrefix range = address.address().range();
      if (!ours.contains(address.link()) && !isEverywhere(range)) {
        ranges.put(range, "the address " + address.address() + " of " + address.link());
      }
    }
    return new HostRanges(Map.copyOf(ranges));
  }

  /** Whether every link has it, so that it says nothing of this host. */
  private static boolean isEverywhere(IpPrefix range) {
    return range.address().isMulticastAddress()
        || (range.isV6() && range.address().isLinkLocalAddress());
  }

  /** What {@code subnet} clashes with. */
  Optional<String> clash(IpPrefix subnet) {
    List<IpPrefix> found = new ArrayList<>(ranges.keySet());
    found.removeIf(range -> !range.overlaps(subnet));
    return found.stream().min(java.util.Comparator.comparing(IpPrefix::toString)).map(ranges::get);
  }

  /** FAILED_PRECONDITION that names the clash. */
  void refuse(IpPrefix subnet) {
    clash(subnet)
        .ifPresent(
            what -> {
              throw new RuntimeFailure(
                  Kind.PERMISSION_DENIED,
                  "invalid pool request: " + subnet + " overlaps with " + what);
            });
  }
}
