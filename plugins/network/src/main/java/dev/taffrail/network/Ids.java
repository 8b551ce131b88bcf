package dev.taffrail.network;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Makes ids, and tells how links of this daemon are called. */
final class Ids {
  private static final int BYTES = 32;
  private final SecureRandom random = new SecureRandom();
  private final String linkPrefix;

  Ids(String logId) {
    this.linkPrefix = LinkNames.prefix(logId);
  }

  String linkPrefix() {
    return linkPrefix;
  }

  /** 64 hex digits. */
  String next() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
