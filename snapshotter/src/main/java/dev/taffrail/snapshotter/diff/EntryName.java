package dev.taffrail.snapshotter.diff;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** Names in archives: cleaned, and refused when they lead out of the root. */
final class EntryName {
  private EntryName() {}

  /**
   * The text of a name that was read as ISO 8859-1, byte by byte. Headers in the PAX format are
   * UTF-8 and have been read as such, so what is not UTF-8 byte by byte is taken as it is.
   */
  static String text(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) > 0xff) {
        return name;
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(name.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      return name;
    }
  }

  /** Relative to the root, without {@code .}, {@code ..} and empty parts; "." for the root. */
  static String clean(String name) {
    if (name.indexOf('\0') >= 0) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "The layer has a name with NUL: " + name.replace('\0', '?'));
    }
    Deque<String> parts = new ArrayDeque<>();
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        if (parts.pollLast() == null) {
          throw new RuntimeFailure(
              Kind.INVALID_ARGUMENT, "The layer has a name that leads out of its root: " + name);
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return parts.isEmpty() ? "." : String.join("/", parts);
  }

  static String parent(String clean) {
    int slash = clean.lastIndexOf('/');
    return slash < 0 ? "." : clean.substring(0, slash);
  }

  static String last(String clean) {
    return clean.substring(clean.lastIndexOf('/') + 1);
  }

  static String child(String parent, String name) {
    return parent.equals(".") ? name : parent + "/" + name;
  }

  /** Refuses a symbolic link whose relative target leads out of the root, as Docker does. */
  static void checkTarget(String name, String target) {
    if (target.startsWith("/")) {
      return;
    }
    try {
      clean(parent(name) + "/" + target);
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "invalid symlink \"" + name + "\" -> \"" + target + "\"", e);
    }
  }
}
