package dev.taffrail.shim;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ProcessRef;

/** See signal(7). */
final class Signals {
  static final int SIGKILL = 9;

  private Signals() {}

  /** False when the process has ended. */
  static boolean send(ProcessRef process, int number) {
    try {
      process.signal(number);
      return true;
    } catch (RuntimeFailure failure) {
      if (failure.kind() == Kind.NOT_FOUND) {
        return false;
      }
      throw failure;
    }
  }
}
