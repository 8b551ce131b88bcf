package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;

/** A container could not be put on its networks; the words are those that its user is to read. */
final class NetworkFailure extends RuntimeFailure {
  private static final long serialVersionUID = 1;

  private NetworkFailure(Kind kind, Throwable cause) {
    super(kind, cause.getMessage(), cause);
  }

  static NetworkFailure of(Throwable cause) {
    return new NetworkFailure(RuntimeFailure.kindOf(cause), cause);
  }
}
