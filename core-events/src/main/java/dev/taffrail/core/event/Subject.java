package dev.taffrail.core.event;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.Objects;

/**
 * What an event is about, written {@code <namespace>/<type>/<id>}, as in {@code
 * default/containers/4f2a}. INVALID_ARGUMENT for NUL, which people can send in a name.
 *
 * @param namespace as in containerd; Docker's API works in {@code default}, the kernel in {@code
 *     system}
 * @param type a plural noun, {@code containers}
 * @param id may contain slashes, as image references do
 */
public record Subject(String namespace, String type, String id) {
  public static final String DEFAULT_NAMESPACE = "default";
  public static final String SYSTEM_NAMESPACE = "system";

  public Subject {
    check(namespace, "namespace", false);
    check(type, "type", false);
    check(id, "id", true);
  }

  /** A subject in the namespace {@code default}. */
  public static Subject of(String type, String id) {
    return new Subject(DEFAULT_NAMESPACE, type, id);
  }

  /** The inverse of {@link #toString}; IllegalArgumentException for anything else. */
  public static Subject parse(String text) {
    String[] parts = text.split("/", 3);
    if (parts.length != 3) {
      throw new IllegalArgumentException("Not a subject: " + text);
    }
    return new Subject(parts[0], parts[1], parts[2]);
  }

  private static void check(String value, String name, boolean slashes) {
    Objects.requireNonNull(value, name);
    if (value.indexOf('\0') >= 0) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "A name must not contain NUL");
    }
    if (value.isEmpty() || (!slashes && value.indexOf('/') >= 0)) {
      throw new IllegalArgumentException(
          "The " + name + " of a subject must not be empty or contain '/': " + value);
    }
  }

  @Override
  public String toString() {
    return namespace + "/" + type + "/" + id;
  }
}
