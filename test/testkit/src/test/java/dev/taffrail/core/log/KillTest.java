package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.testkit.log.Harbour;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No acknowledged event is lost when the writer's process is killed, and state equals replay. */
class KillTest {
  @TempDir Path directory;

  @Test
  void tenKills() throws Exception {
    killRepeatedly(10);
  }

  @Test
  @Tag("long")
  void twoHundredKills() throws Exception {
    killRepeatedly(200);
  }

  @Test
  void sixKillsOfAWriterThatArchives() throws Exception {
    killWhileArchiving(6);
  }

  @Test
  @Tag("long")
  void aHundredKillsOfAWriterThatArchives() throws Exception {
    killWhileArchiving(100);
  }

  /** Every event is in the archive or in the log, and together they verify from the first on. */
  private void killWhileArchiving(int kills) throws Exception {
    long seed = Long.getLong("taffrail.seed", System.nanoTime());
    Random random = new Random(seed);
    Path log = directory.resolve("log");
    Path archive = Files.createDirectory(directory.resolve("archive"));
    Cursor acknowledged = Cursor.START;
    for (int kill = 0; kill < kills; kill++) {
      boolean whileArchiving = kill % 2 == 1;
      Cursor last =
          killWhen(
              KilledWriter.startArchiving(log, random.nextLong(), archive),
              random.nextInt(1, 4000),
              () -> whileArchiving && isWriting(archive));
      acknowledged = last.compareTo(acknowledged) > 0 ? last : acknowledged;
      String context = "seed " + seed + ", kill " + kill;
      if (!isEmpty(archive)) {
        try (ArchivedLog all =
            ArchivedLog.open(List.of(archive), Optional.of(log), Harbour.CATALOGUE)) {
          VerifyReport report = all.verify().join();
          assertThat(report.problems()).as(context).isEmpty();
          assertThat(report.head()).as(context).isGreaterThanOrEqualTo(acknowledged);
          assertThat(report.events()).as(context).isEqualTo(report.head().sequence());
        }
      }
    }
    assertThat(archive).as("seed %s", seed).isNotEmptyDirectory();
  }

  private static boolean isWriting(Path archive) {
    return hasFile(archive, ".part");
  }

  private static boolean isEmpty(Path archive) {
    return !hasFile(archive, ".segment");
  }

  private static boolean hasFile(Path archive, String suffix) {
    String[] names = archive.toFile().list((directory, name) -> name.endsWith(suffix));
    return names != null && names.length > 0;
  }

  private void killRepeatedly(int kills) throws Exception {
    long seed = Long.getLong("taffrail.seed", System.nanoTime());
    Random random = new Random(seed);
    Cursor acknowledged = Cursor.START;
    for (int kill = 0; kill < kills; kill++) {
      Cursor last = runAndKill(random);
      acknowledged = last.compareTo(acknowledged) > 0 ? last : acknowledged;
      VerifyReport report = reopenAndVerify();
      String context = "seed " + seed + ", kill " + kill;
      assertThat(report.problems()).as(context).isEmpty();
      assertThat(report.head()).as(context).isGreaterThanOrEqualTo(acknowledged);
      assertThat(report.head().epoch()).as(context).isEqualTo(1);
      assertThat(report.events()).as(context).isEqualTo(report.head().sequence());
    }
  }

  private VerifyReport reopenAndVerify() {
    try (Harbour harbour = Harbour.open(directory)) {
      return harbour.verify();
    }
  }

  private Cursor runAndKill(Random random) throws IOException, InterruptedException {
    return killWhen(
        KilledWriter.start(directory, random.nextLong()), random.nextInt(1, 200), () -> false);
  }

  /** Kills it after so many answers, or earlier; returns the last one. */
  private static Cursor killWhen(Process process, int before, BooleanSupplier earlier)
      throws IOException, InterruptedException {
    Cursor last = Cursor.START;
    try (BufferedReader answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = answers.readLine();
      for (int i = 0; i < before && line != null && !earlier.getAsBoolean(); i++) {
        last = Cursor.parse(line);
        line = answers.readLine();
      }
      // Through the handle, which leaves the pipe open for what it had printed.
      process.toHandle().destroyForcibly();
      // What it had printed before it died was acknowledged as well; the last line may be torn.
      while (line != null) {
        String next = answers.readLine();
        if (next != null) {
          last = Cursor.parse(line);
        }
        line = next;
      }
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    return last;
  }
}
