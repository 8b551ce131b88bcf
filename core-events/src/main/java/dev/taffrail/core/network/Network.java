package dev.taffrail.core.network;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a network is; it never changes. Also a state row, by network id (64 hex digits).
 *
 * @param driver id of a network driver without its type: {@code bridge}
 * @param internal without a way out
 * @param ipv6 whether addresses of both families are given
 * @param ipv4 whether IPv4 addresses are given
 * @param options of the driver, {@code com.docker.network.bridge.name} for one
 * @param ipamDriver {@code default}
 */
public record Network(
    String id,
    String name,
    String driver,
    Instant created,
    boolean internal,
    boolean attachable,
    boolean ipv4,
    boolean ipv6,
    List<AddressPool> pools,
    Map<String, String> options,
    String ipamDriver,
    Map<String, String> ipamOptions,
    Map<String, String> labels) {
  public Network {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(driver, "driver");
    Objects.requireNonNull(created, "created");
    Objects.requireNonNull(ipamDriver, "ipamDriver");
    pools = List.copyOf(pools);
    options = sorted(options);
    ipamOptions = sorted(ipamOptions);
    labels = sorted(labels);
  }

  private static Map<String, String> sorted(Map<String, String> map) {
    return Collections.unmodifiableMap(new TreeMap<>(map));
  }

  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  /** The pool that {@code address} is of. */
  public Optional<AddressPool> pool(boolean v6) {
    return pools.stream().filter(pool -> pool.subnet().isV6() == v6).findFirst();
  }

  /** One of the networks that are there by themselves: {@code bridge}, {@code host}, none. */
  public boolean isPredefined() {
    return NetworkNames.isPredefined(name);
  }
}
