package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a container could not be started, as Docker Engine tells it.
 *
 * @param exitCode 127 when the program is not there, 126 when it cannot be executed, else 128
 */
record StartFailure(int exitCode, RuntimeFailure failure) {
  private static final String PREFIX =
      "failed to create task for container: failed to create shim task: ";
  private static final List<String> NOT_FOUND =
      List.of("executable file not found", "no such file or directory");
  private static final List<String> NOT_EXECUTABLE = List.of("permission denied", "is a directory");

  static StartFailure of(Throwable cause) {
    String words = Optional.ofNullable(cause.getMessage()).orElse(cause.toString());
    Kind kind = RuntimeFailure.kindOf(cause);
    if (cause instanceof NetworkFailure failure) {
      return new StartFailure(128, failure.told());
    }
    boolean runtime = kind == Kind.INVALID_ARGUMENT;
    int exitCode = runtime ? exitCode(words.toLowerCase(Locale.ROOT)) : 128;
    return new StartFailure(
        exitCode,
        new RuntimeFailure(
            exitCode == 128 ? kindOf(kind) : Kind.INVALID_ARGUMENT,
            // What the runtime said comes from the shim with all of Docker's words around it.
            runtime ? words : PREFIX + words,
            cause));
  }

  /** The daemon ended before the container was started. */
  static StartFailure interrupted() {
    return new StartFailure(
        128,
        new RuntimeFailure(
            Kind.ABORTED, PREFIX + "the daemon ended before the container was started"));
  }

  String reason() {
    return failure.getMessage();
  }

  private static int exitCode(String words) {
    if (NOT_EXECUTABLE.stream().anyMatch(words::contains)) {
      return 126;
    }
    return NOT_FOUND.stream().anyMatch(words::contains) ? 127 : 128;
  }

  // What the caller can act on stays; that something is missing inside must not read as if the
  // container were missing.
  private static Kind kindOf(Kind kind) {
    return switch (kind) {
      case INVALID_ARGUMENT, UNIMPLEMENTED, UNAVAILABLE, RESOURCE_EXHAUSTED -> kind;
      default -> Kind.INTERNAL;
    };
  }
}
