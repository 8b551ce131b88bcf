package dev.taffrail.network.dns;

/** The name server of one container, as long as it is served. Threads may share it. */
public interface NameService extends AutoCloseable {
  /** Changes whom later queries are forwarded to; those under way are not touched. */
  void forward(Forwarding forwarding);

  /**
   * Closes the sockets and ends what is under way: afterwards nothing of ours keeps the container's
   * network namespace. Blocks for a moment; a second call does nothing.
   */
  @Override
  void close();
}
