package dev.taffrail.core.metadata;

import java.util.Arrays;

/** Unsigned big-endian numbers and ranges of keys. */
public final class Bytes {
  public static final byte[] EMPTY = {};

  private Bytes() {}

  public static byte[] u64(long value) {
    byte[] bytes = new byte[Long.BYTES];
    putU64(bytes, 0, value);
    return bytes;
  }

  public static void putU64(byte[] target, int offset, long value) {
    for (int i = 0; i < Long.BYTES; i++) {
      target[offset + i] = (byte) (value >>> (56 - 8 * i));
    }
  }

  public static long u64(byte[] source, int offset) {
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = (value << 8) | (source[offset + i] & 0xffL);
    }
    return value;
  }

  public static byte[] concat(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] all = new byte[length];
    int offset = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, offset, part.length);
      offset += part.length;
    }
    return all;
  }

  /** The smallest key above every key with this prefix; null when there is none. */
  public static byte[] afterPrefix(byte[] prefix) {
    byte[] end = prefix.clone();
    for (int i = end.length - 1; i >= 0; i--) {
      if (end[i] != (byte) 0xff) {
        end[i]++;
        return Arrays.copyOf(end, i + 1);
      }
    }
    return null;
  }

  public static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }
}
