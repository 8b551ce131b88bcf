package dev.taffrail.containers;

import dev.taffrail.core.error.RuntimeFailure;

/** A container could not be put on its networks; the words are those that its user is to read. */
final class NetworkFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  NetworkFailure(Throwable cause) {
    super(cause.getMessage(), cause);
  }

  RuntimeFailure told() {
    return new RuntimeFailure(RuntimeFailure.kindOf(getCause()), getMessage(), getCause());
  }
}
