package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;

/**
 * A link to another container, as moby's opts.ParseLink reads it: {@code name}, {@code name:alias},
 * or {@code /name:/own/alias} as an inspection shows it.
 */
record LinkText(String container, String alias) {
  /** INVALID_ARGUMENT in Docker's words. */
  static LinkText parse(String text) {
    if (text.isEmpty()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "empty string specified for links");
    }
    String[] parts = text.split(":", -1);
    if (parts.length > 2) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "bad format for links: " + text);
    }
    if (parts.length == 1) {
      return new LinkText(text, text);
    }
    return parts[0].startsWith("/")
        ? new LinkText(parts[0].substring(1), parts[1].substring(parts[1].lastIndexOf('/') + 1))
        : new LinkText(parts[0], parts[1]);
  }

  @Override
  public String toString() {
    return container + ":" + alias;
  }
}
