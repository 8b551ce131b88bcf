package dev.taffrail.linux;

import dev.taffrail.core.linux.MountPoint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Reads {@code mountinfo}; see proc_pid_mountinfo(5). */
final class MountTable {
  private MountTable() {}

  /**
   * The mount points at or below {@code directory}, which has no links in it, in the order in which
   * they can be unmounted.
   *
   * @param table the file, each byte one character (ISO 8859-1)
   */
  static List<MountPoint> below(String table, String directory) {
    List<MountPoint> found = new ArrayList<>();
    table.lines().forEach(line -> parse(line, directory).ifPresent(found::add));
    // Of two mounts on one target the later line is on top; the sort is stable.
    Collections.reverse(found);
    found.sort(
        Comparator.comparingInt((MountPoint point) -> point.target().getNameCount()).reversed());
    return List.copyOf(found);
  }

  /**
   * {@code 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue}: the
   * fields before the hyphen are as many as the mount has peers.
   */
  private static Optional<MountPoint> parse(String line, String directory) {
    String[] fields = line.split(" ", -1);
    int hyphen = 6;
    while (hyphen < fields.length && !fields[hyphen].equals("-")) {
      hyphen++;
    }
    if (hyphen + 2 >= fields.length) {
      return Optional.empty();
    }
    String target = unescape(fields[4]);
    if (!isBelow(target, directory)) {
      return Optional.empty();
    }
    String superOptions = hyphen + 3 < fields.length ? "," + unescape(fields[hyphen + 3]) : "";
    return Optional.of(
        new MountPoint(
            Path.of(target),
            unescape(fields[hyphen + 1]),
            unescape(fields[hyphen + 2]),
            unescape(fields[5]) + superOptions));
  }

  private static boolean isBelow(String target, String directory) {
    return directory.equals("/")
        || target.equals(directory)
        || (target.startsWith(directory) && target.charAt(directory.length()) == '/');
  }

  /** Space, tab, line feed and backslash are written as three octal digits. */
  static String unescape(String field) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(field.length());
    for (int i = 0; i < field.length(); i++) {
      char unit = field.charAt(i);
      if (unit == '\\' && i + 3 < field.length() && isOctal(field, i + 1)) {
        bytes.write(Integer.parseInt(field, i + 1, i + 4, 8));
        i += 3;
      } else {
        bytes.write(unit);
      }
    }
    return KernelText.decode(bytes.toByteArray());
  }

  private static boolean isOctal(String field, int from) {
    for (int i = from; i < from + 3; i++) {
      if (field.charAt(i) < '0' || field.charAt(i) > '7') {
        return false;
      }
    }
    return true;
  }

  /** The table of the calling thread's mount namespace. */
  static String read() {
    return new String(
        ProcFile.read("/proc/thread-self/mountinfo", "read the mount table"),
        StandardCharsets.ISO_8859_1);
  }
}
