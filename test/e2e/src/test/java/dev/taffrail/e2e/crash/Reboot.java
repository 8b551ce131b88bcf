package dev.taffrail.e2e.crash;

import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a reboot of the host does to a dead daemon's containers: their processes, mounts, control
 * groups and run-time files are gone, and whatever there was in the daemon's network namespace.
 */
public final class Reboot {
  private static final int PATIENCE_SECONDS = 30;

  private Reboot() {}

  /** Of a daemon that is dead, and the containers it may have run. */
  public static void of(DaemonProcess daemon, Collection<String> containers) throws Exception {
    List<Path> groups = new ArrayList<>();
    for (String id : containers) {
      Path bundle = daemon.execRoot().resolve("task.conmon").resolve(id);
      end(numbers(bundle.resolve("conmon-pidfile")));
      groups.addAll(groupsOf(id));
    }
    for (Path group : groups) {
      end(numbers(group.resolve("cgroup.procs")));
    }
    for (Path group : groups) {
      Files.deleteIfExists(group);
    }
    unmountBelow(daemon.execRoot());
    Commands.run(
            Map.of(),
            new byte[0],
            List.of("find", daemon.execRoot().toString(), "-mindepth", "1", "-delete"))
        .succeeded();
    daemon.network().renew();
  }

  private static List<Long> numbers(Path file) throws IOException {
    return Files.exists(file)
        ? Files.readString(file, StandardCharsets.US_ASCII).lines().map(Long::parseLong).toList()
        : List.of();
  }

  private static List<Path> groupsOf(String id) throws IOException {
    List<Path> groups = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] mount = line.split(" ", 4);
      Path group = Path.of(mount[1], "taffrail", id);
      if (mount[2].startsWith("cgroup") && Files.exists(group)) {
        groups.add(group);
      }
    }
    return groups;
  }

  private static void end(List<Long> pids) throws Exception {
    for (long pid : pids) {
      var process = ProcessHandle.of(pid);
      if (process.isPresent()) {
        boolean unused = process.get().destroyForcibly();
        var ended = process.get().onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assert !ended.isAlive() : pid + " lives";
      }
    }
  }

  /** Also what is busy. */
  static void unmountBelow(Path directory) throws IOException {
    List<String> targets =
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .map(line -> line.split(" ", 3)[1])
            .filter(target -> target.startsWith(directory + "/"))
            .sorted(Comparator.reverseOrder())
            .toList();
    for (String target : targets) {
      Commands.run(Map.of(), new byte[0], List.of("umount", "-l", target)).succeeded();
    }
  }
}
