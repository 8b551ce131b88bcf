package dev.taffrail.http.cli;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.Map;

/** A terminal without a person: what was typed is given, what is shown is kept. */
final class TestTerminal {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Terminal terminal;

  TestTerminal(String typed, boolean person, Map<String, String> environment) {
    this.terminal =
        new Terminal(
            new BufferedReader(new StringReader(typed)),
            new PrintWriter(out),
            new PrintWriter(err),
            environment,
            person,
            person);
  }

  static TestTerminal pipe() {
    return new TestTerminal("", false, Map.of());
  }

  /** The exit code. */
  int run(String... arguments) {
    return TaffrailCommand.run(terminal, arguments);
  }

  Terminal terminal() {
    return terminal;
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }
}
