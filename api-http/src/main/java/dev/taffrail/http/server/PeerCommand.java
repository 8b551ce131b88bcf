package dev.taffrail.http.server;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command line as an event keeps it for good: nothing can be redacted from a header, so values of
 * environment variables and build arguments, and what options call a password, are left out.
 */
final class PeerCommand {
  private static final int MAX_LENGTH = 256;
  private static final String HIDDEN = "***";

  /** The next word is {@code NAME=value}. */
  private static final Pattern VARIABLE = Pattern.compile("-[A-Za-z]*e|--env|--build-arg");

  /** Option and {@code NAME=value} in one word. */
  private static final Pattern WITH_VARIABLE =
      Pattern.compile("((?:--env=|--build-arg=|-[A-Za-z]*?e)[A-Za-z_][A-Za-z0-9_]*=).*");

  private static final Pattern SECRET = Pattern.compile("--(?:password|secret|token)");
  private static final Pattern WITH_SECRET = Pattern.compile("(--(?:password|secret|token)=).*");

  private PeerCommand() {}

  /** Of the bytes of {@code /proc/<pid>/cmdline}; empty for a process without. */
  static Optional<String> of(byte[] raw) {
    List<String> words = new ArrayList<>();
    String before = "";
    boolean login = false;
    for (String word : new String(raw, StandardCharsets.UTF_8).split("\0", -1)) {
      words.add(discreet(word, before, login));
      login |= word.equals("login");
      before = word;
    }
    String line = String.join(" ", words).strip();
    return line.isEmpty()
        ? Optional.empty()
        : Optional.of(line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) : line);
  }

  private static String discreet(String word, String before, boolean login) {
    if (SECRET.matcher(before).matches() || (login && before.equals("-p"))) {
      return HIDDEN;
    }
    int value = word.indexOf('=') + 1;
    if (value > 0 && VARIABLE.matcher(before).matches()) {
      return word.substring(0, value) + HIDDEN;
    }
    for (Pattern pattern : List.of(WITH_VARIABLE, WITH_SECRET)) {
      Matcher matcher = pattern.matcher(word);
      if (matcher.matches()) {
        return matcher.group(1) + HIDDEN;
      }
    }
    return word;
  }
}
