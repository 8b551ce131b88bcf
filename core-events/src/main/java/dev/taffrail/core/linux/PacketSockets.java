package dev.taffrail.core.linux;

import java.nio.file.Path;

/** Connects packet sockets. */
public interface PacketSockets {
  /**
   * Paths longer than sun_path (108 bytes) work too. NOT_FOUND or UNAVAILABLE when nobody listens.
   */
  PacketSocket connect(Path path);
}
