package dev.taffrail.shim.oci;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.task.SecuritySettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which capabilities a container gets; see capabilities(7) and linux/capability.h. */
final class Capabilities {
  private static final String PREFIX = "CAP_";
  private static final String ALL = "CAP_ALL";

  /** By their number in the kernel; newer ones have no name here and are not given. */
  private static final List<String> NAMES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_DAC_READ_SEARCH",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETPCAP",
          "CAP_LINUX_IMMUTABLE",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_BROADCAST",
          "CAP_NET_ADMIN",
          "CAP_NET_RAW",
          "CAP_IPC_LOCK",
          "CAP_IPC_OWNER",
          "CAP_SYS_MODULE",
          "CAP_SYS_RAWIO",
          "CAP_SYS_CHROOT",
          "CAP_SYS_PTRACE",
          "CAP_SYS_PACCT",
          "CAP_SYS_ADMIN",
          "CAP_SYS_BOOT",
          "CAP_SYS_NICE",
          "CAP_SYS_RESOURCE",
          "CAP_SYS_TIME",
          "CAP_SYS_TTY_CONFIG",
          "CAP_MKNOD",
          "CAP_LEASE",
          "CAP_AUDIT_WRITE",
          "CAP_AUDIT_CONTROL",
          "CAP_SETFCAP",
          "CAP_MAC_OVERRIDE",
          "CAP_MAC_ADMIN",
          "CAP_SYSLOG",
          "CAP_WAKE_ALARM",
          "CAP_BLOCK_SUSPEND",
          "CAP_AUDIT_READ",
          "CAP_PERFMON",
          "CAP_BPF",
          "CAP_CHECKPOINT_RESTORE");

  /** What Docker gives a container that asks for nothing. */
  private static final Set<String> DEFAULT =
      Set.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  private Capabilities() {}

  /** The names of the bits in {@code set}. */
  static List<String> names(long set) {
    List<String> names = new ArrayList<>();
    for (int number = 0; number < NAMES.size(); number++) {
      if ((set >>> number & 1) == 1) {
        names.add(NAMES.get(number));
      }
    }
    return names;
  }

  /**
   * As Docker resolves {@code --cap-add} and {@code --cap-drop}, cut to {@code bounding}; in kernel
   * order. INVALID_ARGUMENT for a name that is none.
   */
  static List<String> of(SecuritySettings security, List<String> bounding) {
    Set<String> added = normalized(security.capabilitiesAdded());
    Set<String> dropped = normalized(security.capabilitiesDropped());
    Set<String> wanted = new HashSet<>();
    if (security.privileged()) {
      wanted.addAll(NAMES);
    } else if (added.contains(ALL)) {
      wanted.addAll(NAMES);
      wanted.removeAll(dropped);
    } else {
      if (!dropped.contains(ALL)) {
        wanted.addAll(DEFAULT);
        wanted.removeAll(dropped);
      }
      wanted.addAll(added);
    }
    wanted.retainAll(bounding);
    return NAMES.stream().filter(wanted::contains).toList();
  }

  private static Set<String> normalized(List<String> given) {
    Set<String> names = new HashSet<>();
    for (String name : given) {
      String upper = name.toUpperCase(Locale.ROOT);
      String full = upper.startsWith(PREFIX) ? upper : PREFIX + upper;
      if (!full.equals(ALL) && !NAMES.contains(full)) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT, "invalid capability: \"" + name + "\" is not known");
      }
      names.add(full);
    }
    return names;
  }
}
