package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.EventLogs;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogRetention;
import dev.taffrail.core.log.LogSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command that travels in time reads archives, alone and with what came after them. */
class ArchiveOptionTest {
  private static final String ALIVE = "state.containers.a1.phase != \"exited\"";
  private static final String WEB = "named.web.exitCode == 137";

  @TempDir static Path directory;
  private static Path whole;
  private static Path root;
  private static Path archive;

  /** A container that dies early in a log of some thousand events, and its twin truncated. */
  @BeforeAll
  static void archiveALog() throws Exception {
    whole = Files.createDirectory(directory.resolve("whole"));
    root = directory.resolve("root");
    archive = Files.createDirectory(directory.resolve("archive"));
    try (Voyage voyage = new Voyage(whole)) {
      voyage.create("a1", "web");
      voyage.start("a1", 1);
      voyage.pass(60);
      voyage.exit("a1", 137);
      voyage.create("b2", "db");
      for (int run = 1; run < 800; run++) {
        voyage.start("b2", run);
        voyage.exit("b2", 0);
      }
      voyage.remove("a1");
    }
    copy(whole, root);
    LogRetention few =
        new LogRetention(Optional.empty(), OptionalLong.empty(), OptionalLong.of(1), 1_000_000)
            .archivedIn(archive);
    LogSettings settings =
        new LogSettings(
                root.resolve("log"),
                LogMode.DURABLE,
                () -> 1_900_000_000_000_000_000L,
                new Random(3),
                256,
                1000,
                10)
            .with(few);
    EventLogs.Open open = EventLogs.open(settings, Families.catalogue());
    open.log().applyRetention().join();
    assertThat(open.log().info().oldest()).isGreaterThan(1024);
    open.closer().close();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path path : walk.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
  }

  private static TestTerminal run(int code, String typed, List<String> where, String... command) {
    TestTerminal terminal = new TestTerminal(typed, false, Map.of());
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(where);
    assertThat(terminal.run(arguments.toArray(new String[0])))
        .as(arguments + "\n" + terminal.out() + terminal.err())
        .isEqualTo(code);
    return terminal;
  }

  private static List<String> archived() {
    return List.of("--archive", archive.toString());
  }

  private static List<String> joined() {
    return List.of("--archive", archive.toString(), "--data-root", root.toString());
  }

  /** The archive, and archive and log, say what the log says that was never truncated. */
  private static String same(String typed, String... command) {
    String out = run(0, typed, List.of("--data-root", whole.toString()), command).out();
    assertThat(run(0, typed, joined(), command).out()).isEqualTo(out);
    assertThat(run(0, typed, archived(), command).out()).isEqualTo(out);
    return out;
  }

  @Test
  void stateIsAsItWasThen() {
    assertThat(same("", "state", "get", "containers", "web", "--at", "5")).contains("137");
    assertThat(same("", "state", "ls", "containers", "--at", "6")).contains("created");
    assertThat(same("", "state", "ls", "containers", "--at", "2027-01-15T08:00:30Z"))
        .contains("running");
  }

  @Test
  void historyBlameDiffAndTraceAreAnswered() {
    assertThat(same("", "history", "web", "--at", "5")).contains("exited");
    assertThat(same("", "blame", "web", "--at", "5")).contains("137");
    assertThat(same("", "diff", "3", "900")).contains("rows differ");
    // Whatever came of the request later is in its tree as well.
    assertThat(run(0, "", joined(), "trace", "5", "--json").out())
        .isEqualTo(
            run(0, "", List.of("--data-root", whole.toString()), "trace", "5", "--json").out());
    assertThat(run(0, "", archived(), "trace", "5").out()).contains("exited");
  }

  @Test
  void replayGoesForwardsAndBackwards() {
    assertThat(same("", "replay", "--to", "8")).contains("1-5 ");
    assertThat(same("n\nn\nn\np\ns containers\n", "replay", "--to", "8", "--step")).contains("1-2");
    assertThat(same("", "replay", "-q", "--until", WEB)).contains("at 1-5 ");
    assertThat(same("", "replay", "-q", "--to", "9", "--watch", "named.web.phase"))
        .contains("exited");
  }

  @Test
  void bisectTimelineAndEventsWork() {
    assertThat(same("", "bisect", "--good", "2", "--bad", "900", "--json", "--expr", ALIVE))
        .contains("1-5");
    assertThat(same("", "timeline", "web", "--to", "900", "--ascii", "--width", "80"))
        .contains("exited");
    String events = run(0, "", archived(), "events", "--json").out();
    List<JsonNode> found = events.lines().map(RemoteLog::parse).toList();
    assertThat(found.get(0).path("cursor").asText()).isEqualTo("1-1");
    assertThat(run(0, "", List.of("--data-root", whole.toString()), "events", "--json").out())
        .startsWith(events);
    assertThat(run(0, "", joined(), "events", "--json").out()).startsWith(events);
  }

  @Test
  void verifyReadsTheArchiveToo() {
    assertThat(run(0, "", archived(), "verify", "--full").out()).contains("from 1 up to 1-2048");
    assertThat(run(0, "", joined(), "verify", "--full").out()).contains("from 1 up to ");
    assertThat(run(0, "", List.of("--data-root", root.toString()), "verify", "--full").out())
        .contains("from 2049 up to ");
  }

  @Test
  void whatCannotBeOpenedIsRefusedAndSaidWhy() {
    assertThat(run(1, "", List.of("--archive", root.toString()), "verify").err())
        .contains("There is no segment of a log");
    assertThat(run(2, "", archived(), "events", "--follow").err()).contains("in vain");
  }
}
