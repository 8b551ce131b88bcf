package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.vertx.core.buffer.Buffer;

/**
 * Looks for the keys that end an attach in what is typed. Keys that may still become the whole
 * sequence are held back.
 */
final class DetachKeys {
  private static final String DEFAULT = "ctrl-p,ctrl-q";

  private final byte[] sequence;
  private int matched;
  private boolean detached;

  private DetachKeys(byte[] sequence) {
    this.sequence = sequence;
  }

  /** {@code a,ctrl-b}; Docker's default for the empty text, INVALID_ARGUMENT for other names. */
  static DetachKeys parse(String text) {
    String[] names = (text.isEmpty() ? DEFAULT : text).split(",", -1);
    byte[] sequence = new byte[names.length];
    for (int i = 0; i < names.length; i++) {
      sequence[i] = key(names[i], text);
    }
    return new DetachKeys(sequence);
  }

  private static byte key(String name, String text) {
    if (name.length() == 1 && name.charAt(0) < 128) {
      return (byte) name.charAt(0);
    }
    if (name.startsWith("ctrl-") && name.length() == 6) {
      char letter = name.charAt(5);
      if (letter >= 'a' && letter <= 'z') {
        return (byte) (letter - 'a' + 1);
      }
      int other = "@[\\]^_".indexOf(letter);
      if (other >= 0) {
        return (byte) (other == 0 ? 0 : other + 26);
      }
    }
    throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Invalid detach keys (" + text + ") provided");
  }

  /** What of {@code typed} goes to the container; nothing more once {@link #isDetached}. */
  Buffer filter(Buffer typed) {
    Buffer through = Buffer.buffer();
    for (int i = 0; i < typed.length() && !detached; i++) {
      byte key = typed.getByte(i);
      if (key != sequence[matched] && matched > 0) {
        through.appendBytes(sequence, 0, matched);
        matched = 0;
      }
      if (key == sequence[matched]) {
        matched++;
        detached = matched == sequence.length;
      } else {
        through.appendByte(key);
      }
    }
    return through;
  }

  boolean isDetached() {
    return detached;
  }
}
