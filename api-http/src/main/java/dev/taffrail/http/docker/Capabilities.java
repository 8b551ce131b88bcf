package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Names of capabilities as clients write them; see capabilities(7). */
final class Capabilities {
  private static final Set<String> KNOWN =
      Set.of(
          "ALL",
          "AUDIT_CONTROL",
          "AUDIT_READ",
          "AUDIT_WRITE",
          "BLOCK_SUSPEND",
          "BPF",
          "CHECKPOINT_RESTORE",
          "CHOWN",
          "DAC_OVERRIDE",
          "DAC_READ_SEARCH",
          "FOWNER",
          "FSETID",
          "IPC_LOCK",
          "IPC_OWNER",
          "KILL",
          "LEASE",
          "LINUX_IMMUTABLE",
          "MAC_ADMIN",
          "MAC_OVERRIDE",
          "MKNOD",
          "NET_ADMIN",
          "NET_BIND_SERVICE",
          "NET_BROADCAST",
          "NET_RAW",
          "PERFMON",
          "SETFCAP",
          "SETGID",
          "SETPCAP",
          "SETUID",
          "SYSLOG",
          "SYS_ADMIN",
          "SYS_BOOT",
          "SYS_CHROOT",
          "SYS_MODULE",
          "SYS_NICE",
          "SYS_PACCT",
          "SYS_PTRACE",
          "SYS_RAWIO",
          "SYS_RESOURCE",
          "SYS_TIME",
          "SYS_TTY_CONFIG",
          "WAKE_ALARM");

  private Capabilities() {}

  /** Without {@code CAP_}, in upper case; INVALID_ARGUMENT names one that does not exist. */
  static List<String> normalise(List<String> names, String member) {
    return names.stream().map(name -> normalise(name, member)).distinct().toList();
  }

  private static String normalise(String name, String member) {
    String upper = name.toUpperCase(Locale.ROOT);
    String bare = upper.startsWith("CAP_") ? upper.substring("CAP_".length()) : upper;
    if (!KNOWN.contains(bare)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "invalid " + member + ": unknown capability: \"" + name + "\"");
    }
    return bare;
  }
}
