package dev.taffrail.network;

import dev.taffrail.core.network.Network;

/**
 * How links of this daemon are called; those of another daemon on this host are called otherwise.
 */
public final class LinkNames {
  /** The option of a network that names its bridge. */
  public static final String BRIDGE_OPTION = "com.docker.network.bridge.name";

  private static final int MARK = 4;
  private static final int ID_PART = 12;

  private LinkNames() {}

  /** Tells a daemon from others, 4 hex digits. */
  public static String mark(String logId) {
    return ShortHash.of(logId, MARK);
  }

  /** How the host's ends of pairs of links begin. */
  public static String prefix(String logId) {
    return "tf" + mark(logId);
  }

  /** The bridge of a network. */
  public static String bridge(Network network) {
    return network.option(BRIDGE_OPTION).orElse("br-" + network.id().substring(0, ID_PART));
  }
}
