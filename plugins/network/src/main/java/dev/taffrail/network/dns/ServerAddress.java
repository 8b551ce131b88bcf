package dev.taffrail.network.dns;

import dev.taffrail.core.ip.IpText;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A server as resolv.conf names it.
 *
 * @param zone the link on which a link-local address of IPv6 is meant; empty for none
 */
public record ServerAddress(InetAddress address, String zone) {
  /** INVALID_ARGUMENT for what is no address, {@code fe80::1%eth0} among those that are. */
  public static ServerAddress parse(String text) {
    int percent = text.indexOf('%');
    if (percent < 0) {
      return new ServerAddress(IpText.parse(text), "");
    }
    InetAddress address = IpText.parse(text.substring(0, percent));
    return address instanceof Inet6Address && percent < text.length() - 1
        ? new ServerAddress(address, text.substring(percent + 1))
        : new ServerAddress(IpText.parse(text), "");
  }

  boolean isV6() {
    return address instanceof Inet6Address;
  }

  /** The address with its zone, in this namespace; empty while there is no such link. */
  Optional<InetAddress> scoped() {
    if (zone.isEmpty()) {
      return Optional.of(address);
    }
    try {
      NetworkInterface link = NetworkInterface.getByName(zone);
      return link == null
          ? Optional.empty()
          : Optional.of(Inet6Address.getByAddress(null, address.getAddress(), link.getIndex()));
    } catch (SocketException | UnknownHostException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return IpText.of(address) + (zone.isEmpty() ? "" : "%" + zone);
  }
}
