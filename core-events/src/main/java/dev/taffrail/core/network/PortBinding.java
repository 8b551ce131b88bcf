package dev.taffrail.core.network;

import java.net.InetAddress;
import java.util.Objects;

/**
 * A published port.
 *
 * @param protocol {@code tcp}, {@code udp}, {@code sctp}
 * @param hostAddress {@code 0.0.0.0} or {@code ::} for all addresses of a family
 */
public record PortBinding(
    String protocol, int containerPort, InetAddress hostAddress, int hostPort) {
  public PortBinding {
    Objects.requireNonNull(protocol, "protocol");
    Objects.requireNonNull(hostAddress, "hostAddress");
  }

  /** The same port at another address of the host. */
  public PortBinding at(InetAddress otherAddress) {
    return new PortBinding(protocol, containerPort, otherAddress, hostPort);
  }

  /** {@code 80/tcp}. */
  public String port() {
    return containerPort + "/" + protocol;
  }
}
