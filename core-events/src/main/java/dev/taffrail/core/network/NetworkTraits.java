package dev.taffrail.core.network;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is decided about a network and its endpoints before its driver makes them. It follows from
 * what the network is alone, so a driver's answer for one is always the same.
 *
 * @param gateway whether a range gets a gateway's address also where none was asked for
 * @param ports whether host ports lead to its endpoints; of others none are reserved
 * @param macs whether an endpoint has a hardware address of its own
 * @param sharesRanges whether its ranges may be those that the host uses, since its containers are
 *     on a network that the host is on
 * @param ownRanges of which the driver gives addresses itself, as far as they are known; absent
 *     where addresses are reserved in the log
 */
public record NetworkTraits(
    boolean gateway,
    WayOut wayOut,
    boolean ports,
    boolean macs,
    boolean sharesRanges,
    Optional<List<AddressPool>> ownRanges) {
  /** Those of a bridge: the host is its gateway. */
  public static final NetworkTraits BRIDGE =
      new NetworkTraits(true, WayOut.GATEWAY, true, true, false, Optional.empty());

  /** How a container on the network, unless that is internal, gets elsewhere. */
  public enum WayOut {
    /** Not through this network. */
    NONE,
    /** By the gateways of its ranges; a network without one has no way out. */
    GATEWAY,
    /** Onto the link, whatever the address. */
    LINK
  }

  public NetworkTraits {
    Objects.requireNonNull(wayOut, "wayOut");
    ownRanges = ownRanges.map(List::copyOf);
  }

  /** Whether a container may have its default route through {@code network}. */
  public boolean leadsOut(Network network) {
    return !network.internal()
        && switch (wayOut) {
          case NONE -> false;
          case GATEWAY -> network.pools().stream().anyMatch(pool -> pool.gateway().isPresent());
          case LINK -> true;
        };
  }
}
