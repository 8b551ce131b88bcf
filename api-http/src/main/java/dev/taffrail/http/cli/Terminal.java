package dev.taffrail.http.cli;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * Where a command reads and writes, and what can be shown there.
 *
 * @param environment of the process
 * @param inIsTerminal a person types what {@code in} yields
 * @param outIsTerminal a person looks at {@code out}
 */
record Terminal(
    BufferedReader in,
    PrintWriter out,
    PrintWriter err,
    Map<String, String> environment,
    boolean inIsTerminal,
    boolean outIsTerminal) {
  private static final int DEFAULT_WIDTH = 80;

  /** When colours are used. */
  enum Colour {
    AUTO,
    ALWAYS,
    NEVER
  }

  Terminal {
    environment = Map.copyOf(environment);
  }

  /** That of this process. */
  static Terminal ofProcess() {
    boolean outIsTerminal = isTerminal(1);
    return new Terminal(
        reader(System.in),
        // Not System.out, which swallows errors as well.
        writer(FileDescriptor.out, outIsTerminal),
        writer(FileDescriptor.err, true),
        System.getenv(),
        isTerminal(0),
        outIsTerminal);
  }

  static BufferedReader reader(InputStream in) {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  private static PrintWriter writer(FileDescriptor descriptor, boolean eachLine) {
    return new PrintWriter(
        new OutputStreamWriter(
            new StandardOutput(new FileOutputStream(descriptor)), StandardCharsets.UTF_8),
        eachLine);
  }

  // System.console() wants all three to be terminals, and from JDK 22 on tells nothing.
  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isDumb() {
    return environment.getOrDefault("TERM", "dumb").equals("dumb");
  }

  /** Whether colours are wanted: by default on a terminal that has them, unless NO_COLOR is set. */
  boolean colours(Colour wanted) {
    return switch (wanted) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO -> outIsTerminal && !isDumb() && environment.getOrDefault("NO_COLOR", "").isEmpty();
    };
  }

  /** Whether the locale says that what is not ASCII can be shown. */
  boolean unicode() {
    for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
      String locale = environment.getOrDefault(name, "");
      if (!locale.isEmpty()) {
        String charset = locale.toLowerCase(Locale.ROOT).replace("-", "");
        return charset.contains("utf8");
      }
    }
    return false;
  }

  /** In columns: COLUMNS, or that of the terminal, or 80. */
  int width() {
    OptionalInt named = positive(environment.getOrDefault("COLUMNS", ""));
    if (named.isEmpty() && outIsTerminal) {
      named = asked();
    }
    return named.orElse(DEFAULT_WIDTH);
  }

  private static OptionalInt positive(String text) {
    return text.matches("[1-9][0-9]{0,3}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  /** What stty(1) says, {@code rows columns}. */
  private static OptionalInt asked() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Path.of("/dev/tty").toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (!stty.waitFor(1, TimeUnit.SECONDS)) {
        stty.destroyForcibly();
      }
      String[] numbers = size.strip().split(" ", 2);
      return numbers.length == 2 ? positive(numbers[1]) : OptionalInt.empty();
    } catch (IOException e) {
      return OptionalInt.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalInt.empty();
    }
  }
}
