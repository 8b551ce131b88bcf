package dev.taffrail.network;

import dev.taffrail.core.content.Digest;
import java.nio.charset.StandardCharsets;

/** The beginning of a SHA-256, for names that have little room. */
public final class ShortHash {
  private ShortHash() {}

  /** {@code length} lower-case hex digits. */
  public static String of(String text, int length) {
    return Digest.sha256(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, length);
  }
}
