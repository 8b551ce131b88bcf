package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelineCommandTest {
  @TempDir Path directory;

  @BeforeEach
  void fortySeconds() {
    try (Voyage voyage = new Voyage(directory)) {
      voyage.create("a1", "web");
      voyage.pass(4);
      voyage.start("a1", 1);
      voyage.pass(16);
      voyage.create("b2", "db");
      voyage.exit("a1", 137);
      voyage.pass(4);
      voyage.start("b2", 1);
      voyage.pass(8);
      voyage.exit("b2", 0);
      voyage.remove("b2");
      voyage.pass(8);
      voyage.start("a1", 2);
    }
  }

  private String timeline(Map<String, String> environment, String... options) {
    TestTerminal terminal = new TestTerminal("", false, environment);
    List<String> arguments = new ArrayList<>(List.of("timeline", "--data-root"));
    arguments.add(directory.toString());
    arguments.addAll(List.of(options));
    assertThat(terminal.run(arguments.toArray(new String[0]))).as(terminal.err()).isZero();
    return terminal.out();
  }

  @Test
  void aLineForEachContainerToTheSameScale() {
    assertThat(timeline(Map.of("COLUMNS", "62")))
        .isEqualTo(
            """
                             2027-01-15T08:00:00.000000000Z and 40.000s
            web a1           o...>===============x137................>
            db  b2                               o...>=======#X
            o created  > running  # exited  x exited with a code  ~ to be restarted  X removed
            """);
  }

  @Test
  void aLocaleWithUtf8GetsBetterSigns() {
    assertThat(timeline(Map.of("COLUMNS", "62", "LANG", "C.UTF-8")))
        .contains("web a1           ○···▶━━━━━━━━━━━━━━━✗137················▶\n");
    assertThat(timeline(Map.of("LANG", "C.UTF-8"), "--ascii")).matches("\\p{ASCII}*");
  }

  @Test
  void eventsMayBeTheScale() {
    assertThat(timeline(Map.of(), "--scale", "event", "--width", "43"))
        .contains(
            """
            web a1           o-->===x137........-->
            db  b2                o...-->=#...X
            """);
  }

  @Test
  void oneContainerIsToldEventByEvent() {
    assertThat(timeline(Map.of("COLUMNS", "25"), "db"))
        .isEqualTo(
            """
            db b2
            2027-01-15T08:00:20.000000000Z and 12.000s
            o.....>=============#X
            o created  > running  # exited  x exited with a code  ~ to be restarted  X removed
               +0.000s 1-5 created name=db by docker
               +4.000s 1-7 starting run=1 by docker
               +4.000s 1-8 started task.pid=100 task.pidStartTicks=1 task.monitorPid=99 task.monitorStartTicks=1 by docker
              +12.000s 1-9 exited exit.code=0 exit.reason=exited learnt=live by docker
              +12.000s 1-10 removing force=false by docker
              +12.000s 1-11 removed by docker
            """);
    assertThat(timeline(Map.of(), "b")).startsWith("db b2\n");
  }

  @Test
  void aPartOfTheLogBeginsWithWhatWasThere() {
    assertThat(timeline(Map.of("COLUMNS", "42"), "--from", "4", "--to", "8"))
        .contains("web a1           ================x137.\n");
    List<JsonNode> lanes =
        timeline(Map.of(), "--from", "4", "--to", "8", "--json")
            .lines()
            .map(RemoteLog::parse)
            .toList();
    assertThat(lanes).extracting(lane -> lane.path("name").asText()).containsExactly("web", "db");
    assertThat(lanes.get(0).path("stages").get(0).path("phase").asText()).isEqualTo("running");
    assertThat(lanes.get(0).path("stages").get(1).path("exitCode").asInt()).isEqualTo(137);
  }

  @Test
  void anExitCodeIsWholeOrLeftOut() {
    try (Voyage voyage = new Voyage(directory)) {
      voyage.create("c3", "job");
      voyage.pass(40);
      voyage.start("c3", 1);
      voyage.exit("c3", 137);
      voyage.remove("c3");
      voyage.create("d4", "again");
      voyage.start("d4", 1);
      voyage.exit("d4", 137);
      voyage.start("d4", 2);
      voyage.pass(400);
      voyage.exit("d4", 3);
      voyage.remove("d4");
    }
    assertThat(timeline(Map.of("COLUMNS", "60"), "job")).contains("\no").contains("x137X\n");
    assertThat(timeline(Map.of("COLUMNS", "60"), "again")).contains("\n>====").contains("==x3X\n");
  }

  @Test
  void aContainerThatWasNotThereIsRefused() {
    TestTerminal terminal = TestTerminal.pipe();
    assertThat(terminal.run("timeline", "--data-root", directory.toString(), "cook")).isEqualTo(1);
    assertThat(terminal.err()).isEqualTo("taffrail: There was no container cook at that time\n");
  }

  @Test
  void durationsAreReadable() {
    assertThat(LaneDrawing.describe(Duration.ofMillis(3250))).isEqualTo("3.250s");
    assertThat(LaneDrawing.describe(Duration.ofSeconds(125))).isEqualTo("2m05s");
    assertThat(LaneDrawing.describe(Duration.ofMinutes(182))).isEqualTo("3h02m");
  }
}
