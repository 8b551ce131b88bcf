package dev.taffrail.http.docker;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpText;
import java.net.InetAddress;
import java.util.Optional;

/** Text as Go's standard library reads it; empty for what it does not take. */
final class GoText {
  private GoText() {}

  /** See strconv.ParseBool. */
  static Optional<Boolean> parseBoolean(String text) {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> Optional.of(true);
      case "0", "f", "F", "false", "FALSE", "False" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** See net.ParseIP. */
  static Optional<InetAddress> parseAddress(String text) {
    try {
      return Optional.of(IpText.parse(text));
    } catch (RuntimeFailure e) {
      return Optional.empty();
    }
  }

  /** A quoted text of what is printable, as {@code %q} writes it. */
  static String quote(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
