package dev.taffrail.core.network;

import java.util.Objects;

/**
 * What is decided about a network and its endpoints before its driver makes them. It follows from
 * what the network is alone, so a driver's answer for one is always the same.
 *
 * @param gateway whether a range gets a gateway's address also where none was asked for
 * @param ports whether host ports lead to its endpoints; of others none are reserved
 * @param macs whether an endpoint has a hardware address of its own
 * @param sharesRanges whether its ranges may be those that the host uses, since its containers are
 *     on a network that the host is on
 */
public record NetworkTraits(
    boolean gateway, WayOut wayOut, boolean ports, boolean macs, boolean sharesRanges) {
  /** Those of a bridge: the host is its gateway. */
  public static final NetworkTraits BRIDGE =
      new NetworkTraits(true, WayOut.GATEWAY, true, true, false);

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
