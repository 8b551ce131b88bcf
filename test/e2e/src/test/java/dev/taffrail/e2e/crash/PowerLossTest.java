package dev.taffrail.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.testkit.daemon.ApiClient;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** When the power goes, no durable event names data that is not there, and no answer was a lie. */
class PowerLossTest {
  private static final int LONGEST_MILLIS = 1500;
  private static final int LONG_CUTS = 40;

  @Test
  void theDiskLosesWhatWasNotSynced() throws Exception {
    Path directory = Files.createTempDirectory("taffrail-power");
    LossyDisk disk = LossyDisk.on(directory.resolve("disk"), directory.resolve("image"));
    try {
      Path synced = Files.writeString(directory.resolve("disk/synced"), "here");
      Commands.run(Map.of(), new byte[0], List.of("sync", synced.toString())).succeeded();
      Path unsynced = Files.writeString(directory.resolve("disk/unsynced"), "gone");
      disk.cut();
      disk.comeBack();
      assertThat(synced).hasContent("here");
      assertThat(unsynced).doesNotExist();
    } finally {
      disk.unmount();
      Commands.run(Map.of(), new byte[0], List.of("rm", "-rf", directory.toString()));
    }
  }

  @Test
  void threeCuts() throws Exception {
    cutRepeatedly(3);
  }

  @Test
  @Tag("long")
  void fortyCuts() throws Exception {
    cutRepeatedly(LONG_CUTS);
  }

  private static void cutRepeatedly(int cuts) throws Exception {
    long seed = Long.getLong("taffrail.seed", System.nanoTime());
    Random random = new Random(seed);
    Path directory = Files.createTempDirectory("taffrail-power");
    LossyDisk disk = LossyDisk.on(directory.resolve("data"), directory.resolve("image"));
    try (DaemonProcess daemon = DaemonProcess.start(directory, Map.of(), disk::unmount)) {
      Answers answers = new Answers(daemon.api());
      for (int cut = 0; cut < cuts; cut++) {
        int millis = 100 + random.nextInt(LONGEST_MILLIS);
        String context = "seed " + seed + ", cut " + cut + " after " + millis + " ms";
        Thread client = new Thread(answers, "power-loss-client");
        answers.begin();
        client.start();
        // Without an answer before it, a cut shows nothing.
        assertThat(answers.awaitRound()).as("%s: %s", context, answers.ending()).isTrue();
        client.join(millis);
        disk.cut();
        daemon.kill();
        client.join(TimeUnit.MINUTES.toMillis(1));
        assertThat(client.isAlive()).as("the client hangs").isFalse();
        Reboot.of(daemon, answers.containers());
        disk.comeBack();
        daemon.restart();
        try {
          check(daemon, answers);
        } catch (AssertionError e) {
          throw new AssertionError(context + ": " + e.getMessage() + "\n" + daemon.logText(), e);
        }
      }
      System.out.println("Seed " + seed + ", " + cuts + " cuts; acknowledged: " + answers);
    }
  }

  private static void check(DaemonProcess daemon, Answers answers) throws Exception {
    Inspection inspection = new Inspection(daemon, Invariant.NOTHING_LEFT);
    inspection.settle();
    inspection.verify();
    answers.check(inspection.log().events());
    Aftermath after = Aftermath.of(daemon, inspection.log());
    for (String digest : after.rows("blobs").keySet()) {
      Path file =
          daemon.dataRoot().resolve("content.local/blobs").resolve(digest.replace(':', '/'));
      assertThat("sha256:" + sha256(file)).as("digest of a named blob").isEqualTo(digest);
    }
    for (JsonNode snapshot : after.rows("snapshots").values()) {
      if (snapshot.path("kind").asText().equals("committed")) {
        whole(
            daemon
                .dataRoot()
                .resolve("snapshot.overlay/snapshots")
                .resolve(snapshot.path("directory").asText())
                .resolve("fs"));
      }
    }
  }

  private static String sha256(Path file) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The layer is that of the archive: every applet, and the program whole. */
  private static void whole(Path root) throws Exception {
    Path expected = Files.createTempDirectory("taffrail-layer");
    try {
      BusyboxImage.fill(expected);
      try (Stream<Path> files = Files.walk(expected)) {
        for (Path file : files.toList()) {
          Path found = root.resolve(expected.relativize(file).toString());
          if (Files.isSymbolicLink(file)) {
            assertThat(Files.readSymbolicLink(found)).isEqualTo(Files.readSymbolicLink(file));
          } else if (Files.isRegularFile(file)) {
            assertThat(sha256(found)).as(found.toString()).isEqualTo(sha256(file));
          } else {
            assertThat(found).isDirectory();
          }
        }
      }
    } finally {
      Commands.run(Map.of(), new byte[0], List.of("rm", "-rf", expected.toString()));
    }
  }

  /** A client, and what it was told: run again and again on one thread, to the power's loss. */
  private static final class Answers implements Runnable {
    private static final byte[] NOTHING = new byte[0];
    private final ApiClient api;
    private final byte[] archive = BusyboxImage.tar();
    private final Map<String, Integer> exits = new TreeMap<>();
    private final Set<String> containers = new TreeSet<>();
    private final Set<String> removed = new TreeSet<>();
    private final Set<String> images = new TreeSet<>();
    private final Set<String> untagged = new TreeSet<>();
    private final Semaphore rounds = new Semaphore(0);
    private volatile IOException ending;
    private int number;

    Answers(ApiClient api) {
      this.api = api;
    }

    Set<String> containers() {
      return containers;
    }

    /** Before a run. */
    void begin() {
      rounds.drainPermits();
      ending = null;
    }

    /** Whether a round of this run has been answered from its first request to its last. */
    boolean awaitRound() throws InterruptedException {
      return rounds.tryAcquire(1, TimeUnit.MINUTES);
    }

    /** What ended the last run; null while it goes on. */
    IOException ending() {
      return ending;
    }

    @Override
    public void run() {
      try {
        while (true) {
          round(++number);
          rounds.release();
        }
      } catch (IOException cut) {
        // The power is gone.
        ending = cut;
      }
    }

    private void round(int round) throws IOException {
      String image = "image-" + round;
      String imported = "/images/create?fromSrc=-&repo=" + image;
      must(api.send("POST", imported, archive), 200);
      images.add(image);
      int code = round % 100;
      String body =
          "{\"Image\":\""
              + image
              + "\",\"Cmd\":[\"sh\",\"-c\",\"exit "
              + code
              + "\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}";
      ApiClient.Answer created =
          must(
              api.send(
                  "POST",
                  "/containers/create?name=box-" + round,
                  body.getBytes(StandardCharsets.UTF_8)),
              201);
      String id = created.json().path("Id").asText();
      containers.add(id);
      must(api.send("POST", "/containers/" + id + "/start", NOTHING), 204);
      must(api.send("POST", "/containers/" + id + "/wait", NOTHING), 200);
      exits.put(id, code);
      if (round % 2 == 0) {
        must(api.send("DELETE", "/containers/" + id, NOTHING), 204);
        removed.add(id);
        must(api.send("DELETE", "/images/" + image, NOTHING), 200);
        untagged.add(image);
      }
    }

    // A refusal is no answer to rely on; what comes of a disk that is gone already ends the round.
    private static ApiClient.Answer must(ApiClient.Answer answer, int status) throws IOException {
      if (answer.status() != status) {
        throw new IOException("Answered " + answer.status() + ": " + answer.text());
      }
      return answer;
    }

    /** Whatever was answered is in the log. */
    void check(List<JsonNode> events) {
      Set<String> log = new TreeSet<>();
      for (JsonNode event : events) {
        String subject = event.path("subject").asText();
        String what = LogBook.typeOf(event) + " " + subject.substring(subject.lastIndexOf('/') + 1);
        JsonNode data = event.path("data");
        switch (LogBook.typeOf(event)) {
          case "container.exited" -> what += " " + data.path("exit").path("code").asText();
          case "image.tagged", "image.untagged" ->
              what = LogBook.typeOf(event) + " " + data.path("reference").asText();
          default -> {}
        }
        log.add(what);
      }
      images.forEach(
          image -> assertThat(log).contains("image.tagged docker.io/library/" + image + ":latest"));
      untagged.forEach(
          image ->
              assertThat(log).contains("image.untagged docker.io/library/" + image + ":latest"));
      containers.forEach(id -> assertThat(log).contains("container.created " + id));
      exits.forEach((id, code) -> assertThat(log).contains("container.exited " + id + " " + code));
      removed.forEach(id -> assertThat(log).contains("container.removed " + id));
    }

    @Override
    public String toString() {
      return images.size()
          + " imports, "
          + containers.size()
          + " creates, "
          + exits.size()
          + " exits, "
          + removed.size()
          + " removals, "
          + untagged.size()
          + " images removed";
    }
  }
}
