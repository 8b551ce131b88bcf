package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AT_FDCWD;
import static dev.taffrail.linux.Native.EINVAL;
import static dev.taffrail.linux.Native.FSCONFIG_CMD_CREATE;
import static dev.taffrail.linux.Native.FSCONFIG_SET_FD;
import static dev.taffrail.linux.Native.FSCONFIG_SET_FLAG;
import static dev.taffrail.linux.Native.FSCONFIG_SET_STRING;
import static dev.taffrail.linux.Native.FSMOUNT_CLOEXEC;
import static dev.taffrail.linux.Native.FSOPEN_CLOEXEC;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.O_CLOEXEC;
import static dev.taffrail.linux.Native.O_DIRECTORY;
import static dev.taffrail.linux.Native.O_RDONLY;
import static dev.taffrail.linux.Native.SYS_fsconfig;
import static dev.taffrail.linux.Native.SYS_fsmount;
import static dev.taffrail.linux.Native.SYS_fsopen;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Mount;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An overlay with more lower directories than a page of options holds: each is added by a call of
 * its own, {@code lowerdir+} (Linux 6.8). See the kernel's filesystems/overlayfs.rst.
 */
final class LayeredOverlay {
  /** fsconfig(2) takes strings of 255 bytes; longer paths go as descriptors (Linux 6.13). */
  private static final int MAX_STRING = 255;

  private static final int LOG_SIZE = 1024;

  /** Options that name a directory. */
  private static final Set<String> DIRECTORIES =
      Set.of("lowerdir+", "datadir+", "upperdir", "workdir");

  private final Arguments arguments;
  private final int context;
  private final String action;

  private LayeredOverlay(Arguments arguments, int context, String action) {
    this.arguments = arguments;
    this.context = context;
    this.action = action;
  }

  static void mount(Mount mount, MountOptions options, Path target, String action) {
    try (Arguments arguments = new Arguments()) {
      int context =
          Native.check(
              LIBC.syscall(SYS_fsopen, arguments.string("overlay"), FSOPEN_CLOEXEC, 0, 0), action);
      try {
        LayeredOverlay overlay = new LayeredOverlay(arguments, context, action);
        overlay.configure(mount, options);
        overlay.attach(options, target);
      } finally {
        LIBC.close(context);
      }
    }
  }

  private void configure(Mount mount, MountOptions options) {
    set("source", mount.source());
    if ((options.flags() & Native.MS_RDONLY) != 0) {
      flag("ro");
    }
    for (String option : options.data()) {
      int equals = option.indexOf('=');
      if (option.startsWith("lowerdir=")) {
        lower(option.substring(equals + 1));
      } else if (equals < 0) {
        flag(option);
      } else {
        set(option.substring(0, equals), unescape(option.substring(equals + 1)));
      }
    }
    configure(FSCONFIG_CMD_CREATE, 0, 0, 0, "");
  }

  private void attach(MountOptions options, Path target) {
    int mount =
        Native.check(
            LIBC.syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, options.attributes(), 0), action);
    try {
      NativeMounts.appear(arguments, mount, target, action);
    } finally {
      LIBC.close(mount);
    }
  }

  private void lower(String list) {
    String option = "lowerdir+";
    for (String directory : split(list)) {
      if (directory.isEmpty()) {
        // a::b: what follows holds data only.
        option = "datadir+";
      } else {
        set(option, directory);
      }
    }
  }

  private void flag(String name) {
    configure(FSCONFIG_SET_FLAG, arguments.string(name), 0, 0, name);
  }

  private void set(String name, String value) {
    long key = arguments.string(name);
    if (value.getBytes(StandardCharsets.UTF_8).length <= MAX_STRING
        || !DIRECTORIES.contains(name)) {
      configure(FSCONFIG_SET_STRING, key, arguments.string(value), 0, name);
      return;
    }
    int directory =
        Native.check(
            LIBC.openat(AT_FDCWD, arguments.string(value), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0),
            action);
    try {
      configure(FSCONFIG_SET_FD, key, 0, directory, name);
    } finally {
      LIBC.close(directory);
    }
  }

  private void configure(long command, long key, long value, long auxiliary, String name) {
    if (LIBC.syscall(SYS_fsconfig, context, command, key, value, auxiliary, 0) < 0) {
      int errno = Native.errno();
      String log = log();
      if (errno == EINVAL && name.endsWith("+") && log.contains("Unknown parameter")) {
        throw new RuntimeFailure(
            Kind.UNIMPLEMENTED,
            "Cannot "
                + action
                + ": its options are longer than a page, and this kernel does not"
                + " take directories one by one ("
                + name
                + ", Linux 6.8)");
      }
      String place = name.isEmpty() ? action : action + ", option " + name;
      throw Native.failure(errno, log.isEmpty() ? place : place + " (" + log + ")");
    }
  }

  /** What the kernel says about the last failure; empty when it says nothing. */
  private String log() {
    NativeBuffer buffer = arguments.allocate(LOG_SIZE);
    long size = LIBC.read(context, buffer.address, LOG_SIZE);
    return size <= 0 ? "" : KernelText.decode(buffer.bytes, 0, (int) size).strip();
  }

  /** At colons, unless a backslash precedes them. */
  static List<String> split(String list) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < list.length(); i++) {
      if (list.charAt(i) == '\\') {
        i++;
      } else if (list.charAt(i) == ':') {
        parts.add(unescape(list.substring(from, i)));
        from = i + 1;
      }
    }
    parts.add(unescape(list.substring(from)));
    return parts;
  }

  private static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\\' && i + 1 < text.length()) {
        i++;
      }
      plain.append(text.charAt(i));
    }
    return plain.toString();
  }
}
