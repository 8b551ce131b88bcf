package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.task.TaskSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A bind in Docker's short form, {@code /host:/container[:options]}. Options: {@code ro} or {@code
 * rw}, {@code z} or {@code Z}, one propagation, one consistency.
 *
 * @param source a host path
 */
record BindSpecification(String source, String target, List<String> options) {
  private static final List<Set<String>> OPTION_CLASSES =
      List.of(
          Set.of("rw", "ro"),
          Set.of("z", "Z"),
          Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave"),
          Set.of("nocopy"),
          Set.of("consistent", "cached", "delegated"));
  private static final Set<String> PROPAGATIONS = OPTION_CLASSES.get(2);

  /** INVALID_ARGUMENT in Docker's words; UNIMPLEMENTED for a volume. */
  static BindSpecification parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length > 3 || parts[0].isEmpty()) {
      throw invalid("invalid volume specification: '" + text + "'");
    }
    if (parts.length == 1) {
      throw unsupported("anonymous volumes are not supported yet: " + text);
    }
    if (parts.length == 2 && !parts[1].isEmpty() && areOptions(parts[1])) {
      throw invalid("invalid volume specification: '" + text + "'");
    }
    List<String> options = parts.length == 3 ? options(parts[2]) : List.of();
    if (!parts[0].startsWith("/")) {
      throw unsupported("named volumes are not supported yet: " + parts[0]);
    }
    return new BindSpecification(parts[0], target(text, parts[1]), options);
  }

  private static String target(String text, String target) {
    String reason = null;
    if (target.isEmpty()) {
      reason = "field Target must not be empty";
    } else if (!target.startsWith("/")) {
      reason = "invalid mount path: '" + target + "' mount path must be absolute";
    } else if (java.nio.file.Path.of(target).normalize().getNameCount() == 0) {
      reason = "invalid specification: destination can't be '/'";
    }
    if (reason != null) {
      throw invalid(
          "invalid volume specification: '"
              + text
              + "': invalid mount config for type \"bind\": "
              + reason);
    }
    return target;
  }

  private static List<String> options(String text) {
    if (!text.isEmpty() && !areOptions(text)) {
      throw invalid("invalid mode: " + text);
    }
    return text.isEmpty() ? List.of() : List.of(text.split(","));
  }

  // Each class of options at most once.
  private static boolean areOptions(String text) {
    Set<Set<String>> seen = new HashSet<>();
    for (String option : text.split(",", -1)) {
      if (OPTION_CLASSES.stream().noneMatch(known -> known.contains(option) && seen.add(known))) {
        return false;
      }
    }
    return true;
  }

  /** As the OCI configuration wants it; labels and consistency mean nothing here. */
  TaskSpec.BindMount mount() {
    List<String> flags = new ArrayList<>();
    flags.add("rbind");
    flags.add(options.stream().filter(PROPAGATIONS::contains).findFirst().orElse("rprivate"));
    flags.add(options.contains("ro") ? "ro" : "rw");
    return new TaskSpec.BindMount("bind", source, target, flags);
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }

  private static RuntimeFailure unsupported(String message) {
    return new RuntimeFailure(Kind.UNIMPLEMENTED, message);
  }
}
