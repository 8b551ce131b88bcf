package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.host.Families;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same log yields the same state in every time zone, locale, charset and JVM, and so does the
 * same course of events when it is written there. The order of hash maps differs from process to
 * process by itself: {@code Map.of} has a salt, and identity hashes are made equal for one of them.
 */
class DeterminismTest {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  private static final Map<String, List<String>> PLACES = new LinkedHashMap<>();

  static {
    place("Turkey", "-Duser.language=tr", "-Duser.country=TR", "-Dfile.encoding=ISO-8859-9");
    place(
        "Egypt, with its digits",
        "-Duser.language=ar",
        "-Duser.country=EG",
        "-Duser.extensions=u-nu-arab",
        "-Duser.timezone=Africa/Cairo");
    place(
        "Thailand, with its calendar",
        "-Duser.language=th",
        "-Duser.country=TH",
        "-Duser.extensions=u-ca-buddhist-nu-thai",
        "-Duser.timezone=Asia/Bangkok",
        "-Dfile.encoding=UTF-16BE");
    place(
        "the date line",
        "-Duser.timezone=Pacific/Kiritimati",
        "-Dfile.encoding=US-ASCII",
        "-XX:+UnlockExperimentalVMOptions",
        "-XX:hashCode=2");
    place("Newfoundland", "-XX:+UseParallelGC", "-Duser.timezone=America/St_Johns");
  }

  @TempDir Path directory;

  private static void place(String name, String... options) {
    PLACES.put(name, Arrays.asList(options));
  }

  @Test
  void aReplayYieldsTheSameStateEverywhere() throws Exception {
    Path log = directory.resolve("log");
    Elsewhere.write(log);
    String here = LogReplay.inMemory(log, Families.catalogue()).stateHash();
    for (Map.Entry<String, List<String>> place : PLACES.entrySet()) {
      assertThat(run(JAVA, place.getValue(), "replay", log)).as(place.getKey()).isEqualTo(here);
    }
    for (Path java : otherJvms()) {
      assertThat(run(java, List.of(), "replay", log)).as(java.toString()).isEqualTo(here);
    }
  }

  @Test
  void theSameEventsYieldTheSameStateWhereverTheyAreWritten() throws Exception {
    Path log = directory.resolve("log");
    Elsewhere.write(log);
    String here = LogReplay.inMemory(log, Families.catalogue()).stateHash();
    for (Map.Entry<String, List<String>> place : PLACES.entrySet()) {
      Path there = directory.resolve(place.getKey());
      assertThat(run(JAVA, place.getValue(), "write", there)).as(place.getKey()).isEqualTo(here);
    }
  }

  /** JDKs beside the one of this process. */
  private static List<Path> otherJvms() throws IOException {
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.notExists(installed)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    Path own = JAVA.toRealPath();
    try (Stream<Path> homes = Files.list(installed)) {
      for (Path home : homes.sorted().toList()) {
        Path java = home.resolve("bin/java");
        if (Files.isExecutable(java) && !java.toRealPath().equals(own)) {
          found.add(java.toRealPath());
        }
      }
    }
    return found.stream().distinct().toList();
  }

  /** What the other process prints; no problem of the verification among it. */
  private static String run(Path java, List<String> options, String what, Path log)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(options);
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(Elsewhere.class.getName(), what, log.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String printed =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1).strip();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return printed.replace("\0", "");
  }
}
