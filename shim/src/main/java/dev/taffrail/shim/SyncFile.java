package dev.taffrail.shim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the monitor says about the runtime's create, in a regular file where it expects a pipe: a
 * write to a file cannot fail because its reader died, and what it says outlives the daemon.
 */
final class SyncFile {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private SyncFile() {}

  /**
   * The first line.
   *
   * @param pid of the container's first process; negative when the runtime failed
   * @param message the runtime's stderr when it failed, perhaps empty
   */
  record Answer(int pid, String message) {
    boolean created() {
      return pid > 0;
    }
  }

  /** Empty while there is no complete line. */
  static Optional<Answer> read(Path file) {
    try {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      int end = text.indexOf('\n');
      if (end < 0) {
        return Optional.empty();
      }
      byte[] line = text.substring(0, end).getBytes(StandardCharsets.ISO_8859_1);
      JsonNode answer = JSON.readTree(line);
      return Optional.of(
          new Answer(answer.path("data").asInt(-1), answer.path("message").asText("")));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + file, failure);
    }
  }
}
