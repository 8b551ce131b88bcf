package dev.taffrail.shim.oci;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Tree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Finds users and groups in a container's {@code /etc/passwd} and {@code /etc/group}, with the
 * rules and the words of Docker: a number is an id even where a user has that name, an unknown id
 * is fine, an unknown name is not. Lines that make no sense are skipped.
 */
final class UserLookup {
  private static final long MAXIMUM_ID = Integer.MAX_VALUE;

  /** Hostile images may have any file there. */
  private static final int MAXIMUM_BYTES = 16 * 1024 * 1024;

  private record PasswdEntry(String name, long uid, long gid, String home) {}

  private record GroupEntry(String name, long gid, List<String> members) {}

  private final List<PasswdEntry> users;
  private final List<GroupEntry> groups;

  UserLookup(String passwd, String group) {
    this.users = parsePasswd(passwd);
    this.groups = parseGroup(group);
  }

  static UserLookup in(Tree rootfs) {
    return new UserLookup(read(rootfs, "etc/passwd"), read(rootfs, "etc/group"));
  }

  private static String read(Tree rootfs, String name) {
    try (FileChannel file = rootfs.open(name)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), MAXIMUM_BYTES));
      int got = 0;
      while (got >= 0 && bytes.hasRemaining()) {
        got = file.read(bytes);
      }
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    } catch (RuntimeFailure absent) {
      return "";
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + name + " of the container", failure);
    }
  }

  private static List<PasswdEntry> parsePasswd(String text) {
    List<PasswdEntry> entries = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      String[] fields = line.strip().split(":", -1);
      if (fields.length >= 6 && number(fields[2]).isPresent()) {
        entries.add(
            new PasswdEntry(
                fields[0], number(fields[2]).getAsLong(), number(fields[3]).orElse(0), fields[5]));
      }
    }
    return entries;
  }

  private static List<GroupEntry> parseGroup(String text) {
    List<GroupEntry> entries = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      String[] fields = line.strip().split(":", -1);
      if (fields.length >= 3 && number(fields[2]).isPresent()) {
        List<String> members =
            fields.length > 3 ? List.of(fields[3].split(",", -1)) : List.<String>of();
        entries.add(new GroupEntry(fields[0], number(fields[2]).getAsLong(), members));
      }
    }
    return entries;
  }

  private static OptionalLong number(String text) {
    boolean digits =
        !text.isEmpty() && text.length() < 19 && text.chars().allMatch(Character::isDigit);
    return digits ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  /**
   * Looks up {@code name|uid[:group|gid]}, empty for root, with {@code additional} groups.
   * INVALID_ARGUMENT with Docker's words when a name is unknown.
   */
  ContainerUser find(String specification, List<String> additional) {
    int colon = specification.indexOf(':');
    String userPart = colon < 0 ? specification : specification.substring(0, colon);
    String groupPart = colon < 0 ? "" : specification.substring(colon + 1);

    Optional<PasswdEntry> entry = userEntry(userPart);
    if (entry.isEmpty() && !userPart.isEmpty() && number(userPart).isEmpty()) {
      throw unknown("user", userPart, "passwd");
    }
    long uid = entry.map(PasswdEntry::uid).orElseGet(() -> inRange(number(userPart).orElse(0)));
    String home = entry.map(PasswdEntry::home).filter(path -> !path.isEmpty()).orElse("/");
    long gid = entry.map(PasswdEntry::gid).orElse(0L);

    Set<Long> extra = new LinkedHashSet<>();
    if (!groupPart.isEmpty()) {
      gid = groupId(groupPart).orElseThrow(() -> unknown("group", groupPart, "group"));
    } else if (entry.isPresent()) {
      String name = entry.get().name();
      groups.stream()
          .filter(group -> group.members().contains(name))
          .forEach(group -> extra.add(group.gid()));
    }
    for (String group : additional) {
      extra.add(
          groupId(group)
              .orElseThrow(
                  () ->
                      new RuntimeFailure(
                          Kind.INVALID_ARGUMENT,
                          "Unable to find group "
                              + group
                              + ": no matching entries in group file")));
    }
    List<Long> all = new ArrayList<>();
    all.add(gid);
    extra.remove(gid);
    all.addAll(extra);
    return new ContainerUser(uid, gid, all, home);
  }

  private Optional<PasswdEntry> userEntry(String user) {
    OptionalLong uid = user.isEmpty() ? OptionalLong.of(0) : number(user);
    return users.stream()
        .filter(
            entry -> uid.isPresent() ? entry.uid() == uid.getAsLong() : entry.name().equals(user))
        .findFirst();
  }

  private Optional<Long> groupId(String group) {
    OptionalLong gid = number(group);
    if (gid.isPresent()) {
      return Optional.of(inRange(gid.getAsLong()));
    }
    return groups.stream()
        .filter(entry -> entry.name().equals(group))
        .map(GroupEntry::gid)
        .findFirst();
  }

  private static long inRange(long id) {
    if (id > MAXIMUM_ID) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "uids and gids must be in range 0-" + MAXIMUM_ID);
    }
    return id;
  }

  private static RuntimeFailure unknown(String what, String name, String file) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "unable to find " + what + " " + name + ": no matching entries in " + file + " file");
  }
}
