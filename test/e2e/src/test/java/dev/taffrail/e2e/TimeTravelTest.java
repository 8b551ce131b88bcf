package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The past of a real daemon: what it answered then, it answers now when asked for then. */
class TimeTravelTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> DOCKER_PATHS =
      List.of(
          "/containers/json?all=1",
          "/containers/json",
          "/v1.43/containers/json?all=1&filters={\"name\":[\"web\"]}",
          "/containers/json?all=1&filters={\"status\":[\"exited\"]}",
          "/containers/json?all=1&filters={\"exited\":[\"137\"]}",
          "/containers/json?all=1&filters={\"label\":[\"tier=front\"]}",
          "/containers/json?all=1&filters={\"label\":[\"tier=back\"]}",
          "/containers/json?all=1&filters={\"ancestor\":[\"busybox\"]}",
          "/containers/json?limit=1",
          "/containers/web/json",
          "/v1.24/containers/web/json",
          "/images/json",
          "/images/json?filters={\"reference\":[\"busy*\"]}",
          "/images/json?filters={\"dangling\":[\"true\"]}",
          "/images/busybox/json",
          "/v1.43/images/busybox:latest/json");

  private static DaemonProcess daemon;

  /** Cursor of a moment → path → what Docker's endpoint answered then. */
  private static final Map<String, Map<String, JsonNode>> ANSWERED = new LinkedHashMap<>();

  private static final Map<String, String> TIMES = new LinkedHashMap<>();

  @BeforeAll
  static void live() {
    daemon = DaemonProcess.start();
    daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
    remember();
    String[] run = {
      "--network", "none", "--name", "web", "--label", "tier=front", "busybox", "sleep", "1000"
    };
    daemon.docker(words(List.of("create"), run)).succeeded();
    remember();
    daemon.docker("start", "web").succeeded();
    remember();
    daemon.docker("kill", "web").succeeded();
    daemon.docker("wait", "web").succeeded();
    remember();
    daemon.docker("rm", "web").succeeded();
    remember();
    daemon.docker("rmi", "busybox").succeeded();
    remember();
  }

  private static String[] words(List<String> first, String... more) {
    List<String> all = new ArrayList<>(first);
    all.addAll(Arrays.asList(more));
    return all.toArray(new String[0]);
  }

  @AfterAll
  static void end() {
    daemon.close();
  }

  private static void remember() {
    String head = get("/taffrail/v1/health").path("head").asText();
    Map<String, JsonNode> answers = new LinkedHashMap<>();
    for (String path : DOCKER_PATHS) {
      answers.put(path, timeless(get(path)));
    }
    ANSWERED.put(head, answers);
    JsonNode event = JSON.createObjectNode();
    for (String line : daemon.taffrail("events", "--json").succeeded().out().split("\n", -1)) {
      event = line.isEmpty() ? event : parse(line);
    }
    assertThat(event.path("cursor").asText()).isEqualTo(head);
    TIMES.put(head, event.path("time").asText());
  }

  /** Without what tells how long ago something was. */
  private static JsonNode timeless(JsonNode answer) {
    for (JsonNode element : answer) {
      if (element instanceof ObjectNode object) {
        object.remove("Status");
      }
    }
    return answer;
  }

  private static JsonNode get(String path) {
    try {
      return daemon
          .api()
          .get(path.replace("{", "%7B").replace("}", "%7D").replace("\"", "%22"))
          .json();
    } catch (IOException e) {
      throw new AssertionError(path, e);
    }
  }

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }

  private static JsonNode asOf(String path, String moment) {
    return timeless(
        get("/taffrail/v1/docker" + path + (path.contains("?") ? "&" : "?") + "at=" + moment));
  }

  @Test
  void dockersEndpointsAnswerAsTheyDidThen() {
    assertThat(ANSWERED).hasSize(6);
    ANSWERED.forEach(
        (moment, answers) ->
            answers.forEach(
                (path, answer) -> {
                  assertThat(asOf(path, moment)).as("%s at %s", path, moment).isEqualTo(answer);
                  assertThat(asOf(path, TIMES.get(moment)))
                      .as("%s at %s", path, TIMES.get(moment))
                      .isEqualTo(answer);
                }));
    // They were not all the same, or all empty: only the image was there before the container, and
    // again after it.
    assertThat(ANSWERED.values().stream().distinct()).hasSize(5);
    assertThat(ANSWERED.values().stream().map(all -> all.get("/containers/json")))
        .anyMatch(list -> list.size() == 1);
  }

  @Test
  void filtersChooseAmongWhatThereWasThen() {
    List<String> moments = new ArrayList<>(ANSWERED.keySet());
    List<String> found = new ArrayList<>();
    for (String filter : List.of("\"exited\":[\"137\"]", "\"label\":[\"tier=front\"]")) {
      for (String moment : moments) {
        found.add(
            filter + " " + asOf("/containers/json?all=1&filters={" + filter + "}", moment).size());
      }
    }
    assertThat(found)
        .containsExactly(
            "\"exited\":[\"137\"] 0",
            "\"exited\":[\"137\"] 0",
            "\"exited\":[\"137\"] 0",
            "\"exited\":[\"137\"] 1",
            "\"exited\":[\"137\"] 0",
            "\"exited\":[\"137\"] 0",
            "\"label\":[\"tier=front\"] 0",
            "\"label\":[\"tier=front\"] 1",
            "\"label\":[\"tier=front\"] 1",
            "\"label\":[\"tier=front\"] 1",
            "\"label\":[\"tier=front\"] 0",
            "\"label\":[\"tier=front\"] 0");
    assertThat(asOf("/images/busybox/json", moments.get(5)).path("message").asText())
        .contains("No such image");
    assertThat(asOf("/images/busybox/json", moments.get(4)).path("RepoTags").path(0).asText())
        .isEqualTo("busybox:latest");
  }

  @Test
  void howLongAgoSomethingWasIsSaidAsOfThen() {
    List<String> moments = new ArrayList<>(ANSWERED.keySet());
    JsonNode running =
        get("/taffrail/v1/docker/containers/json?at=" + moments.get(2)).path(0).path("Status");
    assertThat(running.asText()).isEqualTo("Up Less than a second");
    JsonNode later =
        get("/taffrail/v1/docker/containers/json?all=1&at=" + moments.get(3))
            .path(0)
            .path("Status");
    assertThat(later.asText()).startsWith("Exited (137) Less than a second ago");
  }

  @Test
  void whatCannotBeAnsweredIsRefused() {
    assertThat(message("/docker/containers/json")).contains("The parameter at is needed");
    assertThat(message("/docker/containers/json?at=99999")).contains("above the head");
    assertThat(message("/docker/containers/json?at=yesterday")).contains("Not a moment");
    assertThat(message("/docker/info?at=1"))
        .contains("the log keeps containers, images and networks");
    // It is in the image's configuration, a file that may be gone.
    assertThat(message("/docker/images/busybox/history?at=" + ANSWERED.keySet().iterator().next()))
        .isEqualTo("The log does not tell what history would have answered");
    assertThat(message("/state/sails")).isEqualTo("No such type of state: sails");
    assertThat(message("/state/containers/nobody")).contains("No nobody in containers");
    assertThat(message("/state?at=1-99999")).contains("above the head");
    assertThat(message("/history/nobody")).isEqualTo("The log knows no object nobody");
    assertThat(message("/history/web?limit=0")).contains("limit");
    assertThat(message("/blame/web?field=sails")).contains("No field sails");
    assertThat(message("/diff")).contains("from is needed");
    assertThat(message("/trace/99999")).contains("above the head");
  }

  private static String message(String path) {
    return get("/taffrail/v1" + path).path("message").asText();
  }

  @Test
  void theStoppedDirectoryAnswersAsTheDaemonDidAndIsReadWithoutRoot() {
    List<String> moments = new ArrayList<>(ANSWERED.keySet());
    String running = moments.get(2);
    String exited = moments.get(3);
    List<List<String>> questions =
        List.of(
            List.of("state", "ls", "--at", exited),
            List.of("state", "ls", "containers", "--at", exited),
            List.of("state", "ls", "images", "--at", TIMES.get(exited)),
            List.of("state", "get", "containers", "web", "--at", exited),
            List.of("state", "get", "images", "busybox", "--at", exited),
            List.of("history", "web", "--at", exited),
            List.of("history", "images/busybox", "--at", exited),
            List.of("history", "container_names/web", "--row", "--at", exited),
            List.of("blame", "web", "--at", exited),
            List.of("blame", "web", "phase", "--at", running),
            List.of("diff", running, exited),
            List.of("diff", exited, running, "--type", "containers"),
            List.of("diff", running, exited, "--object", "web"),
            List.of("trace", exited));
    Map<List<String>, String> live = new LinkedHashMap<>();
    for (List<String> question : questions) {
      for (List<String> form : List.of(question, with(question, "--json"))) {
        CommandResult answer = daemon.taffrail(form.toArray(new String[0]));
        live.put(form, answer.succeeded().out());
        assertThat(answer.out()).as("%s", form).isNotBlank();
      }
    }
    assertThat(daemon.taffrail("history", "web", "--data-root", data()).err())
        .contains("A daemon has the event log in " + data() + "/log open");
    assertThat(daemon.stop()).isZero();
    try {
      live.forEach(
          (question, answer) ->
              assertThat(
                      daemon
                          .taffrail(with(question, "--data-root", data()).toArray(new String[0]))
                          .succeeded()
                          .out())
                  .as("%s", question)
                  .isEqualTo(answer));
      assertThat(withoutRoot("history", "web", "--at", exited, "--data-root", data()))
          .isEqualTo(live.get(List.of("history", "web", "--at", exited)));
    } finally {
      daemon.restart();
    }
  }

  private static List<String> with(List<String> question, String... more) {
    List<String> all = new ArrayList<>(question);
    all.addAll(Arrays.asList(more));
    return all;
  }

  private static String data() {
    return daemon.dataRoot().toString();
  }

  /** As nobody, to whom the files are given to read. */
  private static String withoutRoot(String... arguments) {
    Commands.run(
            Map.of(), new byte[0], List.of("chmod", "-R", "a+rX", daemon.directory().toString()))
        .succeeded();
    List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                System.getProperty("taffrail.home") + "/bin/taffrail"));
    command.addAll(Arrays.asList(arguments));
    return Commands.run(Map.of(), new byte[0], command).succeeded().out();
  }

  @Test
  void dockerEventsReachBackOverTheWholeLog() {
    // The client cuts moments to whole seconds: up to "now" leaves out what this second brought.
    String until = Long.toString(System.currentTimeMillis() / 1000 + 1);
    String all =
        daemon
            .docker("events", "--since", "1", "--until", until, "--format", "{{.Type}} {{.Action}}")
            .succeeded()
            .out();
    assertThat(all.lines())
        .containsSubsequence(
            "image import",
            "container create",
            "container start",
            "container kill",
            "container die",
            "container destroy",
            "image delete");
    String created = TIMES.get(new ArrayList<>(ANSWERED.keySet()).get(1));
    String later =
        daemon
            .docker(
                "events", "--since", created, "--until", until, "--format", "{{.Type}} {{.Action}}")
            .succeeded()
            .out();
    assertThat(later).doesNotContain("image import").contains("container start");
    assertThat(
            daemon
                .docker("events", "--since", "1", "--until", "2", "--format", "{{.Action}}")
                .succeeded()
                .out())
        .isEmpty();
  }

  @Test
  void everyCommandHasHelpWithAnExample() {
    for (List<String> command :
        List.of(
            List.of("state"),
            List.of("state", "ls"),
            List.of("state", "get"),
            List.of("history"),
            List.of("blame"),
            List.of("diff"),
            List.of("trace"))) {
      assertThat(daemon.taffrail(with(command, "--help").toArray(new String[0])).succeeded().out())
          .contains("Usage:")
          .contains("Examples:");
    }
  }
}
