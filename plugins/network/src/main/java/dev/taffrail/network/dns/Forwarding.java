package dev.taffrail.network.dns;

import java.util.List;

/**
 * Who is asked what the container's networks do not know.
 *
 * @param upstream in this order; the first three count, as in resolv.conf(5)
 * @param external whether the container reaches anything outside: on internal networks alone, no
 *     server is asked from the host's namespace
 * @param ndotsSet whether {@code ndots} was given by somebody: then a name without a dot is not
 *     asked of others, since the container's resolver tries it again with a search domain
 */
public record Forwarding(List<Upstream> upstream, boolean external, boolean ndotsSet) {
  /** MAXNS of resolv.conf(5). */
  static final int MAX_SERVERS = 3;

  public Forwarding {
    upstream = List.copyOf(upstream);
  }
}
