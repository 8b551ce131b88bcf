package dev.taffrail.shim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An OCI runtime's complaint, from its log (JSON lines) or its stderr, put the way Docker's users
 * know it.
 */
final class RuntimeWords {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final Pattern CRUN_NOT_FOUND =
      Pattern.compile("executable file `(.*)` not found in \\$PATH.*", Pattern.DOTALL);
  private static final Pattern CRUN_NOT_EXECUTABLE =
      Pattern.compile("open executable: (Permission denied|Operation not permitted)");
  private static final String HYBRID = "cgroups in hybrid mode not supported";
  private static final String HYBRID_HINT =
      " (crun needs every controller on cgroup v1: mkdir -p /sys/fs/cgroup/hugetlb && mount -t"
          + " cgroup -o hugetlb cgroup /sys/fs/cgroup/hugetlb)";

  private RuntimeWords() {}

  /** The last error in the runtime's log, or {@code otherwise} when it has none. */
  static String of(Path log, String otherwise) {
    String found = otherwise.strip();
    try {
      for (String line : Excerpt.of(log).split("\n", -1)) {
        found = error(line, found);
      }
    } catch (IOException unreadable) {
      return found;
    }
    return found;
  }

  private static String error(String line, String otherwise) {
    if (line.isBlank()) {
      return otherwise;
    }
    try {
      JsonNode entry = JSON.readTree(line);
      String level = entry.path("level").asText();
      boolean isError = level.equals("error") || level.equals("fatal");
      return isError ? entry.path("msg").asText(otherwise).strip() : otherwise;
    } catch (JsonProcessingException torn) {
      return otherwise;
    }
  }

  /** crun's words for what keeps a program from being executed become runc's; the rest stays. */
  static String explain(String words, String program) {
    Matcher notFound = CRUN_NOT_FOUND.matcher(words);
    if (notFound.matches()) {
      String name = notFound.group(1);
      return name.contains("/")
          ? exec(name, "stat " + name + ": no such file or directory")
          : exec(name, "executable file not found in $PATH");
    }
    if (CRUN_NOT_EXECUTABLE.matcher(words).matches()) {
      return exec(program, "permission denied");
    }
    return words.contains(HYBRID) ? words + HYBRID_HINT : words;
  }

  /** The failure of create with Docker's words around the runtime's. */
  static RuntimeFailure createFailed(OciRuntime runtime, String words, String program) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "failed to create task for container: failed to create shim task: OCI runtime create"
            + " failed: "
            + prefixed(runtime, "create", explain(Excerpt.of(words), program))
            + ": unknown");
  }

  /** The failure of start with Docker's words around the runtime's. */
  static RuntimeFailure startFailed(OciRuntime runtime, String words, String program) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "failed to start task for container: OCI runtime start failed: "
            + prefixed(runtime, "start", explain(words, program))
            + ": unknown");
  }

  private static String prefixed(OciRuntime runtime, String command, String words) {
    String prefix = runtime.name() + " " + command + " failed: ";
    return words.startsWith(prefix) ? words : prefix + words;
  }

  private static String exec(String program, String reason) {
    return "unable to start container process: exec: \"" + program + "\": " + reason;
  }
}
