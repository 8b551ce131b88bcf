package dev.taffrail.linux;

import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.POLLIN;

/** A pidfd with several holders, closed when the last one lets go; see pidfd_open(2). */
final class PidDescriptor {
  private final int descriptor;
  private int holders = 1;

  PidDescriptor(int descriptor) {
    this.descriptor = descriptor;
  }

  /** Valid for holders only. */
  int value() {
    return descriptor;
  }

  /** For one more holder, by one who holds it. */
  synchronized PidDescriptor hold() {
    holders++;
    return this;
  }

  synchronized void release() {
    holders--;
    if (holders == 0) {
      LIBC.close(descriptor);
    }
  }

  /** Whether all threads of the process have ended, be it reaped or not. */
  boolean hasEnded() {
    try (Arguments arguments = new Arguments()) {
      // struct pollfd: descriptor at 0, events at 4, what came at 6.
      NativeBuffer poll = arguments.allocate(8);
      poll.bytes.putInt(0, descriptor).putShort(4, POLLIN);
      return Native.check(LIBC.poll(poll.address, 1, 0), "poll a pidfd") > 0;
    }
  }
}
