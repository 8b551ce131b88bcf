package dev.taffrail.images;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Words, quotes, escapes and variables as a Dockerfile has them; see Docker's reference, "ENV". */
final class DockerfileWords {
  private DockerfileWords() {}

  /** Splits at blanks outside quotes; quotes and escapes stay. */
  static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
        word.append(c).append(text.charAt(++i));
      } else if (quote == 0 && Character.isWhitespace(c)) {
        addTo(words, word);
      } else {
        if (quote == c) {
          quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
          quote = c;
        }
        word.append(c);
      }
    }
    addTo(words, word);
    return words;
  }

  private static void addTo(List<String> words, StringBuilder word) {
    if (word.length() > 0) {
      words.add(word.toString());
      word.setLength(0);
    }
  }

  /**
   * Takes quotes and escapes away and fills in {@code $NAME}, {@code ${NAME}}, {@code
   * ${NAME:-word}} and {@code ${NAME:+word}}.
   */
  static String expand(String text, Map<String, String> variables) {
    StringBuilder result = new StringBuilder();
    char quote = 0;
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (quote == '\'') {
        if (c == quote) {
          quote = 0;
        } else {
          result.append(c);
        }
      } else if (c == '\\' && i < text.length()) {
        char next = text.charAt(i++);
        boolean keeps = quote == '"' && next != '"' && next != '$' && next != '\\';
        result.append(keeps ? "\\" : "").append(next);
      } else if (c == '$') {
        i = variable(text, i, variables, result);
      } else if (c == quote) {
        quote = 0;
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else {
        result.append(c);
      }
    }
    if (quote != 0) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "unexpected end of statement while looking for matching "
              + (quote == '"' ? "double-quote" : "single-quote"));
    }
    return result.toString();
  }

  private static int variable(
      String text, int start, Map<String, String> variables, StringBuilder result) {
    if (start < text.length() && text.charAt(start) == '{') {
      int end = text.indexOf('}', start);
      if (end < 0) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT, "syntax error: missing '}' in " + text.substring(start - 1));
      }
      result.append(braced(text.substring(start + 1, end), variables));
      return end + 1;
    }
    int end = start;
    while (end < text.length() && isNamePart(text.charAt(end))) {
      end++;
    }
    if (end == start) {
      result.append('$');
    } else {
      result.append(variables.getOrDefault(text.substring(start, end), ""));
    }
    return end;
  }

  private static String braced(String inside, Map<String, String> variables) {
    int colon = inside.indexOf(':');
    String value = variables.getOrDefault(colon < 0 ? inside : inside.substring(0, colon), "");
    if (colon < 0) {
      return value;
    }
    String word = colon + 2 <= inside.length() ? inside.substring(colon + 2) : "";
    if (inside.startsWith(":-", colon)) {
      return value.isEmpty() ? expand(word, variables) : value;
    }
    if (inside.startsWith(":+", colon)) {
      return value.isEmpty() ? "" : expand(word, variables);
    }
    throw new RuntimeFailure(
        Kind.INVALID_ARGUMENT, "unsupported modifier in substitution: ${" + inside + "}");
  }

  private static boolean isNamePart(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
