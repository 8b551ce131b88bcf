package dev.taffrail.network;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.Network;
import java.util.OptionalInt;

/** The MTU that a network's options ask for. */
public final class LinkMtu {
  /** Docker's name of the option. */
  public static final String OPTION = "com.docker.network.driver.mtu";

  /** RFC 791: what every link of IPv4 carries. */
  private static final int LEAST = 68;

  private LinkMtu() {}

  /** Empty when it asks for none, or for 0. INVALID_ARGUMENT for what is no MTU. */
  public static OptionalInt of(Network network) {
    String text = network.option(OPTION).orElse("0");
    try {
      int mtu = Integer.parseInt(text);
      if (mtu == 0) {
        return OptionalInt.empty();
      }
      if (mtu >= LEAST) {
        return OptionalInt.of(mtu);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid value for " + OPTION + ": " + text);
  }
}
