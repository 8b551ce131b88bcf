package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.LogReplay;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
  @TempDir Path directory;

  @BeforeEach
  void twoContainers() {
    try (Voyage voyage = new Voyage(directory)) {
      voyage.create("a1", "web");
      voyage.start("a1", 1);
      voyage.exit("a1", 137);
      voyage.create("b2", "db");
      voyage.remove("a1");
    }
  }

  private TestTerminal replay(int code, String typed, String... options) {
    TestTerminal terminal = new TestTerminal(typed, false, Map.of());
    String[] arguments = new String[options.length + 3];
    arguments[0] = "replay";
    arguments[1] = "--data-root";
    arguments[2] = directory.toString();
    System.arraycopy(options, 0, arguments, 3, options.length);
    assertThat(terminal.run(arguments)).as(terminal.out() + terminal.err()).isEqualTo(code);
    return terminal;
  }

  @Test
  void itPrintsEachEventAndWhatItChanged() {
    String out = replay(0, "", "--from", "4", "--to", "5").out();
    assertThat(out.lines().toList())
        .containsExactly(
            "1-5 2027-01-15T08:00:00.000000000Z dev.taffrail.container.exited.v1"
                + " default/containers/a1 by docker",
            "  ~ containers/a1",
            "      exitCode: 0 -> 137",
            "      + exitReason: \"exited\"",
            "      + finishedAt: \"2027-01-15T08:00:00.000000000Z\"",
            "      - intent: \"3\"",
            "      phase: \"running\" -> \"exited\"",
            "      - task: {\"pid\":100,\"pidStartTicks\":\"1\",\"monitorPid\":99,"
                + "\"monitorStartTicks\":\"1\"}",
            "at 1-5 after 1 event: all that was asked for",
            out.lines().reduce((first, last) -> last).orElseThrow());
  }

  @Test
  void itEndsWithTheHashOfTheLog() {
    assertThat(replay(0, "", "--quiet").out())
        .endsWith(
            "at 1-8 after 8 events: all that was asked for\nstate "
                + LogReplay.inMemory(directory.resolve("log"), Families.catalogue()).stateHash()
                + "\n");
  }

  @Test
  void watchedValuesAreToldWhenTheyChange() {
    assertThat(replay(0, "", "-q", "--watch", "named.web.phase").out())
        .startsWith(
            """
            0-0 named.web.phase = (not there)
            1-2 named.web.phase = "created"
            1-3 named.web.phase = "starting"
            1-4 named.web.phase = "running"
            1-5 named.web.phase = "exited"
            1-7 named.web.phase = "removing"
            1-8 named.web.phase = (not there)
            """);
  }

  @Test
  void itStopsWhereAPredicateHolds() {
    assertThat(replay(0, "", "-q", "--until", "named.web.exitCode == 137").out())
        .startsWith("at 1-5 after 5 events: named.web.exitCode == 137 holds\n");
    assertThat(replay(1, "", "-q", "--until", "named.web.exitCode == 1").out())
        .startsWith("at 1-8 after 8 events: named.web.exitCode == 1 did not hold until here\n");
  }

  @Test
  void onlyAskedForEventsArePrinted() {
    String out = replay(0, "", "--type", "dev.taffrail.container.removed*").out();
    assertThat(out).contains("1-8 ").doesNotContain("1-7 ").contains("after 8 events");
    assertThat(replay(0, "", "--subject", "default/containers/b2").out())
        .contains("1-6 ")
        .doesNotContain("1-5 ");
  }

  @Test
  void jsonIsAnObjectALine() {
    List<JsonNode> lines =
        replay(0, "", "--json", "--from", "1", "--to", "2", "--watch", "named.web.run")
            .out()
            .lines()
            .map(RemoteLog::parse)
            .toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0).path("watch").asText()).isEqualTo("named.web.run");
    assertThat(lines.get(1).path("event").path("type").asText())
        .isEqualTo("dev.taffrail.container.created.v1");
    assertThat(lines.get(1).path("changes")).hasSize(3);
    assertThat(lines.get(2).path("value").asInt(-1)).isZero();
    assertThat(lines.get(3).path("end").path("cursor").asText()).isEqualTo("1-2");
    assertThat(lines.get(3).path("end").path("stateHash").asText()).hasSize(64);
  }

  @Test
  void aScriptStepsForwardsAndBackwards() {
    TestTerminal terminal =
        replay(
            0,
            """
            n 5
            w named.web.phase
            p
            v named.web.exitCode
            u event.type.contains('removing')
            s containers/a
            g 2
            s
            oldest
            q
            n
            """,
            "--step",
            "--type",
            "none");
    assertThat(terminal.out().lines().toList())
        .containsSubsequence(
            "1-5 named.web.phase = \"exited\"",
            "1-4 named.web.phase = \"running\"",
            "0",
            "1-7 named.web.phase = \"removing\"",
            "  \"phase\" : \"removing\",",
            "1-2 named.web.phase = \"created\"",
            "containers 1",
            "before the first event",
            "0-0 named.web.phase = (not there)")
        .noneMatch(line -> line.startsWith("1-1 "));
    assertThat(terminal.err()).isEmpty();
  }

  @Test
  void aScriptThatGoesWrongEndsWithOne() {
    TestTerminal terminal = replay(1, "jump\nn\nv 1 +\ns nothing\n99\n", "--step");
    assertThat(terminal.err().lines().toList())
        .hasSize(4)
        .allMatch(line -> line.startsWith("taffrail: "));
    assertThat(terminal.out()).contains("1-1 ");
  }

  @Test
  void aPersonIsPromptedAndMayErr() {
    TestTerminal person = new TestTerminal("n\nbogus\nh\n", true, Map.of());
    assertThat(person.run("replay", "--data-root", directory.toString(), "--step")).isZero();
    assertThat(person.out()).startsWith("0-0> 1-1 ").contains("1-1> ").contains("q    ");
  }

  @Test
  void theEventsOfAStoppedLogAreListed() {
    TestTerminal terminal = TestTerminal.pipe();
    String[] command = {
      "events", "--data-root", directory.toString(), "--from", "1-3", "--type", "*.container.*"
    };
    assertThat(terminal.run(command)).isZero();
    assertThat(terminal.out()).isEmpty();
    TestTerminal some = TestTerminal.pipe();
    command[6] = "dev.taffrail.container.*";
    assertThat(some.run(command)).isZero();
    assertThat(some.out().lines().map(line -> line.split(" ", 2)[0]))
        .containsExactly("1-4", "1-5", "1-6", "1-7", "1-8");
    assertThat(TestTerminal.pipe().run("events", "--data-root", "/none", "--follow")).isEqualTo(2);
  }

  @Test
  void momentsThatAreNotThereAreRefused() {
    assertThat(replay(1, "", "--to", "99").err()).contains("above the head");
    assertThat(replay(2, "", "--from", "5", "--to", "2").err()).contains("before 1-5");
    assertThat(replay(2, "", "--from", "tomorrow").err()).contains("Not a moment: tomorrow");
  }
}
