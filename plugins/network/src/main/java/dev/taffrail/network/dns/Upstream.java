package dev.taffrail.network.dns;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * A server that is asked what the container's networks do not know.
 *
 * @param fromHost whether it is asked from the host's network namespace, as what the host's
 *     resolv.conf names is, or from the container's, as what {@code --dns} names is
 */
public record Upstream(InetSocketAddress address, boolean fromHost) {
  public Upstream {
    Objects.requireNonNull(address.getAddress(), "a resolved address");
  }
}
