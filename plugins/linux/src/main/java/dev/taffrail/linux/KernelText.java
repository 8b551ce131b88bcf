package dev.taffrail.linux;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * The kernel's byte strings as Java strings, whatever the locale of the JVM: UTF-8, and a byte that
 * is not UTF-8 is the lone surrogate U+DC00 + byte. So every name in a file system survives the way
 * through a string [1].
 *
 * <p>[1] Python's PEP 383, "surrogateescape".
 */
final class KernelText {
  private KernelText() {}

  /**
   * Appends {@code text[from, to)} and a NUL; INVALID_ARGUMENT when the text holds a NUL, another
   * lone surrogate, or more than {@code into} takes.
   */
  static void encode(String text, int from, int to, ByteBuffer into) {
    if (into.remaining() <= to - from) {
      throw tooLong(text);
    }
    for (int i = from; i < to; i++) {
      char unit = text.charAt(i);
      if (unit >= 0x80 || unit == 0) {
        encodeRest(text, i, to, into);
        break;
      }
      into.put((byte) unit);
    }
    into.put((byte) 0);
  }

  private static void encodeRest(String text, int from, int to, ByteBuffer into) {
    int i = from;
    while (i < to) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      if (i > to) {
        point = text.charAt(to - 1);
      }
      if (into.remaining() < 5) {
        throw tooLong(text);
      }
      if (point == 0) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "A name cannot hold a NUL: " + text);
      } else if (point < 0x80) {
        into.put((byte) point);
      } else if (point < 0x800) {
        into.put((byte) (0xc0 | (point >> 6))).put(tail(point, 0));
      } else if (point >= 0xdc80 && point <= 0xdcff) {
        into.put((byte) (point - 0xdc00));
      } else if (point >= 0xd800 && point <= 0xdfff) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Not a name in UTF-8: " + text);
      } else if (point < 0x10000) {
        into.put((byte) (0xe0 | (point >> 12))).put(tail(point, 6)).put(tail(point, 0));
      } else {
        into.put((byte) (0xf0 | (point >> 18)))
            .put(tail(point, 12))
            .put(tail(point, 6))
            .put(tail(point, 0));
      }
    }
  }

  /** A byte after the first. */
  private static byte tail(int point, int shift) {
    return (byte) (0x80 | ((point >> shift) & 0x3f));
  }

  private static RuntimeFailure tooLong(String text) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "Longer than a path can be: " + text.substring(0, Math.min(text.length(), 80)) + "…");
  }

  /** The {@code length} bytes at {@code from}. */
  static String decode(ByteBuffer bytes, int from, int length) {
    byte[] raw = new byte[length];
    bytes.get(from, raw);
    return decode(raw);
  }

  static String decode(byte[] raw) {
    for (byte each : raw) {
      if (each < 0) {
        return decodeAny(raw);
      }
    }
    return new String(raw, StandardCharsets.US_ASCII);
  }

  private static String decodeAny(byte[] raw) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(raw);
    CharBuffer out = CharBuffer.allocate(raw.length);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isUnderflow()) {
        return out.flip().toString();
      }
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (0xdc00 + (in.get() & 0xff)));
      }
      decoder.reset();
    }
  }

  /** The NUL-terminated bytes at {@code from}. */
  static String decodeUntilNul(ByteBuffer bytes, int from) {
    int end = from;
    while (bytes.get(end) != 0) {
      end++;
    }
    return decode(bytes, from, end - from);
  }
}
