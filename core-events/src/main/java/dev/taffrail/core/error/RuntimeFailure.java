package dev.taffrail.core.error;

import java.util.Objects;

/**
 * A failure with a {@link Kind} to act on. The message says what was attempted, on what, and what
 * was found; the cause stays attached. Bugs keep their own exception types.
 */
public final class RuntimeFailure extends RuntimeException {
  private final Kind kind;

  public RuntimeFailure(Kind kind, String message) {
    this(kind, message, null);
  }

  public RuntimeFailure(Kind kind, String message, Throwable cause) {
    super(Objects.requireNonNull(message, "message"), cause);
    this.kind = Objects.requireNonNull(kind, "kind");
  }

  public Kind kind() {
    return kind;
  }

  /**
   * The kind of {@code cause}, looking through wrappers; {@link Kind#INTERNAL} for anything else.
   */
  public static Kind kindOf(Throwable cause) {
    for (Throwable link = cause; link != null; link = link.getCause()) {
      if (link instanceof RuntimeFailure failure) {
        return failure.kind();
      }
    }
    return Kind.INTERNAL;
  }
}
