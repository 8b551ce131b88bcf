package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A signal by name and number; see signal(7), numbers as on x86 and arm.
 *
 * @param name {@code SIGTERM}, or the number where it has no name
 */
record Signal(String name, int number) {
  private static final int RTMIN = 34;
  private static final int RTMAX = 64;
  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");
  private static final Map<String, Integer> NUMBERS = numbers();
  private static final Map<Integer, String> BY_NUMBER =
      NUMBERS.entrySet().stream()
          .filter(entry -> !List.of("IOT", "CLD", "POLL", "UNUSED").contains(entry.getKey()))
          .collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey, Signal::shorter));

  static final Signal TERM = parse("TERM");
  static final Signal KILL = parse("KILL");

  private static Map<String, Integer> numbers() {
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < NAMES.size(); i++) {
      numbers.put(NAMES.get(i), i + 1);
    }
    numbers.put("IOT", numbers.get("ABRT"));
    numbers.put("CLD", numbers.get("CHLD"));
    numbers.put("POLL", numbers.get("IO"));
    numbers.put("UNUSED", numbers.get("SYS"));
    numbers.put("RTMIN", RTMIN);
    numbers.put("RTMAX", RTMAX);
    for (int i = 1; i <= 15; i++) {
      numbers.put("RTMIN+" + i, RTMIN + i);
    }
    for (int i = 1; i <= 14; i++) {
      numbers.put("RTMAX-" + i, RTMAX - i);
    }
    return Map.copyOf(numbers);
  }

  private static String shorter(String one, String other) {
    return one.length() <= other.length() ? one : other;
  }

  /** A name with or without SIG, in any case, or a number; INVALID_ARGUMENT in Docker's words. */
  static Signal parse(String text) {
    String bare = text.toUpperCase(Locale.ROOT);
    Integer number = NUMBERS.get(bare.startsWith("SIG") ? bare.substring(3) : bare);
    if (number == null) {
      number = parseNumber(text);
    }
    String name = BY_NUMBER.get(number);
    return new Signal(name == null ? text : "SIG" + name, number);
  }

  private static int parseNumber(String text) {
    int number;
    try {
      number = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid signal: " + text, e);
    }
    if (number == 0) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid signal: " + text);
    }
    if (!BY_NUMBER.containsKey(number)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "the linux daemon does not support signal " + number);
    }
    return number;
  }
}
