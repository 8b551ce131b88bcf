package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private static Terminal terminal(boolean person, String... environment) {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < environment.length; i += 2) {
      variables.put(environment[i], environment[i + 1]);
    }
    return new TestTerminal("", person, variables).terminal();
  }

  @Test
  void coloursAreForTerminalsThatHaveThem() {
    assertThat(terminal(true, "TERM", "xterm").colours(Terminal.Colour.AUTO)).isTrue();
    assertThat(terminal(false, "TERM", "xterm").colours(Terminal.Colour.AUTO)).isFalse();
    assertThat(terminal(true, "TERM", "dumb").colours(Terminal.Colour.AUTO)).isFalse();
    assertThat(terminal(true).colours(Terminal.Colour.AUTO)).isFalse();
  }

  @Test
  void noColorIsHonouredUnlessItIsEmpty() {
    assertThat(terminal(true, "TERM", "xterm", "NO_COLOR", "1").colours(Terminal.Colour.AUTO))
        .isFalse();
    assertThat(terminal(true, "TERM", "xterm", "NO_COLOR", "").colours(Terminal.Colour.AUTO))
        .isTrue();
  }

  @Test
  void whoeverAsksForColoursGetsThem() {
    assertThat(terminal(false, "NO_COLOR", "1").colours(Terminal.Colour.ALWAYS)).isTrue();
    assertThat(terminal(true, "TERM", "xterm").colours(Terminal.Colour.NEVER)).isFalse();
  }

  @Test
  void theFirstLocaleVariableThatIsSetDecidesOnUnicode() {
    assertThat(terminal(false, "LANG", "de_DE.UTF-8").unicode()).isTrue();
    assertThat(terminal(false, "LANG", "C.utf8").unicode()).isTrue();
    assertThat(terminal(false, "LC_ALL", "C", "LANG", "de_DE.UTF-8").unicode()).isFalse();
    assertThat(terminal(false, "LC_ALL", "", "LC_CTYPE", "C.UTF-8").unicode()).isTrue();
    assertThat(terminal(false).unicode()).isFalse();
  }

  @Test
  void theWidthIsThatOfTheEnvironmentOrEighty() {
    assertThat(terminal(false, "COLUMNS", "120").width()).isEqualTo(120);
    assertThat(terminal(false, "COLUMNS", "0").width()).isEqualTo(80);
    assertThat(terminal(false, "COLUMNS", "wide").width()).isEqualTo(80);
    assertThat(terminal(false).width()).isEqualTo(80);
  }
}
