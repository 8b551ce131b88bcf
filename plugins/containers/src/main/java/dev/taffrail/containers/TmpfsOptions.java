package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.task.TaskSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Options of a tmpfs in a container: Docker's defaults, then what the client says; see tmpfs(5).
 */
final class TmpfsOptions {
  private static final List<String> DEFAULTS = List.of("noexec", "nosuid", "nodev", "rprivate");

  /** Option → what it contradicts; the later of two wins. */
  private static final Map<String, String> FLAGS =
      Map.ofEntries(
          Map.entry("ro", "write"),
          Map.entry("rw", "write"),
          Map.entry("exec", "exec"),
          Map.entry("noexec", "exec"),
          Map.entry("suid", "suid"),
          Map.entry("nosuid", "suid"),
          Map.entry("dev", "dev"),
          Map.entry("nodev", "dev"),
          Map.entry("sync", "sync"),
          Map.entry("async", "sync"),
          Map.entry("dirsync", "dirsync"),
          Map.entry("atime", "atime"),
          Map.entry("noatime", "atime"),
          Map.entry("diratime", "diratime"),
          Map.entry("nodiratime", "diratime"),
          Map.entry("relatime", "relatime"),
          Map.entry("norelatime", "relatime"),
          Map.entry("strictatime", "strictatime"),
          Map.entry("nostrictatime", "strictatime"),
          Map.entry("private", "propagation"),
          Map.entry("rprivate", "propagation"),
          Map.entry("shared", "propagation"),
          Map.entry("rshared", "propagation"),
          Map.entry("slave", "propagation"),
          Map.entry("rslave", "propagation"));

  private static final Set<String> VALUES =
      Set.of("size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol");

  private TmpfsOptions() {}

  /** INVALID_ARGUMENT names the options that tmpfs does not have. */
  static TaskSpec.BindMount mount(String target, List<String> wanted) {
    if (!target.startsWith("/")) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "invalid mount path: '" + target + "' mount path must be absolute");
    }
    return new TaskSpec.BindMount("tmpfs", "tmpfs", target, merge(wanted));
  }

  private static List<String> merge(List<String> wanted) {
    Map<String, String> merged = new LinkedHashMap<>();
    DEFAULTS.forEach(option -> merged.put(FLAGS.get(option), option));
    List<String> unknown = new ArrayList<>();
    for (String option : wanted) {
      int equals = option.indexOf('=');
      String name = equals < 0 ? option : option.substring(0, equals);
      if (equals < 0 ? FLAGS.containsKey(option) : VALUES.contains(name)) {
        merged.put(equals < 0 ? FLAGS.get(option) : name, option);
      } else {
        // As Go prints what it has split at the first equals sign.
        unknown.add("\"" + option.replaceFirst("=", "\" \"") + "\"");
      }
    }
    if (!unknown.isEmpty()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "invalid tmpfs option [" + String.join(" ", unknown) + "]");
    }
    return List.copyOf(merged.values());
  }
}
