package dev.taffrail.linux;

import java.time.Instant;

/** Two {@code struct timespec}, for access and modification; see utimensat(2). */
final class FileTimes {
  private final NativeBuffer times = new NativeBuffer(32);

  /** The address of both set to {@code instant}. */
  long both(Instant instant) {
    long seconds = instant.getEpochSecond();
    long nanos = instant.getNano();
    times.bytes.putLong(0, seconds).putLong(8, nanos).putLong(16, seconds).putLong(24, nanos);
    return times.address;
  }
}
