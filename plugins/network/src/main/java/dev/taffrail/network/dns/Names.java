package dev.taffrail.network.dns;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a container's networks know about names. Asked for each query, on the event loop that serves
 * all containers: answers come from memory and never wait.
 */
public interface Names {
  /**
   * The addresses under a name, of both families and in any order.
   *
   * @param name lower case, without a dot at the end
   * @return empty when the name is not one of ours, so that somebody else is asked; an empty list,
   *     or one without an address of the family asked for, is an answer: the name is ours, and is
   *     asked of nobody else
   */
  Optional<List<InetAddress>> addresses(String name);

  /** The name under which an address is known, {@code web.backend}; empty when it is not ours. */
  Optional<String> name(InetAddress address);
}
