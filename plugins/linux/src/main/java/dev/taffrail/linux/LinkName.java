package dev.taffrail.linux;

import static dev.taffrail.linux.Rtnetlink.IFNAMSIZ;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.charset.StandardCharsets;

/** Names of links; dev_valid_name of net/core/dev.c, and no percent sign: that is a template. */
final class LinkName {
  private LinkName() {}

  static boolean isPossible(String name) {
    return !name.isEmpty()
        && name.getBytes(StandardCharsets.UTF_8).length < IFNAMSIZ
        && !name.equals(".")
        && !name.equals("..")
        && name.chars().noneMatch(unit -> "/:%\0".indexOf(unit) >= 0 || isSpace(unit));
  }

  /** INVALID_ARGUMENT. */
  static void require(String name) {
    if (!isPossible(name)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "Not the name of a link: \""
              + name
              + "\"; it has 1 to "
              + (IFNAMSIZ - 1)
              + " bytes, without space, slash, colon and percent sign");
    }
  }

  /**
   * For a link on its way to {@code name}: no other link here has it, and the same again when the
   * way was not gone to its end.
   */
  static String passing(String name) {
    return String.format("tmp%08x", name.hashCode());
  }

  /** isspace of the kernel's ctype.h; 0xa0 is one of ISO 8859-1. */
  private static boolean isSpace(int unit) {
    return unit == ' ' || (unit >= '\t' && unit <= '\r');
  }
}
