package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BisectCommandTest {
  @TempDir Path directory;

  private TestTerminal bisect(int code, String... options) {
    TestTerminal terminal = TestTerminal.pipe();
    List<String> arguments = new ArrayList<>(List.of("bisect", "--data-root"));
    arguments.add(directory.toString());
    arguments.addAll(List.of(options));
    assertThat(terminal.run(arguments.toArray(new String[0])))
        .as(terminal.out() + terminal.err())
        .isEqualTo(code);
    return terminal;
  }

  private void oneLife() {
    try (Voyage voyage = new Voyage(directory)) {
      voyage.create("a1", "web");
      voyage.start("a1", 1);
      voyage.create("b2", "db");
      voyage.exit("a1", 137);
      voyage.remove("b2");
    }
  }

  @Test
  void itNamesTheEventItsActorAndItsChange() {
    oneLife();
    TestTerminal terminal =
        bisect(0, "--good", "4", "--bad", "head", "--expr", "named.web.phase == 'running'");
    assertThat(terminal.out())
        .startsWith("1-6 is the first bad event (2 tests)\n")
        .contains("dev.taffrail.container.exited.v1 default/containers/a1 by docker")
        .contains("phase: \"running\" -> \"exited\"");
    assertThat(terminal.err()).contains("6: bad (4 events were left)");
  }

  /** Random lives, and random invariants that hold first and then no more. */
  @Test
  void itAgreesWithALinearSearch() {
    long seed = Long.getLong("taffrail.seed", System.nanoTime());
    Random random = new Random(seed);
    try (Voyage voyage = new Voyage(directory)) {
      for (int i = 0; i < 40; i++) {
        String id = "c" + i;
        voyage.create(id, "n" + i);
        if (random.nextBoolean()) {
          voyage.start(id, 1);
          voyage.exit(id, random.nextInt(4));
        }
      }
    }
    String[] invariants = {
      "size(state.containers) < " + (1 + random.nextInt(40)),
      "!('n" + random.nextInt(40) + "' in named)",
      "state.containers.filter(id, state.containers[id].run > 0).size() < "
          + (1 + random.nextInt(5)),
      "int(event.sequence) < " + (2 + random.nextInt(40))
    };
    for (String invariant : invariants) {
      String linear = TestTerminalReplay.cursorWhere(directory, "!(" + invariant + ")");
      JsonNode found =
          RemoteLog.parse(
              bisect(0, "--good", "1", "--bad", "head", "--json", "--expr", invariant).out());
      assertThat(found.path("event").path("cursor").asText())
          .as("seed %s: %s", seed, invariant)
          .isEqualTo(linear);
    }
  }

  /** A linear search by a replay. */
  private static final class TestTerminalReplay {
    static String cursorWhere(Path dataRoot, String predicate) {
      TestTerminal terminal = TestTerminal.pipe();
      assertThat(
              terminal.run(
                  "replay",
                  "--data-root",
                  dataRoot.toString(),
                  "--from",
                  "1",
                  "--json",
                  "-q",
                  "--until",
                  predicate))
          .as(terminal.err())
          .isZero();
      return RemoteLog.parse(terminal.out()).path("end").path("cursor").asText();
    }
  }

  @Test
  void aProgramGetsTheMomentAndDecides() throws Exception {
    oneLife();
    Path seen = directory.resolve("seen");
    TestTerminal terminal =
        bisect(
            0,
            "--good",
            "oldest",
            "--bad",
            "head",
            "--json",
            "--run",
            "cmp -s - \"$TAFFRAIL_MOMENT\" || exit 200; echo $TAFFRAIL_CURSOR $TAFFRAIL_DATA_ROOT >> "
                + seen
                + "; ! grep -q '\"exitCode\":137'");
    assertThat(RemoteLog.parse(terminal.out()).path("event").path("cursor").asText())
        .isEqualTo("1-6");
    assertThat(Files.readAllLines(seen))
        .hasSizeBetween(4, 6)
        .startsWith("0-0 " + directory, "1-8 " + directory);
  }

  @Test
  void whatAProgramPrintsIsAppendedToTheErrorsWhenJsonIsAskedFor() throws Exception {
    oneLife();
    Path errors = Files.writeString(directory.resolve("errors"), "from before\n");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TaffrailCommand.class.getName(),
                "bisect",
                "--data-root",
                directory.toString(),
                "--good",
                "1",
                "--bad",
                "head",
                "--json",
                "--run",
                "echo heard; ! grep -q '\"exitCode\":137'")
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    assertThat(RemoteLog.parse(out).path("event").path("cursor").asText()).isEqualTo("1-6");
    assertThat(Files.readAllLines(errors))
        .startsWith("from before", "heard")
        .contains("4: good (7 events were left)");
  }

  @Test
  void momentsThatCannotBeTestedLeaveARange() {
    oneLife();
    TestTerminal terminal =
        bisect(
            1,
            "--good",
            "1",
            "--bad",
            "8",
            "--run",
            "case $TAFFRAIL_CURSOR in 1-4|1-5|1-6) exit 125;; esac;"
                + " ! grep -q '\"exitCode\":137'");
    assertThat(terminal.out())
        .isEqualTo("the first bad event is one of 4 to 7: the others cannot be tested\n");
  }

  @Test
  void theEndsAreTestedFirst() {
    oneLife();
    assertThat(bisect(1, "--good", "1", "--bad", "3", "--expr", "true").err())
        .contains("The moment 1-3 is good");
    assertThat(bisect(1, "--good", "1", "--bad", "3", "--expr", "false").err())
        .contains("The moment 1-1 is bad already");
    assertThat(bisect(1, "--good", "1", "--bad", "3", "--run", "exit 125").err())
        .contains("The moment 1-1 cannot be tested");
    assertThat(bisect(1, "--good", "1", "--bad", "3", "--run", "kill -9 $$").err())
        .contains("The program ended with 137 at 1-1: given up");
    assertThat(bisect(2, "--good", "3", "--bad", "1", "--expr", "true").err())
        .contains("The good moment 1-3 is not before the bad one, 1-1");
  }
}
