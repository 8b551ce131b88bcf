package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.LogRetention;
import dev.taffrail.core.log.RedactionRequest;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.http.LiveLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The past of a running daemon whose log has been truncated, over its API. */
@Timeout(120)
class LivePastTest {
  private static final String OLDEST = "1025";

  @TempDir static Path directory;
  private static Voyage voyage;
  private static LiveLog live;
  private static Cursor exited;
  private static Cursor created;

  @BeforeAll
  static void whatStillRunsHasNoEventsAnyMore() throws Exception {
    voyage =
        new Voyage(
            directory,
            new LogRetention(
                Optional.empty(), OptionalLong.empty(), OptionalLong.of(1), 1_000_000));
    voyage.create("6aa1", "web");
    voyage.start("6aa1", 1);
    voyage.create("6bb2", "db");
    voyage.create("5cc3", "gone");
    voyage.remove("5cc3");
    voyage.tell(NetworkEvent.subject("77d"), ObjectNamesTest.network("77d", "back"));
    voyage.truncate();
    assertThat(voyage.log().info().oldest()).hasToString(OLDEST);
    voyage.pass(60);
    exited = voyage.exit("6aa1", 137);
    created = voyage.create("4ee5", "late");
    voyage
        .log()
        .redact(
            new RedactionRequest(
                Origin.component("test"), created, List.of("/specification/hostname"), "a secret"))
        .join();
    voyage.create("2aa7", "marker");
    live = new LiveLog(directory, voyage.log());
  }

  @AfterAll
  static void stop() throws Exception {
    try {
      if (live != null) {
        live.close();
      }
    } finally {
      voyage.close();
    }
  }

  private static TestTerminal run(int code, String... words) {
    List<String> arguments = new ArrayList<>(List.of("--host", live.host()));
    arguments.addAll(List.of(words));
    TestTerminal terminal = new TestTerminal("", false, Map.of("COLUMNS", "100"));
    assertThat(terminal.run(arguments.toArray(new String[0])))
        .as("%s: %s%s", List.of(words), terminal.out(), terminal.err())
        .isEqualTo(code);
    return terminal;
  }

  @Test
  void whatIsThereIsKnownByItsIdThoughItsEventsAreGone() {
    assertThat(run(0, "history", "6bb2").out()).startsWith("default/containers/6bb2");
    assertThat(run(0, "history", "6b").out()).startsWith("default/containers/6bb2");
    assertThat(run(0, "blame", "6bb", "phase").out()).contains("phase = \"created\"");
    assertThat(run(0, "diff", "oldest", "--object", "6bb").out()).contains("no difference");
    assertThat(run(0, "history", "networks/77").out()).startsWith("default/networks/77d");
    assertThat(run(0, "state", "get", "containers", "6b").out()).contains("name = \"db\"");
    assertThat(run(0, "state", "get", "container_specifications", "6bb2").out())
        .startsWith("container_specifications/6bb2 ");
    assertThat(run(0, "state", "get", "networks", "77").out()).contains("back");
  }

  @Test
  void anIdThatMeansSeveralIsRefused() {
    for (String[] words :
        List.of(
            new String[] {"history", "6"},
            new String[] {"blame", "6"},
            new String[] {"state", "get", "containers", "6"})) {
      assertThat(run(2, words).err()).contains("Several of the containers begin with 6");
    }
  }

  @Test
  void whoAsksForWhatIsGoneIsToldWhereTheLogBegins() {
    assertThat(run(1, "history", "5cc3").err())
        .contains("The log knows no object 5cc3; the oldest event kept is " + OLDEST);
    assertThat(run(1, "state", "get", "containers", "5cc3").err())
        .contains("the oldest event kept is " + OLDEST);
  }

  @Test
  void theTimelineBeginsWithWhatRanAtTheOldestMoment() {
    assertThat(run(0, "timeline").out())
        .containsPattern("web +6aa1 +=+x137\n")
        .containsPattern("db +6bb2 +\\.+\n");
    assertThat(run(0, "timeline", "web").out()).contains("exited exit.code=137");
    assertThat(run(0, "timeline", "web", "--from", "oldest", "--to", "oldest").out())
        .startsWith("web 6aa1\n");
  }

  @Test
  void bisectBeginsAtTheOldestMoment() {
    for (String good : List.of("oldest", "1024")) {
      assertThat(
              run(
                      0,
                      "bisect",
                      "--good",
                      good,
                      "--bad",
                      "head",
                      "--expr",
                      "named.web.phase == 'running'")
                  .out())
          .startsWith(exited + " is the first bad event");
    }
    TestTerminal byProgram =
        run(
            0,
            "bisect",
            "--good",
            "oldest",
            "--bad",
            "head",
            "--json",
            "--run",
            "! grep -q '\"exitCode\":137'");
    assertThat(RemoteLog.parse(byProgram.out()).path("event").path("cursor").asText())
        .isEqualTo(exited.toString());
  }

  @Test
  void coloursAreThereWhenAskedForAndChangeNoWord() {
    for (String[] words :
        List.of(
            new String[] {"history", "web"},
            new String[] {"blame", "web"},
            new String[] {"diff", "oldest"},
            new String[] {"trace", Long.toString(exited.sequence())},
            new String[] {"state", "ls", "containers"},
            new String[] {"state", "get", "containers", "web"})) {
      List<String> coloured = new ArrayList<>(List.of("--color=always"));
      coloured.addAll(List.of(words));
      String plain = run(0, words).out();
      String painted = run(0, coloured.toArray(new String[0])).out();
      assertThat(plain).as(words[0]).doesNotContain("\u001b");
      assertThat(painted).as(words[0]).contains("\u001b[33m");
      assertThat(painted.replaceAll("\u001b\\[[0-9;]*m", "")).isEqualTo(plain);
    }
  }

  @Test
  void whatARedactionDidIsToldAsJson() {
    Cursor hailed = voyage.create("3ff6", "other");
    JsonNode answer =
        RemoteLog.parse(
            run(
                    0,
                    "redact",
                    hailed.toString(),
                    "--reason",
                    "x",
                    "--field",
                    "/specification/hostname",
                    "--json")
                .out());
    assertThat(answer.at("/redacted/sequence").asLong()).isEqualTo(hailed.sequence());
    assertThat(answer.at("/redacted/fields/0").asText()).isEqualTo("/specification/hostname");
  }

  @Test
  void aCursorOfAnotherEpochIsRefused() {
    for (String[] words :
        List.of(
            new String[] {"trace", "2-1030"},
            new String[] {"history", "web", "--from", "2-1030"},
            new String[] {"events", "--from", "2-1030"},
            new String[] {"redact", "2-" + exited.sequence(), "--reason", "x"})) {
      assertThat(run(2, words).err()).contains("is above the head of the log");
    }
    assertThat(voyage.log().find(exited.sequence()).orElseThrow().payload()).isPresent();
  }

  @Test
  void aRedactedEventIsStillToldWithItsSubstitute() {
    String sequence = Long.toString(created.sequence());
    assertThat(run(0, "replay", "--from", exited.toString(), "--to", sequence).out())
        .contains("+ containers/4ee5", "note: it is redacted");
    assertThat(run(0, "timeline").out()).containsPattern("late +4ee5 +o");
    assertThat(run(0, "history", "late").out()).contains("container_names  + ");
    assertThat(dockerEventsUpToTheMarker()).contains("create late");
  }

  private static List<String> dockerEventsUpToTheMarker() {
    List<String> told = new ArrayList<>();
    try (Remote remote = Remote.connect(live.host())) {
      assertThatThrownBy(
              () ->
                  remote.lines(
                      "/v1.43/events?since=1",
                      line -> {
                        JsonNode event = RemoteLog.parse(line);
                        String name = event.at("/Actor/Attributes/name").asText();
                        told.add(event.path("Action").asText() + " " + name);
                        if (name.equals("marker")) {
                          throw new RuntimeFailure(Kind.CANCELLED, "seen");
                        }
                      }))
          .hasMessage("seen");
    }
    return told;
  }
}
