package dev.taffrail.core.content;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A digest as in OCI image-spec descriptor.md: {@code sha256:<64 hex>} or {@code sha512:<128 hex>}.
 */
public record Digest(String algorithm, String hex) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

  public Digest {
    int length =
        switch (algorithm) {
          case "sha256" -> 64;
          case "sha512" -> 128;
          default ->
              throw new RuntimeFailure(
                  Kind.INVALID_ARGUMENT, "Unsupported digest algorithm: " + algorithm);
        };
    if (hex.length() != length || !HEX.matcher(hex).matches()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Invalid digest: " + algorithm + ":" + hex);
    }
  }

  /** INVALID_ARGUMENT for anything but {@code algorithm:hex}. */
  @JsonCreator
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Invalid digest: " + text);
    }
    return new Digest(text.substring(0, colon), text.substring(colon + 1));
  }

  public static Digest sha256(byte[] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return new Digest("sha256", HexFormat.of().formatHex(digest.digest(content)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  @JsonValue
  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
