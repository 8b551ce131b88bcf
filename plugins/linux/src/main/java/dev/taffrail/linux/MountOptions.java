package dev.taffrail.linux;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Options in the words of mount(8), sorted into what mount(2) takes apart.
 *
 * @param flags MS_* of the mount itself
 * @param attributes the same as MOUNT_ATTR_*, as far as they are properties of a mount point
 * @param clearedAttributes what was asked to be off ({@code rw}, {@code suid})
 * @param propagation MS_PRIVATE and its like, with MS_REC; 0 when not given
 * @param data for the file system
 */
record MountOptions(
    long flags, int attributes, int clearedAttributes, long propagation, List<String> data) {
  /** One word: what it sets and clears. */
  private record Word(long flag, int attribute, boolean on) {}

  private static final Map<String, Word> WORDS = new HashMap<>();
  private static final Map<String, Long> PROPAGATIONS =
      Map.of(
          "private",
          Native.MS_PRIVATE,
          "rprivate",
          Native.MS_PRIVATE | Native.MS_REC,
          "slave",
          Native.MS_SLAVE,
          "rslave",
          Native.MS_SLAVE | Native.MS_REC,
          "shared",
          Native.MS_SHARED,
          "rshared",
          Native.MS_SHARED | Native.MS_REC,
          "unbindable",
          Native.MS_UNBINDABLE,
          "runbindable",
          Native.MS_UNBINDABLE | Native.MS_REC);

  /** Words of the OCI runtime specification that ask for something else than a mount flag. */
  private static final Set<String> REFUSED =
      Set.of(
          "rro",
          "rrw",
          "rnosuid",
          "rsuid",
          "rnodev",
          "rdev",
          "rnoexec",
          "rexec",
          "rnodiratime",
          "rdiratime",
          "rrelatime",
          "rnorelatime",
          "rnoatime",
          "ratime",
          "rstrictatime",
          "rnostrictatime",
          "rnosymfollow",
          "rsymfollow",
          "tmpcopyup",
          "idmap",
          "ridmap");

  static {
    word("ro", "rw", Native.MS_RDONLY, Native.MOUNT_ATTR_RDONLY);
    word("nosuid", "suid", Native.MS_NOSUID, Native.MOUNT_ATTR_NOSUID);
    word("nodev", "dev", Native.MS_NODEV, Native.MOUNT_ATTR_NODEV);
    word("noexec", "exec", Native.MS_NOEXEC, Native.MOUNT_ATTR_NOEXEC);
    word("noatime", "atime", Native.MS_NOATIME, Native.MOUNT_ATTR_NOATIME);
    word("nodiratime", "diratime", Native.MS_NODIRATIME, Native.MOUNT_ATTR_NODIRATIME);
    word("strictatime", "nostrictatime", Native.MS_STRICTATIME, Native.MOUNT_ATTR_STRICTATIME);
    word("relatime", "norelatime", Native.MS_RELATIME, 0);
    word("nosymfollow", "symfollow", Native.MS_NOSYMFOLLOW, Native.MOUNT_ATTR_NOSYMFOLLOW);
    word("sync", "async", Native.MS_SYNCHRONOUS, 0);
    word("dirsync", "nodirsync", Native.MS_DIRSYNC, 0);
    word("lazytime", "nolazytime", Native.MS_LAZYTIME, 0);
    word("remount", "noremount", Native.MS_REMOUNT, 0);
    word("bind", "nobind", Native.MS_BIND, 0);
    word("rbind", "norbind", Native.MS_BIND | Native.MS_REC, 0);
  }

  MountOptions {
    data = List.copyOf(data);
  }

  private static void word(String on, String off, long flag, int attribute) {
    WORDS.put(on, new Word(flag, attribute, true));
    WORDS.put(off, new Word(flag, attribute, false));
  }

  /** Later words win over earlier ones; UNIMPLEMENTED for words that are known and not done. */
  static MountOptions parse(List<String> options) {
    long flags = 0;
    int attributes = 0;
    int cleared = 0;
    long propagation = 0;
    List<String> data = new ArrayList<>();
    for (String option : options) {
      Word word = WORDS.get(option);
      if (word != null) {
        flags = word.on() ? flags | word.flag() : flags & ~word.flag();
        attributes = word.on() ? attributes | word.attribute() : attributes & ~word.attribute();
        cleared = word.on() ? cleared & ~word.attribute() : cleared | word.attribute();
      } else if (PROPAGATIONS.containsKey(option)) {
        propagation = PROPAGATIONS.get(option);
      } else if (REFUSED.contains(option)) {
        throw new RuntimeFailure(
            Kind.UNIMPLEMENTED, "The mount option " + option + " is not supported");
      } else if (!option.isEmpty() && !option.equals("defaults")) {
        data.add(option);
      }
    }
    return new MountOptions(flags, attributes, cleared, propagation, data);
  }

  boolean isBind() {
    return (flags & Native.MS_BIND) != 0;
  }

  boolean isRemount() {
    return (flags & Native.MS_REMOUNT) != 0;
  }

  boolean isRecursive() {
    return (flags & Native.MS_REC) != 0;
  }
}
