package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TaffrailCommandTest {
  @TempDir Path directory;

  @Test
  void everyCommandHasExamplesThatBeginWithIt() {
    CommandLine line = TaffrailCommand.line(TestTerminal.pipe().terminal());
    line.getSubcommands()
        .forEach(
            (name, command) -> {
              List<String> footer = Arrays.asList(command.getCommandSpec().usageMessage().footer());
              assertThat(footer).as(name).contains("Examples:");
              assertThat(footer).as(name).anyMatch(example -> example.contains("taffrail " + name));
            });
  }

  @Test
  void wrongUsageIsToldInThreeLinesAndCode2() {
    TestTerminal terminal = TestTerminal.pipe();
    assertThat(terminal.run("events", "--folow")).isEqualTo(2);
    assertThat(terminal.out()).isEmpty();
    assertThat(terminal.err())
        .startsWith("taffrail: Unknown option: '--folow'\n")
        .contains("--follow")
        .endsWith("Try: taffrail events --help\n");
  }

  @Test
  void noDaemonIsToldInOneLineAndCode1() {
    TestTerminal terminal = TestTerminal.pipe();
    assertThat(terminal.run("-H", "unix://" + directory.resolve("none"), "version")).isEqualTo(1);
    assertThat(terminal.err())
        .startsWith("taffrail: Cannot connect to the Taffrail daemon at unix://")
        .hasLineCount(1);
  }

  @Test
  void aHostOfAnUnknownKindIsWrongUsage() {
    TestTerminal terminal = TestTerminal.pipe();
    assertThat(terminal.run("-H", "ftp://x", "version")).isEqualTo(2);
    assertThat(terminal.err()).contains("expected unix:///path or tcp://host:port");
  }

  @Test
  void aReaderThatHasLeftEndsACommandQuietly() {
    StringWriter err = new StringWriter();
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    Terminal terminal =
        new Terminal(
            Terminal.reader(System.in),
            new PrintWriter(new StandardOutput(closed), false, StandardCharsets.UTF_8),
            new PrintWriter(err),
            Map.of(),
            false,
            false);
    assertThat(TaffrailCommand.run(terminal, "help")).isEqualTo(141);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void helpIsColouredOnATerminalOnly() {
    TestTerminal person = new TestTerminal("", true, Map.of("TERM", "xterm"));
    assertThat(person.run("help", "verify")).isZero();
    assertThat(person.out()).contains("\u001b[");
    TestTerminal pipe = TestTerminal.pipe();
    assertThat(pipe.run("verify", "--help")).isZero();
    assertThat(pipe.out()).contains("Examples:").doesNotContain("\u001b[");
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    TestTerminal terminal = TestTerminal.pipe();
    assertThat(terminal.run("completion", "bash")).isZero();
    Path script = directory.resolve("completion");
    Files.writeString(script, terminal.out());
    assertThat(complete(script, "taffrail", "ver")).contains("verify", "version");
    assertThat(complete(script, "taffrail", "events", "--fo")).contains("--follow");
    assertThat(complete(script, "taffrail", "completion", "")).contains("bash", "zsh");
  }

  /** What bash offers for the last word. */
  private static List<String> complete(Path script, String... words) throws Exception {
    String program =
        "compopt() { :; }; source '"
            + script
            + "'; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _complete_taffrail;"
            + " printf '%s\\n' \"${COMPREPLY[@]}\"";
    List<String> command = new ArrayList<>(List.of("bash", "-c", program, "bash"));
    command.addAll(Arrays.asList(words));
    Process bash = new ProcessBuilder(command).redirectErrorStream(true).start();
    String offered = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return offered.lines().map(String::strip).toList();
  }

  @Test
  void anUnknownShellIsWrongUsage() {
    TestTerminal terminal = TestTerminal.pipe();
    assertThat(terminal.run("completion", "fish")).isEqualTo(2);
    assertThat(terminal.err()).contains("There is no completion for fish");
  }
}
