package dev.taffrail.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import java.util.ArrayList;
import java.util.List;

/**
 * Ranges for networks that ask for none, as {@code default-address-pools}. Without that setting
 * those of Docker Engine, and for IPv6 a unique local prefix (RFC 4193) of this daemon's own.
 */
record DefaultPools(List<Pool> pools) {
  private static final List<Pool> DOCKERS =
      List.of(
          pool("172.17.0.0/16", 16),
          pool("172.18.0.0/16", 16),
          pool("172.19.0.0/16", 16),
          pool("172.20.0.0/14", 16),
          pool("172.24.0.0/14", 16),
          pool("172.28.0.0/14", 16),
          pool("192.168.0.0/16", 20));
  private static final int V6_SITE = 48;
  private static final int V6_SUBNET = 64;

  /** Ranges of {@code size} in {@code base}. */
  record Pool(IpPrefix base, int size) {}

  private static Pool pool(String base, int size) {
    return new Pool(IpPrefix.parse(base), size);
  }

  /**
   * Those of {@code daemon.json}.
   *
   * @param logId 40 bits of whose hash make the unique local prefix
   */
  static DefaultPools of(JsonNode configuration, String logId) {
    List<Pool> pools = new ArrayList<>();
    for (JsonNode each : configuration.path("default-address-pools")) {
      IpPrefix base = IpPrefix.parse(each.path("base").asText());
      int size = each.path("size").asInt();
      if (size < base.length() || size > (base.isV6() ? 128 : 32)) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT,
            "invalid default-address-pools: size " + size + " does not fit " + base);
      }
      pools.add(new Pool(base.range(), size));
    }
    if (pools.stream().allMatch(pool -> pool.base().isV6())) {
      pools.addAll(DOCKERS);
    }
    if (pools.stream().noneMatch(pool -> pool.base().isV6())) {
      pools.add(new Pool(uniqueLocal(logId), V6_SUBNET));
    }
    return new DefaultPools(List.copyOf(pools));
  }

  private static IpPrefix uniqueLocal(String logId) {
    String hex = ShortHash.of(logId, 10);
    return new IpPrefix(
        IpText.parse(
            "fd" + hex.substring(0, 2) + ":" + hex.substring(2, 6) + ":" + hex.substring(6) + "::"),
        V6_SITE);
  }

  /** The first range that nobody uses. */
  IpPrefix next(boolean v6, List<IpPrefix> taken, HostRanges host) {
    for (Pool pool : pools) {
      if (pool.base().isV6() != v6) {
        continue;
      }
      int bits = (v6 ? 128 : 32) - pool.size();
      long count = 1L << Math.min(pool.size() - pool.base().length(), 16);
      for (long index = 0; index < count; index++) {
        IpPrefix candidate =
            new IpPrefix(
                pool.base().at(java.math.BigInteger.valueOf(index).shiftLeft(bits)), pool.size());
        if (taken.stream().noneMatch(candidate::overlaps) && host.clash(candidate).isEmpty()) {
          return candidate;
        }
      }
    }
    throw new RuntimeFailure(
        Kind.PERMISSION_DENIED, "all predefined address pools have been fully subnetted");
  }
}
