package dev.taffrail.http.cli;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs a program on a moment, as {@code git bisect run} does on a commit. */
final class Trial {
  private static final int SKIP = 125;
  private static final int ABORT = 128;

  private final String program;
  private final Map<String, String> environment;
  private final boolean outputToErr;

  /**
   * A trial by a shell command.
   *
   * @param environment what the program needs to ask for more
   * @param outputToErr leave standard output alone
   */
  Trial(String program, Map<String, String> environment, boolean outputToErr) {
    this.program = program;
    this.environment = environment;
    this.outputToErr = outputToErr;
  }

  /** ABORTED when the program ends with 128 or more, as it does when a signal ends it. */
  Bisection.Verdict of(String cursor, byte[] moment) {
    try {
      Path file = Files.createTempFile("taffrail-bisect", ".json");
      try {
        Files.write(file, moment);
        return verdict(run(cursor, file), cursor);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Opened by its name, standard error would be emptied if it is a file, and is none if a socket.
  private List<String> command() {
    return outputToErr
        ? List.of("sh", "-c", "exec sh -c \"$0\" >&2", program)
        : List.of("sh", "-c", program);
  }

  private int run(String cursor, Path file) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command())
            .redirectInput(file.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    builder.environment().put("TAFFRAIL_CURSOR", cursor);
    builder.environment().put("TAFFRAIL_MOMENT", file.toString());
    Process process = builder.start();
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(Kind.CANCELLED, "Interrupted", e);
    }
  }

  private Bisection.Verdict verdict(int code, String cursor) {
    if (code >= ABORT) {
      throw new RuntimeFailure(
          Kind.ABORTED, "The program ended with " + code + " at " + cursor + ": given up");
    }
    if (code == SKIP) {
      return Bisection.Verdict.SKIP;
    }
    return code == 0 ? Bisection.Verdict.GOOD : Bisection.Verdict.BAD;
  }
}
