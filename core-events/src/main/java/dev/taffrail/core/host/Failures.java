package dev.taffrail.core.host;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.lang.reflect.InvocationTargetException;
import java.util.ServiceConfigurationError;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** How failures of foreign code are told to others. */
final class Failures {
  private Failures() {}

  /**
   * A failed call as its caller sees it: a {@link RuntimeFailure} as it is, anything else as
   * INTERNAL with its cause attached.
   *
   * @param what was called
   */
  static RuntimeFailure ofCall(Throwable thrown, String what) {
    Throwable cause = unwrap(thrown);
    return cause instanceof RuntimeFailure failure
        ? failure
        : new RuntimeFailure(Kind.INTERNAL, what + " failed: " + cause, cause);
  }

  /** One line about {@code thrown}; the class is named unless the failure has a kind. */
  static String describe(Throwable thrown) {
    Throwable cause = unwrap(thrown);
    return cause instanceof RuntimeFailure failure ? failure.getMessage() : cause.toString();
  }

  /** The failure itself, without what futures, reflection and service loading wrap around it. */
  static Throwable unwrap(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null
        && (cause instanceof CompletionException
            || cause instanceof ExecutionException
            || cause instanceof InvocationTargetException
            || cause instanceof ServiceConfigurationError)) {
      cause = cause.getCause();
    }
    return cause;
  }
}
