package dev.taffrail.network.bridge;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.Network;
import dev.taffrail.network.LinkMtu;
import dev.taffrail.network.LinkNames;

/**
 * What a network's options say about its bridge; Docker's names.
 *
 * @param link the bridge's name, at most 15 bytes
 * @param communication whether containers on it reach one another
 * @param masquerade whether what leaves it has the host's address
 */
record BridgeOptions(String link, int mtu, boolean communication, boolean masquerade) {
  static final String COMMUNICATION = "com.docker.network.bridge.enable_icc";
  static final String MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade";

  private static final int LINK_NAME = 15;
  private static final int DEFAULT_MTU = 1500;

  /** INVALID_ARGUMENT for values that are none. */
  static BridgeOptions of(Network network) {
    String link = LinkNames.bridge(network);
    if (link.isEmpty() || link.length() > LINK_NAME || link.contains("/") || link.contains(" ")) {
      throw invalid("invalid bridge name: " + link);
    }
    return new BridgeOptions(
        link,
        LinkMtu.of(network).orElse(DEFAULT_MTU),
        flag(network, COMMUNICATION),
        flag(network, MASQUERADE));
  }

  private static boolean flag(Network network, String option) {
    String text = network.option(option).orElse("true");
    return switch (text) {
      case "true", "1", "t", "T", "TRUE", "True" -> true;
      case "false", "0", "f", "F", "FALSE", "False" -> false;
      default -> throw invalid("failed to parse " + option + " value: " + text);
    };
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
