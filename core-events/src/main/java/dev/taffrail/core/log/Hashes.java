package dev.taffrail.core.log;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hashes of the chain; lengths are u32 big-endian. {@code docs/log-format.md}, "Hash chain".
 */
final class Hashes {
  static final int LENGTH = 32;
  private static final byte[] GENESIS = "taffrail/1".getBytes(StandardCharsets.UTF_8);
  private static final ThreadLocal<MessageDigest> SHA256 = ThreadLocal.withInitial(Hashes::sha256);

  private Hashes() {}

  /** A digest of its own, for what comes in parts. */
  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** The previous hash of the first event: SHA-256("taffrail/1" ‖ log id). */
  static byte[] genesis(String logId) {
    MessageDigest digest = SHA256.get();
    digest.update(GENESIS);
    return digest.digest(logId.getBytes(StandardCharsets.UTF_8));
  }

  /** SHA-256(length of payload ‖ salt ‖ payload): what a redacted frame keeps. */
  static byte[] commitment(byte[] salt, byte[] payload) {
    MessageDigest digest = SHA256.get();
    digest.update(u32(payload.length));
    digest.update(salt);
    return digest.digest(payload);
  }

  /** SHA-256(previous hash ‖ length of header ‖ header ‖ commitment). */
  static byte[] event(byte[] previousHash, byte[] header, byte[] commitment) {
    MessageDigest digest = SHA256.get();
    digest.update(previousHash);
    digest.update(u32(header.length));
    digest.update(header);
    return digest.digest(commitment);
  }

  /** SHA-256(length of key ‖ key ‖ length of value ‖ value): a row's share of the state hash. */
  static byte[] row(byte[] key, byte[] value) {
    MessageDigest digest = SHA256.get();
    digest.update(u32(key.length));
    digest.update(key);
    digest.update(u32(value.length));
    return digest.digest(value);
  }

  static byte[] u32(int value) {
    byte[] bytes = new byte[Integer.BYTES];
    for (int i = 0; i < Integer.BYTES; i++) {
      bytes[i] = (byte) (value >>> (24 - 8 * i));
    }
    return bytes;
  }

  static int u32(byte[] source, int offset) {
    return (source[offset] << 24)
        | ((source[offset + 1] & 0xff) << 16)
        | ((source[offset + 2] & 0xff) << 8)
        | (source[offset + 3] & 0xff);
  }
}
