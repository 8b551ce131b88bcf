package dev.taffrail.core.network;

import java.util.Objects;

/**
 * A port of a container that is to be reached at the host.
 *
 * @param port {@code 80/tcp}, {@code 53/udp}, {@code 5000/sctp}
 * @param hostAddress as the client wrote it; empty for all addresses
 * @param hostPort {@code 8080}, {@code 8000-8010} for the first that is free, empty for any
 */
public record PortRequest(String port, String hostAddress, String hostPort) {
  public PortRequest {
    Objects.requireNonNull(port, "port");
    Objects.requireNonNull(hostAddress, "hostAddress");
    Objects.requireNonNull(hostPort, "hostPort");
  }
}
