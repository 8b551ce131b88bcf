package dev.taffrail.core.network;

import java.util.Set;

/** Names of networks, and of the ways in which a container has none of its own. */
public final class NetworkNames {
  /** The network of containers that ask for none. */
  public static final String BRIDGE = "bridge";

  public static final String HOST = "host";
  public static final String NONE = "none";

  /** What a client says that leaves the choice to the daemon. */
  public static final String DEFAULT = "default";

  private static final String CONTAINER = "container:";
  private static final Set<String> PREDEFINED = Set.of(BRIDGE, HOST, NONE, DEFAULT);

  private NetworkNames() {}

  public static boolean isPredefined(String name) {
    return PREDEFINED.contains(name);
  }

  /** Whether a container of this mode shares another one's network. */
  public static boolean isContainer(String mode) {
    return mode.startsWith(CONTAINER);
  }

  /** Whose network a mode for which {@link #isContainer} shares, as the client wrote it. */
  public static String container(String mode) {
    return mode.substring(CONTAINER.length());
  }

  /** Whether a container of this mode is on networks, with addresses. */
  public static boolean hasEndpoints(String mode) {
    return !mode.equals(HOST) && !mode.equals(NONE) && !isContainer(mode);
  }
}
