package dev.taffrail.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * A document whose blocks between {@code ```console} and {@code ```} are shell commands, each after
 * {@code "$ "}, with what they print.
 */
final class Story {
  private static final String BEGIN = "```console";
  private static final String END = "```";
  private static final String PROMPT = "$ ";

  /** Something that differs from run to run, and what stands for it. */
  private record Variable(Pattern pattern, String name) {
    Variable(String regex, String name) {
      this(Pattern.compile(regex), name);
    }
  }

  private static final List<Variable> VARIABLES =
      List.of(
          new Variable("sha256:[0-9a-f]{12,64}", "<digest>"),
          new Variable(
              "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<correlation>"),
          new Variable("\\b[0-9a-f]{64}\\b", "<id>"),
          new Variable("\\b[0-9a-f]{12}\\b", "<id>"),
          new Variable("\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z?", "<time>"),
          new Variable("\\b1[0-9]{9}\\b", "<seconds>"),
          new Variable("pid \\d+", "pid <n>"),
          new Variable("((?i:monitor)?[pP]id\":)\\d+", "$1<n>"),
          new Variable("([tT]icks\":\")\\d+", "$1<n>"),
          new Variable("((?i:pid|ticks) = \"?)\\d+", "$1<n>"),
          new Variable("(About|Less than) an? (second|minute)( ago)?", "<while>"),
          new Variable("\\d+ (second|minute)s?( ago)?", "<while>"),
          // What is cut depends on how long what stands before it is.
          new Variable("[^ ]{0,100}…", "…"),
          // So do columns.
          new Variable(" {2,}", "  "));

  private final Path file;
  private final List<String> lines;

  Story(Path file) throws IOException {
    this.file = file;
    this.lines = Files.readAllLines(file);
  }

  /** A command of the document, and what the document says that it prints. */
  record Step(String command, String output) {}

  /** With what differs from run to run replaced by words for it. */
  static String normal(String output) {
    String text = output;
    for (Variable variable : VARIABLES) {
      text = variable.pattern.matcher(text).replaceAll(variable.name);
    }
    return text.stripTrailing();
  }

  List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    walk(
        step -> {
          steps.add(step);
          return step.output();
        });
    return steps;
  }

  /** Writes the document again with {@code run}'s answers in the place of its own. */
  void rewrite(UnaryOperator<String> run) throws IOException {
    Files.writeString(file, walk(step -> run.apply(step.command())));
  }

  /** Gets each step and says what it is to print. */
  private interface Visitor {
    String visit(Step step);
  }

  private String walk(Visitor visitor) {
    StringBuilder text = new StringBuilder();
    String command = null;
    StringBuilder output = new StringBuilder();
    boolean inside = false;
    for (String line : lines) {
      boolean ends = inside && line.equals(END);
      boolean prompts = inside && line.startsWith(PROMPT);
      if ((ends || prompts) && command != null) {
        text.append(visitor.visit(new Step(command, output.toString())));
        command = null;
        output.setLength(0);
      }
      if (prompts) {
        command = line.substring(PROMPT.length());
      } else if (command != null) {
        output.append(line).append('\n');
        continue;
      }
      inside = ends ? false : inside || line.equals(BEGIN);
      text.append(line).append('\n');
    }
    return text.toString();
  }
}
