package dev.taffrail.network.cni;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * CNI plugins that are shell scripts: they record what they are told, and answer what a test wants.
 */
final class FakePlugins {
  private static final String SCRIPT =
      """
      #!/bin/sh
      call=%1$s/calls/$(ls %1$s/calls | wc -l | xargs printf %%03d)
      mkdir $call
      printf '%%s %%s' %2$s "$CNI_COMMAND" > $call/name
      cat > $call/stdin
      env > $call/environment
      answer=%1$s/%2$s.$CNI_COMMAND
      [ ! -e $answer ] || . $answer
      """;

  private final Path directory;

  FakePlugins(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory.resolve("calls"));
      Files.createDirectories(programs());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path programs() {
    return directory.resolve("bin");
  }

  /** One that has these versions, prints nothing, and is content with everything. */
  FakePlugins add(String type, String... versions) {
    try {
      Path script = programs().resolve(type);
      Files.writeString(script, SCRIPT.formatted(directory, type));
      if (!script.toFile().setExecutable(true)) {
        throw new AssertionError("Cannot make " + script + " executable");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return prints(
        type, "VERSION", "{\"supportedVersions\": [\"" + String.join("\", \"", versions) + "\"]}");
  }

  /** What it prints from now on. */
  FakePlugins prints(String type, String command, String text) {
    return does(type, command, "cat <<'END'\n" + text + "\nEND");
  }

  /** What it does from now on, in shell. */
  FakePlugins does(String type, String command, String script) {
    try {
      Files.writeString(directory.resolve(type + "." + command), script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /**
   * A call of a plugin.
   *
   * @param name {@code bridge ADD}
   */
  record Call(String name, Map<String, String> environment, JsonNode stdin) {}

  /** All calls since the last time. */
  List<Call> calls() {
    Path calls = directory.resolve("calls");
    try (Stream<Path> all = Files.list(calls)) {
      List<Call> found = all.sorted().map(FakePlugins::read).toList();
      try (Stream<Path> files = Files.walk(calls)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          if (!file.equals(calls)) {
            Files.delete(file);
          }
        }
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Call read(Path call) {
    try {
      Map<String, String> environment =
          Files.readAllLines(call.resolve("environment")).stream()
              .map(line -> line.split("=", 2))
              .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
      return new Call(
          Files.readString(call.resolve("name")),
          environment,
          CniJson.MAPPER.readTree(Files.readAllBytes(call.resolve("stdin"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Their names alone. */
  List<String> names() {
    return calls().stream().map(Call::name).toList();
  }
}
