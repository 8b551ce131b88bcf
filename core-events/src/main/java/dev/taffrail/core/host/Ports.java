package dev.taffrail.core.host;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Objects that plugins hand each other directly, by class. */
final class Ports {
  private final Map<Class<?>, Offer> offers = new ConcurrentHashMap<>();

  /**
   * An offered object.
   *
   * @param owner whose stop withdraws it
   */
  private record Offer(Object owner, String ownerName, Object implementation) {}

  <P> P get(Class<P> port) {
    Offer offer = offers.get(port);
    if (offer == null) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "Nobody provides the kernel port " + port.getName());
    }
    return port.cast(offer.implementation());
  }

  /** ALREADY_EXISTS when somebody else has offered it. */
  <P> void offer(Object owner, String ownerName, Class<P> port, P implementation) {
    Offer offer = new Offer(owner, ownerName, port.cast(implementation));
    if (implementation == null) {
      throw new IllegalArgumentException("No implementation for the port " + port.getName());
    }
    Offer first = offers.putIfAbsent(port, offer);
    if (first != null) {
      throw new RuntimeFailure(
          Kind.ALREADY_EXISTS,
          ownerName
              + " cannot provide the kernel port "
              + port.getName()
              + ": "
              + first.ownerName()
              + " does already");
    }
  }

  void withdraw(Object owner) {
    offers.values().removeIf(offer -> offer.owner() == owner);
  }
}
