package dev.taffrail.e2e.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.taffrail.testkit.daemon.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A data root as a daemon left it that was killed, packed, and what must be found in it.
 *
 * @param directory holds {@code data.tar.gz} and {@code expected.json}
 */
record Corpus(Path directory) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Where all of them are kept, in the sources: they are added there. */
  static Path home() {
    return Path.of("src/test/resources/corpus").toAbsolutePath();
  }

  /** Every corpus that there is, in the order of their names. */
  static List<Corpus> all() {
    try (Stream<Path> list = Files.list(home())) {
      return list.filter(Files::isDirectory).sorted().map(Corpus::new).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path data() {
    return directory.resolve("data.tar.gz");
  }

  private Path expectation() {
    return directory.resolve("expected.json");
  }

  /** Leaves a copy of the data root as {@code target/data}. */
  void unpack(Path target) {
    tar(
        "--xattrs",
        "--xattrs-include=*",
        "--numeric-owner",
        "-xpzf",
        data().toString(),
        "-C",
        target.toString());
  }

  /**
   * Packs {@code source/data}. AssertionError when there is such a corpus: they stay as they are.
   */
  void pack(Path source) {
    if (Files.exists(data())) {
      throw new AssertionError(
          "The corpus " + directory + " is there already; add one, by another name");
    }
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    tar(
        "--xattrs",
        "--xattrs-include=*",
        "--numeric-owner",
        "--exclude=data/log/ballast",
        // What RocksDB tells people about its work; the paths of this machine are in it.
        "--exclude=data/log/db/LOG*",
        "-czf",
        data().toString(),
        "-C",
        source.toString(),
        "data");
  }

  private static void tar(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "tar";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Commands.run(Map.of(), new byte[0], List.of(command)).succeeded();
  }

  JsonNode expected() {
    try {
      return JSON.readTree(expectation().toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As it would be read from a file: numbers have the types then that they are read with. */
  static JsonNode reread(JsonNode found) {
    try {
      return JSON.readTree(JSON.writeValueAsString(found));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void expect(JsonNode found) {
    try {
      Files.writeString(expectation(), JSON.writeValueAsString(found) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As JUnit shows it. */
  @Override
  public String toString() {
    return directory.getFileName().toString();
  }
}
