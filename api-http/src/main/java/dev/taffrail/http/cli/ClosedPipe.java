package dev.taffrail.http.cli;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Whoever read the output has left, as {@code head} does; a command ends quietly then. */
final class ClosedPipe extends UncheckedIOException {
  /** As of a process that SIGPIPE has ended: 128 + 13. */
  static final int EXIT_CODE = 141;

  private static final long serialVersionUID = 1;

  ClosedPipe(IOException cause) {
    super(cause);
  }
}
