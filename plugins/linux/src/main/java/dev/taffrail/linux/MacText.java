package dev.taffrail.linux;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.HexFormat;

/** Hardware addresses of six bytes as text, {@code 02:42:ac:11:00:02}. */
final class MacText {
  private static final HexFormat FORMAT = HexFormat.ofDelimiter(":");
  private static final int LENGTH = 6;

  private MacText() {}

  /** INVALID_ARGUMENT for anything but six bytes. */
  static byte[] parse(String text) {
    try {
      byte[] bytes = FORMAT.parseHex(text);
      if (bytes.length == LENGTH) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid MAC address: " + text);
  }

  /** Empty for none: of another length, or nothing but zeros, as a loopback has. */
  static String of(byte[] bytes) {
    boolean none = true;
    for (byte each : bytes) {
      none &= each == 0;
    }
    return none || bytes.length != LENGTH ? "" : FORMAT.formatHex(bytes);
  }
}
