package dev.taffrail.linux;

import static dev.taffrail.linux.Native.ECONNRESET;
import static dev.taffrail.linux.Native.EINTR;
import static dev.taffrail.linux.Native.ENOTCONN;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.MSG_NOSIGNAL;
import static dev.taffrail.linux.Native.MSG_TRUNC;
import static dev.taffrail.linux.Native.SHUT_RDWR;
import static dev.taffrail.linux.Native.SHUT_WR;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.PacketSocket;
import java.nio.ByteBuffer;

/**
 * The descriptor is closed by whoever is last: {@link #close} when nobody is inside a call,
 * otherwise the call it wakes. So no call ever reads from a number that means another file by then.
 */
final class NativePacketSocket implements PacketSocket {
  private final int socket;
  private final String peer;
  private int inside;
  private boolean closed;

  /**
   * Takes over {@code socket}.
   *
   * @param peer for messages, "connect to PATH"
   */
  NativePacketSocket(int socket, String peer) {
    this.socket = socket;
    this.peer = peer.substring("connect to ".length());
  }

  @Override
  public int receive(ByteBuffer buffer) {
    requireDirect(buffer);
    if (!buffer.hasRemaining()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "Cannot receive from " + peer + ": the buffer has no room");
    }
    if (!enter()) {
      return -1;
    }
    try {
      return receiveInto(buffer);
    } finally {
      leave();
    }
  }

  private int receiveInto(ByteBuffer buffer) {
    long address = Native.addressOf(buffer) + buffer.position();
    while (true) {
      long size = LIBC.recv(socket, address, buffer.remaining(), MSG_TRUNC);
      if (size > buffer.remaining()) {
        throw new RuntimeFailure(
            Kind.OUT_OF_RANGE,
            "Cannot receive from "
                + peer
                + ": a packet of "
                + size
                + " bytes for a buffer of "
                + buffer.remaining());
      }
      if (size > 0) {
        buffer.position(buffer.position() + (int) size);
        return (int) size;
      }
      if (size == 0) {
        return -1;
      }
      int errno = Native.errno();
      // ECONNRESET: the peer left without reading all we sent. It is told once; what the peer had
      // sent before is still there to be read.
      if (errno != EINTR && errno != ECONNRESET) {
        throw Native.failure(errno, "receive from " + peer);
      }
    }
  }

  @Override
  public void send(ByteBuffer buffer) {
    requireDirect(buffer);
    if (!enter()) {
      throw new RuntimeFailure(Kind.ABORTED, "Cannot send to " + peer + ": it was closed");
    }
    try {
      long address = Native.addressOf(buffer) + buffer.position();
      while (LIBC.send(socket, address, buffer.remaining(), MSG_NOSIGNAL) < 0) {
        int errno = Native.errno();
        if (errno != EINTR) {
          throw Native.failure(errno, "send to " + peer);
        }
      }
      buffer.position(buffer.limit());
    } finally {
      leave();
    }
  }

  @Override
  public void shutdownOutput() {
    if (enter()) {
      try {
        if (LIBC.shutdown(socket, SHUT_WR) < 0 && Native.errno() != ENOTCONN) {
          throw Native.failure(Native.errno(), "end the output to " + peer);
        }
      } finally {
        leave();
      }
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (inside == 0) {
      LIBC.close(socket);
    } else {
      // Wakes those inside: recv(2) answers 0, send(2) EPIPE. The last of them closes.
      LIBC.shutdown(socket, SHUT_RDWR);
    }
  }

  private synchronized boolean enter() {
    if (closed) {
      return false;
    }
    inside++;
    return true;
  }

  private synchronized void leave() {
    inside--;
    if (closed && inside == 0) {
      LIBC.close(socket);
    }
  }

  private static void requireDirect(ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "The buffer must be direct");
    }
  }
}
