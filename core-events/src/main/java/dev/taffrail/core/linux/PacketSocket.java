package dev.taffrail.core.linux;

import java.nio.ByteBuffer;

/**
 * A connected unix socket of type SOCK_SEQPACKET; see unix(7). One reader and one writer at a time.
 */
public interface PacketSocket extends AutoCloseable {
  /**
   * Blocks for one packet, put at the position of {@code buffer}, which must be direct and is left
   * behind the packet; its length, or -1 at the end or when closed. OUT_OF_RANGE when the packet is
   * larger than the room in the buffer.
   */
  int receive(ByteBuffer buffer);

  /** Sends the rest of {@code buffer} as one packet; ABORTED when the peer is gone. */
  void send(ByteBuffer buffer);

  /** See shutdown(2), SHUT_WR. */
  void shutdownOutput();

  /** Wakes a blocked {@link #receive}. */
  @Override
  void close();
}
