package dev.taffrail.network.dns;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpText;
import java.net.InetAddress;
import java.util.Optional;

/** Addresses turned round: {@code 2.0.17.172.in-addr.arpa}; RFC 1035, section 3.5, RFC 3596. */
final class ReverseName {
  private static final String V4 = ".in-addr.arpa";
  private static final String V6 = ".ip6.arpa";
  private static final int V4_LABELS = 4;
  private static final int V6_LABELS = 32;
  private static final int NIBBLES_PER_GROUP = 4;

  private ReverseName() {}

  /** Empty for what is no whole address. */
  static Optional<InetAddress> parse(String name) {
    try {
      if (name.endsWith(V4)) {
        return turned(name, V4, V4_LABELS, 1, ".");
      }
      if (name.endsWith(V6)) {
        return turned(name, V6, V6_LABELS, NIBBLES_PER_GROUP, ":");
      }
    } catch (RuntimeFailure e) {
      // No address; somebody else may know.
    }
    return Optional.empty();
  }

  private static Optional<InetAddress> turned(
      String name, String suffix, int count, int perGroup, String between) {
    String[] labels = name.substring(0, name.length() - suffix.length()).split("\\.", -1);
    if (labels.length != count) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String label = labels[count - 1 - i];
      if (perGroup > 1 && label.length() != 1) {
        return Optional.empty();
      }
      text.append(i > 0 && i % perGroup == 0 ? between : "").append(label);
    }
    return Optional.of(IpText.parse(text.toString()));
  }
}
