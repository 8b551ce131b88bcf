package dev.taffrail.http.docker;

import java.util.List;
import java.util.Locale;

/** Signals as Docker's events number them; see signal(7), x86 and ARM. */
final class Signals {
  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  private Signals() {}

  /** {@code 15} for {@code TERM}, {@code SIGTERM} and {@code 15}; anything else stays as it is. */
  static String number(String signal) {
    String upper = signal.toUpperCase(Locale.ROOT);
    int index = NAMES.indexOf(upper.startsWith("SIG") ? upper.substring(3) : upper);
    return index < 0 ? signal : Integer.toString(index + 1);
  }
}
