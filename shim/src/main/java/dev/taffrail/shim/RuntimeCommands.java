package dev.taffrail.shim;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.linux.SpawnRequest;
import dev.taffrail.core.linux.SpawnRequest.Access;
import dev.taffrail.core.linux.SpawnRequest.Redirect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls an OCI runtime: {@code start} and {@code delete}. Methods block. */
final class RuntimeCommands {
  static final Map<String, String> ENVIRONMENT =
      Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

  private final Processes processes;
  private final RuntimePrograms programs;
  private final Path root;
  private final TaskTimeouts timeouts;

  /**
   * A runtime's commands.
   *
   * @param root where the runtime keeps its own state, on tmpfs
   */
  RuntimeCommands(Processes processes, RuntimePrograms programs, Path root, TaskTimeouts timeouts) {
    this.processes = processes;
    this.programs = programs;
    this.root = root;
    this.timeouts = timeouts;
  }

  /** Options before any command of the runtime. */
  static List<String> options(Path root, Path log) {
    return List.of("--root=" + root, "--log=" + log, "--log-format=json");
  }

  Path root() {
    return root;
  }

  /**
   * Whether the runtime still holds the first process back: crun and runc keep a fifo until start.
   */
  boolean awaitsStart(String id) {
    return Files.exists(root.resolve(id).resolve("exec.fifo"));
  }

  /** Lets the first process go; the runtime's words when it refuses. */
  Optional<String> start(Bundle bundle, OciRuntime runtime) {
    return run(bundle, runtime, timeouts.start().toMillis(), "start", bundle.id());
  }

  /** Removes what the runtime knows and every process of the container; the words otherwise. */
  Optional<String> delete(Bundle bundle, OciRuntime runtime) {
    return run(bundle, runtime, timeouts.delete().toMillis(), "delete", "-f", bundle.id());
  }

  private Optional<String> run(
      Bundle bundle, OciRuntime runtime, long timeoutMillis, String... command) {
    SpawnRequest request =
        new SpawnRequest(
            programs.executable(runtime).command(options(root, bundle.runtimeLog()), command),
            ENVIRONMENT,
            bundle.directory(),
            Map.of(2, new Redirect(bundle.runtimeErrors(), Access.TRUNCATE)),
            true);
    try (ProcessRef process = processes.spawn(request)) {
      int status = await(process, runtime.path() + " " + command[0], timeoutMillis);
      return status == 0 ? Optional.empty() : Optional.of(words(bundle, status));
    }
  }

  private static String words(Bundle bundle, int status) {
    String errors = "";
    try {
      errors = Excerpt.of(bundle.runtimeErrors());
    } catch (IOException absent) {
      // The status is all there is to tell.
    }
    String words = errors.isBlank() ? RuntimeWords.of(bundle.runtimeLog(), "") : errors.strip();
    return words.isEmpty() ? "exit status " + status : words;
  }

  /** The status; kills the process and throws DEADLINE_EXCEEDED when it does not end in time. */
  static int await(ProcessRef process, String what, long timeoutMillis) {
    try {
      return process.exit().get(timeoutMillis, TimeUnit.MILLISECONDS).orElse(255);
    } catch (TimeoutException late) {
      Signals.send(process, Signals.SIGKILL);
      throw new RuntimeFailure(
          Kind.DEADLINE_EXCEEDED, what + " did not end within " + timeoutMillis + " ms", late);
    } catch (ExecutionException failure) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot wait for " + what, failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(Kind.CANCELLED, "Interrupted while waiting for " + what);
    }
  }
}
