package dev.taffrail.core.linux;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/**
 * Network namespaces that a mount keeps alive, with or without processes in them. See
 * network_namespaces(7). All calls block.
 */
public interface NetworkNamespaces {
  /**
   * Makes one and mounts it at {@code path}, a file that is made for it. Its loopback is up.
   * ALREADY_EXISTS when one is mounted there; a file without one is taken over.
   */
  void create(Path path);

  /**
   * Lets go of it; it ends with its last process and socket, some time later, and with it the links
   * in it and the other ends of their pairs. Nothing there is fine.
   */
  void remove(Path path);

  /** Whether a network namespace is mounted there. */
  boolean exists(Path path);

  /**
   * Runs {@code work} on a thread that is in the namespace, and waits for it. Sockets opened there
   * belong to it for good, and {@code /proc/sys/net} is its own, as is {@code
   * /proc/thread-self/net}. The work starts no thread and nothing that may start one: that thread
   * would stay in the namespace. A process that it starts is there. NOT_FOUND when there is none.
   * An IOException comes as an UncheckedIOException.
   *
   * @param path a mount made by {@link #create}, or {@code /proc/<pid>/ns/net}
   */
  <T> T within(Path path, Callable<T> work);
}
