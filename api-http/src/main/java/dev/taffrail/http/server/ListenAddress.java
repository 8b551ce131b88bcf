package dev.taffrail.http.server;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.file.Path;
import java.util.Set;

/** Where to listen, as dockerd's {@code -H} writes it. */
sealed interface ListenAddress {
  /** {@code unix:///run/taffrail/taffrail.sock}. */
  record Unix(Path path) implements ListenAddress {}

  /** {@code tcp://127.0.0.1:2375}; plain text, loopback only. */
  record Loopback(String host, int port) implements ListenAddress {}

  /** Names and literals that mean this host; a literal IPv6 address without its brackets. */
  Set<String> LOOPBACK_HOSTS = Set.of("localhost", "127.0.0.1", "::1");

  /**
   * INVALID_ARGUMENT for what is no address; UNIMPLEMENTED for TCP beyond loopback, which needs TLS
   * client certificates, and for inherited sockets.
   */
  static ListenAddress parse(String text) {
    if (text.startsWith("unix://")) {
      String path = text.substring("unix://".length());
      if (!path.startsWith("/")) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT, "Cannot listen on " + text + ": the path is not absolute");
      }
      return new Unix(Path.of(path).normalize());
    }
    if (text.startsWith("tcp://")) {
      return tcp(text, text.substring("tcp://".length()));
    }
    if (text.startsWith("fd://")) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, "Cannot listen on " + text + ": inherited sockets are not supported");
    }
    throw new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "Cannot listen on " + text + ": expected unix:///path or tcp://127.0.0.1:port");
  }

  private static ListenAddress tcp(String text, String authority) {
    int colon = authority.lastIndexOf(':');
    if (colon <= 0) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "Cannot listen on " + text + ": expected tcp://host:port");
    }
    String host = authority.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port;
    try {
      port = Integer.parseInt(authority.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "Cannot listen on " + text + ": the port is not a number", e);
    }
    if (port < 0 || port > 65535) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "Cannot listen on " + text + ": the port is out of range");
    }
    if (!LOOPBACK_HOSTS.contains(host)) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED,
          "Cannot listen on "
              + text
              + ": TCP beyond loopback needs TLS client certificates, which are not supported yet");
    }
    return new Loopback(host, port);
  }
}
