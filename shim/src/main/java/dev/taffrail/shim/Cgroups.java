package dev.taffrail.shim;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.linux.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control groups of this host: version 1, 2 or both side by side. See cgroups(7).
 *
 * @param roots mount points of all hierarchies
 * @param swapAccounting whether swap can be limited
 */
record Cgroups(List<Path> roots, boolean swapAccounting) {
  private static final Logger LOG = LoggerFactory.getLogger(Cgroups.class);
  private static final String DEFAULT_PARENT = "/taffrail";
  private static final Path MOUNT_INFO = Path.of("/proc/self/mountinfo");

  Cgroups {
    roots = List.copyOf(roots);
  }

  static Cgroups read() {
    try {
      return parse(Files.readString(MOUNT_INFO, StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + MOUNT_INFO, failure);
    }
  }

  /** From the text of {@code /proc/self/mountinfo}. */
  static Cgroups parse(String mountInfo) {
    List<Path> first = new ArrayList<>();
    List<Path> second = new ArrayList<>();
    for (String line : mountInfo.split("\n", -1)) {
      int separator = line.indexOf(" - ");
      if (separator < 0) {
        continue;
      }
      String type = line.substring(separator + 3).split(" ", -1)[0];
      Path target = Path.of(line.split(" ", -1)[4]);
      if (type.equals("cgroup")) {
        first.add(target);
      } else if (type.equals("cgroup2")) {
        second.add(target);
      }
    }
    boolean unified = first.isEmpty();
    boolean swap =
        unified
            || first.stream()
                .anyMatch(root -> Files.exists(root.resolve("memory.memsw.limit_in_bytes")));
    first.addAll(second);
    return new Cgroups(first, swap);
  }

  /** Where a task goes, below the root of every hierarchy. */
  static String pathOf(String id, Optional<String> parent) {
    String directory = parent.filter(text -> !text.isBlank()).orElse(DEFAULT_PARENT);
    Path path = Path.of("/").resolve(directory).normalize();
    return path.resolve(id).toString();
  }

  /** Kills what is left in a group and removes it from every hierarchy; absent is fine. */
  void remove(String cgroup, Processes processes) {
    for (Path root : roots) {
      Path directory = root.resolve(cgroup.substring(1));
      if (Files.isDirectory(directory)) {
        removeDirectory(directory, processes);
      }
    }
  }

  private static void removeDirectory(Path directory, Processes processes) {
    List<Path> groups;
    try (Stream<Path> found = Files.walk(directory)) {
      groups = found.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList();
    } catch (IOException | UncheckedIOException failure) {
      LOG.warn("Cannot list the cgroup {}", directory, failure);
      return;
    }
    for (Path group : groups) {
      killMembers(group, processes);
      try {
        Files.deleteIfExists(group);
      } catch (DirectoryNotEmptyException nested) {
        LOG.warn("The cgroup {} has new members", group);
      } catch (IOException busy) {
        LOG.warn("Cannot remove the cgroup {}: {}", group, busy.getMessage());
      }
    }
  }

  private static void killMembers(Path group, Processes processes) {
    List<String> members;
    try {
      members = Files.readAllLines(group.resolve("cgroup.procs"), StandardCharsets.US_ASCII);
    } catch (NoSuchFileException gone) {
      return;
    } catch (IOException failure) {
      LOG.warn("Cannot read the members of the cgroup {}", group, failure);
      return;
    }
    for (String member : members) {
      Optional<ProcessRef> process = processes.open(Integer.parseInt(member));
      if (process.isPresent()) {
        try (ProcessRef open = process.get()) {
          Signals.send(open, Signals.SIGKILL);
          int unused = RuntimeCommands.await(open, "process " + member, 5_000);
        } catch (RuntimeFailure failure) {
          LOG.warn("Cannot end process {} of the cgroup {}", member, group, failure);
        }
      }
    }
  }
}
