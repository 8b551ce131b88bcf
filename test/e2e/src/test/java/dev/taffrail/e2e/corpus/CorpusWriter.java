package dev.taffrail.e2e.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.ArchivedLog;
import dev.taffrail.core.log.StoppedLog;
import dev.taffrail.testkit.daemon.ApiClient;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a corpus with the daemon of this build: two epochs, containers of every end, restart
 * policies, images that come and go, redactions below and above the base of a truncated and
 * archived log, and a daemon that is killed while containers run. Runs as root.
 */
final class CorpusWriter {
  /** More than a truncation needs at least. */
  private static final int STORM = 700;

  private static final String RELAXED = "{\"log-mode\": \"relaxed\", \"log-disk-reserve\": \"0\"}";

  private final Corpus corpus;

  CorpusWriter(Corpus corpus) {
    this.corpus = corpus;
  }

  void write() throws IOException {
    Path directory = Files.createTempDirectory("taffrail-corpus");
    Path configuration = Files.writeString(directory.resolve("daemon.json"), RELAXED);
    try (DaemonProcess daemon =
        DaemonProcess.start(
            directory, Map.of(), () -> {}, "--config-file", configuration.toString())) {
      firstEpoch(daemon);
      daemon.kill();
      Files.writeString(configuration, archiving(daemon));
      daemon.restart();
      redact(daemon, lives(daemon));
      storm(daemon);
      // Which also waits until the log is truncated.
      redact(daemon, late(daemon));
      unfinished(daemon);
      daemon.kill();
      corpus.pack(directory);
      corpus.expect(findings(daemon.dataRoot()));
    }
  }

  private static JsonNode findings(Path dataRoot) {
    ObjectNode findings = EventJson.mapper().createObjectNode();
    Path directory = dataRoot.resolve("log");
    try (StoppedLog log = StoppedLog.open(directory, Families.catalogue());
        ArchivedLog whole =
            ArchivedLog.open(
                List.of(dataRoot.resolve("archive")),
                Optional.of(directory),
                Families.catalogue())) {
      findings.set("log", new Findings(log).all());
      findings.set("withArchive", new Findings(whole).all());
    }
    return findings;
  }

  private static String archiving(DaemonProcess daemon) throws IOException {
    Path archive = Files.createDirectories(daemon.dataRoot().resolve("archive"));
    return "{\"log-retention-events\": 64, \"log-disk-reserve\": \"0\", \"log-archive\": \""
        + archive
        + "\"}";
  }

  private static void firstEpoch(DaemonProcess daemon) {
    daemon.docker(TinyImage.tar(), "import", "-", "tiny:1").succeeded();
    run(daemon, "first", List.of(), "/tiny", "first", "3");
  }

  /** Returns the name of a container to redact. */
  private static String lives(DaemonProcess daemon) {
    run(daemon, "web", List.of("-e", "SECRET=hunter2", "-l", "tier=front"), "/tiny", "hello", "0");
    run(daemon, "failed", List.of(), "/tiny", "no", "3");
    daemon
        .docker("create", "--network", "none", "--name", "never", "tiny:1", "/tiny", "never", "0")
        .succeeded();
    run(daemon, "flaky", List.of("--restart", "on-failure:2"), "/tiny", "again", "1");
    detached(daemon, "killed", List.of());
    daemon.docker("kill", "killed").succeeded();
    daemon.docker("wait", "killed").succeeded();
    daemon
        .docker(
            "run", "--rm", "--network", "none", "--name", "gone", "tiny:1", "/tiny", "gone", "0")
        .succeeded();
    detached(daemon, "steady", List.of("--restart", "always"));
    daemon.docker("restart", "-t", "0", "steady").succeeded();
    detached(daemon, "halted", List.of("--restart", "unless-stopped"));
    daemon.docker("stop", "-t", "0", "halted").succeeded();
    daemon.docker("tag", "tiny:1", "tiny:stable").succeeded();
    daemon
        .docker(TinyImage.tar(), "import", "--change", "CMD [\"/tiny\"]", "-", "spare:1")
        .succeeded();
    daemon.docker("rmi", "spare:1").succeeded();
    return "web";
  }

  /** Names come and go until there is enough to truncate. */
  private static void storm(DaemonProcess daemon) throws IOException {
    ApiClient api = daemon.api();
    for (int i = 0; i < STORM; i++) {
      check(api.send("POST", "/v1.44/images/tiny:1/tag?repo=storm&tag=t" + i, new byte[0]));
      check(api.send("DELETE", "/v1.44/images/storm:t" + i, new byte[0]));
    }
  }

  private static String late(DaemonProcess daemon) {
    run(daemon, "late", List.of("-e", "TOKEN=swordfish"), "/tiny", "late", "4");
    return "late";
  }

  /** What is in the write-ahead log alone when the daemon is killed. */
  private static void unfinished(DaemonProcess daemon) {
    run(daemon, "last", List.of(), "/tiny", "last", "2");
    detached(daemon, "plain", List.of());
  }

  private static void redact(DaemonProcess daemon, String name) throws IOException {
    String id = daemon.docker("inspect", "-f", "{{.Id}}", name).succeeded().out().strip();
    List<JsonNode> created =
        check(daemon.api().get("/taffrail/v1/events?limit=10&subject=default/containers/" + id))
            .lines();
    String sequence = Long.toString(Long.parseLong(created.get(0).path("sequence").asText()));
    daemon
        .taffrail(
            "redact",
            sequence,
            "--reason",
            "a secret in it",
            "--field",
            "/specification/environment")
        .succeeded();
  }

  private static ApiClient.Answer check(ApiClient.Answer answer) {
    if (answer.status() >= 300) {
      throw new AssertionError(answer.status() + ": " + answer.text());
    }
    return answer;
  }

  /** Runs a container to its end, and the restarts that its policy allows. */
  private static void run(
      DaemonProcess daemon, String name, List<String> options, String... command) {
    docker(daemon, name, options, command);
    String status = "";
    while (!status.equals("exited")) {
      daemon.docker("wait", name).succeeded();
      status = daemon.docker("inspect", "-f", "{{.State.Status}}", name).succeeded().out().strip();
    }
  }

  private static void detached(DaemonProcess daemon, String name, List<String> options) {
    docker(daemon, name, options, "/tiny");
  }

  private static void docker(
      DaemonProcess daemon, String name, List<String> options, String... command) {
    List<String> arguments =
        new ArrayList<>(List.of("run", "-d", "--network", "none", "--name", name));
    arguments.addAll(options);
    arguments.add("tiny:1");
    arguments.addAll(List.of(command));
    daemon.docker(arguments.toArray(new String[0])).succeeded();
  }
}
