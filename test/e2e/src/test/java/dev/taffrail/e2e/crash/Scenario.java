package dev.taffrail.e2e.crash;

import dev.taffrail.testkit.daemon.ApiClient;
import dev.taffrail.testkit.daemon.ApiClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What one client does with one container, or one image; immutable. */
final class Scenario {
  /** Stands in requests for the name of the container or image. */
  static final String NAME = "{name}";

  /** The name of the network that a voyage has. */
  static final String NETWORK = "{voyage}.net";

  private static final byte[] NOTHING = new byte[0];
  private static final String CONTAINER = "{\"Container\":\"{name}\"}";

  /** Filters of a request: what was made in this voyage. */
  private static final String OURS =
      "?filters=%7B%22label%22%3A%5B%22" + Program.VOYAGE + "%3D" + NAME + "%22%5D%7D";

  private final String name;
  private final List<Step> steps;

  private Scenario(String name, List<Step> steps) {
    this.name = name;
    this.steps = List.copyOf(steps);
  }

  static Scenario of(String name) {
    return new Scenario(name, List.of());
  }

  String name() {
    return name;
  }

  List<Step> steps() {
    return steps;
  }

  Scenario then(Step step) {
    List<Step> more = new ArrayList<>(steps);
    more.add(step);
    return new Scenario(name, more);
  }

  /** The same steps after these. */
  Scenario then(Scenario other) {
    List<Step> more = new ArrayList<>(steps);
    more.addAll(other.steps);
    return new Scenario(name, more);
  }

  /** A second time the name is taken, by what the first created. */
  Scenario create(Program program) {
    return post("/containers/create?name={name}", program.json(), Set.of(201), Set.of(201, 409));
  }

  Scenario start() {
    return post("/containers/{name}/start", "", Set.of(204), Set.of(204, 304));
  }

  /** The same for a container that may have removed itself. */
  Scenario startOnce() {
    return post("/containers/{name}/start", "", Set.of(204), Set.of(204, 304, 404));
  }

  /** The runtime refuses the program. */
  Scenario startInVain() {
    return post("/containers/{name}/start", "", Set.of(400), Set.of(400));
  }

  Scenario stop(int seconds) {
    return post("/containers/{name}/stop?t=" + seconds, "", Set.of(204, 304), Set.of(204, 304));
  }

  Scenario restart() {
    return post("/containers/{name}/restart?t=0", "", Set.of(204), Set.of(204));
  }

  Scenario changePolicy(String policy) {
    String body = "{\"RestartPolicy\":{\"Name\":\"" + policy + "\"}}";
    return post("/containers/{name}/update", body, Set.of(200), Set.of(200));
  }

  Scenario kill(String signal) {
    String path = "/containers/{name}/kill?signal=" + signal;
    return post(path, "", Set.of(204), Set.of(204, 409));
  }

  Scenario remove() {
    return delete("/containers/{name}", Set.of(204), Set.of(204, 404));
  }

  Scenario removeByForce() {
    return delete("/containers/{name}?force=1", Set.of(204), Set.of(204, 404));
  }

  /** Removes what of this voyage has ended, and waits until it is gone. */
  Scenario prune() {
    return post("/containers/prune" + OURS, "", Set.of(200), Set.of(200))
        .then(new Until("end", (api, name) -> isEmpty(api, "/containers/json", "&all=1", name)));
  }

  /** Removes the images of this voyage, which nobody has named. */
  Scenario pruneImages() {
    return post("/images/prune" + OURS, "", Set.of(200), Set.of(200))
        .then(new Until("end", (api, name) -> isEmpty(api, "/images/json", "&all=1", name)));
  }

  private static boolean isEmpty(ApiClient api, String path, String more, String name)
      throws IOException {
    return api.get((path + OURS + more).replace(NAME, name)).json().isEmpty();
  }

  Scenario importImage(byte[] archive) {
    return importImage("&repo=" + NAME, archive);
  }

  Scenario importNameless(byte[] archive) {
    return importImage("&changes=LABEL%20" + Program.VOYAGE + "=" + NAME, archive);
  }

  private Scenario importImage(String how, byte[] archive) {
    String path = "/images/create?fromSrc=-" + how;
    return then(
        (api, name, again) -> check(api.send("POST", filled(path, name), archive), Set.of(200)));
  }

  Scenario tagImage() {
    return post("/images/{name}/tag?repo={name}-too&tag=1", "", Set.of(201), Set.of(201));
  }

  Scenario removeImage() {
    return delete("/images/{name}", Set.of(200), Set.of(200, 404));
  }

  Scenario removeTaggedImage() {
    return delete("/images/{name}-too:1", Set.of(200), Set.of(200, 404));
  }

  /** A network of the voyage, which is called {@link #NETWORK}. */
  Scenario createNetwork() {
    String labels = "{\"" + Program.VOYAGE + "\":\"" + NAME + "\"}";
    String body = "{\"Name\":\"" + NETWORK + "\",\"Labels\":" + labels + "}";
    return ofNetwork("POST", "/networks/create", body, Set.of(201), Set.of(201, 409));
  }

  Scenario removeNetwork() {
    return ofNetwork("DELETE", "/networks/" + NETWORK, "", Set.of(204), Set.of(204, 404));
  }

  /** Removes the networks of this voyage, which nobody uses, and waits until they are gone. */
  Scenario pruneNetworks() {
    return ofNetwork("POST", "/networks/prune" + OURS, "", Set.of(200), Set.of(200))
        .then(new Until("end", (api, name) -> isEmpty(api, "/networks", "", name)));
  }

  Scenario connect(String network) {
    String path = "/networks/" + network + "/connect";
    return ofNetwork("POST", path, CONTAINER, Set.of(200), Set.of(200, 403));
  }

  Scenario disconnect(String network) {
    String path = "/networks/" + network + "/disconnect";
    return ofNetwork("POST", path, CONTAINER, Set.of(200), Set.of(200, 500));
  }

  // Whatever becomes of a network, there may be a container.
  private Scenario ofNetwork(
      String method, String path, String body, Set<Integer> first, Set<Integer> again) {
    Scenario request = Scenario.of(name).request(method, path, body, first, again);
    return then(
        (api, voyage, repeated) -> {
          boolean unused = request.steps.get(0).run(api, voyage, repeated);
          return true;
        });
  }

  /** What the client does with another container of the same voyage. */
  Scenario beside(String other, Scenario scenario) {
    Scenario all = this;
    for (Step step : scenario.steps) {
      all =
          all.then(
              (api, voyage, again) -> {
                boolean unused = step.run(api, voyage + "." + other, again);
                return true;
              });
    }
    return all;
  }

  /** Waits for the end of the container. */
  Scenario await(Integer... codes) {
    return then(
        (api, name, again) -> {
          Answer answer = api.send("POST", "/containers/" + name + "/wait", NOTHING);
          if (!check(answer, Set.of(200, 404))) {
            return false;
          }
          int code = answer.json().path("StatusCode").asInt(-1);
          if (!Arrays.asList(codes).contains(code)) {
            throw new AssertionError(name + " ended with " + code + ": " + answer.text());
          }
          return true;
        });
  }

  /** SIGKILL for the monitor of the container, which lives. */
  Scenario loseMonitor() {
    return then(
        (api, name, again) -> {
          String id = api.get("/containers/" + name + "/json").json().path("Id").asText();
          Answer row = api.get("/taffrail/v1/state/containers/default/" + id);
          long pid = row.json().path("value").path("task").path("monitorPid").asLong();
          ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
          return true;
        });
  }

  /** Waits until the container is in this state, as inspect shows it. */
  Scenario untilIs(String state) {
    return until("\"Status\":\"" + state + "\"");
  }

  /** Waits for its first output: what it does about signals is arranged by then. */
  Scenario untilItPrints() {
    return then(
        new Until(
            "output",
            (api, name) -> api.get("/containers/" + name + "/logs?stdout=1").body().length > 0));
  }

  /** Waits until its policy has restarted the container so often. */
  Scenario untilRestarted(int times) {
    return then(
        new Until(
            times + " restarts",
            (api, name) ->
                api.get("/containers/" + name + "/json").json().path("RestartCount").asInt()
                    >= times));
  }

  private Scenario until(String text) {
    return then(
        new Until(
            text, (api, name) -> api.get("/containers/" + name + "/json").text().contains(text)));
  }

  private Scenario post(String path, String body, Set<Integer> first, Set<Integer> again) {
    return request("POST", path, body, first, again);
  }

  private Scenario delete(String path, Set<Integer> first, Set<Integer> again) {
    return request("DELETE", path, "", first, again);
  }

  private Scenario request(
      String method, String path, String body, Set<Integer> first, Set<Integer> again) {
    return then(
        (api, name, repeated) ->
            check(
                api.send(
                    method,
                    filled(path, name),
                    filled(body, name).getBytes(StandardCharsets.UTF_8)),
                repeated ? again : first));
  }

  // What is beside a container has a name that begins with that of the voyage.
  private static String filled(String text, String name) {
    return text.replace(NAME, name).replace("{voyage}", name.replaceFirst("\\..*", ""));
  }

  // What is gone needs no further commands.
  private static boolean check(Answer answer, Set<Integer> allowed) throws IOException {
    if (!allowed.contains(answer.status())) {
      throw new AssertionError(
          "Answered " + answer.status() + ", not one of " + allowed + ": " + answer.text());
    }
    return answer.status() != 404;
  }

  @Override
  public String toString() {
    return name;
  }
}
