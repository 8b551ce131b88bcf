package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AF_UNIX;
import static dev.taffrail.linux.Native.EINTR;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.O_CLOEXEC;
import static dev.taffrail.linux.Native.O_PATH;
import static dev.taffrail.linux.Native.SOCK_CLOEXEC;
import static dev.taffrail.linux.Native.SOCK_SEQPACKET;
import static dev.taffrail.linux.Native.SUN_PATH_SIZE;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.PacketSocket;
import dev.taffrail.core.linux.PacketSockets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Connects sockets of type SOCK_SEQPACKET; see unix(7). */
final class NativePacketSockets implements PacketSockets {
  @Override
  public PacketSocket connect(Path path) {
    String action = "connect to " + path;
    String name = path.toAbsolutePath().toString();
    if (name.getBytes(StandardCharsets.UTF_8).length < SUN_PATH_SIZE) {
      return connect(name, action);
    }
    try (Arguments arguments = new Arguments()) {
      int held = Native.check(LIBC.open(arguments.string(name), O_PATH | O_CLOEXEC, 0), action);
      try {
        // The kernel follows this link to the socket itself.
        return connect("/proc/self/fd/" + held, action);
      } finally {
        LIBC.close(held);
      }
    }
  }

  private static PacketSocket connect(String name, String action) {
    int socket = Native.check(LIBC.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), action);
    try (Arguments arguments = new Arguments()) {
      // struct sockaddr_un: family 2, path; all of it, so that a NUL ends the path.
      NativeBuffer address = arguments.allocate(Short.BYTES + SUN_PATH_SIZE);
      address.bytes.putShort((short) AF_UNIX);
      KernelText.encode(name, 0, name.length(), address.bytes);
      while (LIBC.connect(socket, address.address, address.bytes.capacity()) < 0) {
        int errno = Native.errno();
        if (errno != EINTR) {
          throw Native.failure(errno, action);
        }
      }
      return new NativePacketSocket(socket, action);
    } catch (RuntimeFailure failure) {
      Native.closeQuietly(socket);
      throw failure;
    }
  }
}
