package dev.taffrail.network;

import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkTraits;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the drivers have said of the networks. A network's are known before it is in the log, and
 * never change, so a decision may ask for them.
 */
final class Traits {
  private final Map<String, NetworkTraits> byNetwork = new ConcurrentHashMap<>();

  void put(Network network, NetworkTraits traits) {
    byNetwork.put(network.id(), traits);
  }

  void remove(Network network) {
    byNetwork.remove(network.id());
  }

  /** Those of a bridge where the driver has not answered: it cannot make anything then. */
  NetworkTraits of(Network network) {
    return byNetwork.getOrDefault(network.id(), NetworkTraits.BRIDGE);
  }

  /** Whether a container may have its default route through {@code network}. */
  boolean leadsOut(Network network) {
    return of(network).leadsOut(network);
  }
}
