package dev.taffrail.linux;

import dev.taffrail.core.linux.ControlGroups;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What mounts and files say: a limit is there when its file is. */
final class KernelControlGroups implements ControlGroups {
  private final Path mountInfo;
  private final Path unifiedRoot;

  KernelControlGroups() {
    this(Path.of("/proc/self/mountinfo"), Path.of("/sys/fs/cgroup"));
  }

  KernelControlGroups(Path mountInfo, Path unifiedRoot) {
    this.mountInfo = mountInfo;
    this.unifiedRoot = unifiedRoot;
  }

  @Override
  public Abilities abilities() {
    return Files.exists(unifiedRoot.resolve("cgroup.controllers")) ? unified() : hierarchies();
  }

  private Abilities unified() {
    Set<String> controllers =
        Set.copyOf(List.of(text(unifiedRoot.resolve("cgroup.controllers")).split(" ", -1)));
    boolean memory = controllers.contains("memory");
    boolean cpu = controllers.contains("cpu");
    boolean cpuset = controllers.contains("cpuset");
    return new Abilities(
        true,
        memory,
        memory && someGroupHas("memory.swap.max"),
        memory,
        false,
        cpu,
        cpu,
        cpuset,
        cpuset ? text(unifiedRoot.resolve("cpuset.cpus.effective")) : "",
        cpuset ? text(unifiedRoot.resolve("cpuset.mems.effective")) : "",
        controllers.contains("pids"),
        controllers.contains("io"));
  }

  /** The root group has no limits of its own. */
  private boolean someGroupHas(String file) {
    try (DirectoryStream<Path> groups =
        Files.newDirectoryStream(unifiedRoot, path -> Files.isDirectory(path))) {
      for (Path group : groups) {
        if (Files.exists(group.resolve(file))) {
          return true;
        }
      }
      return Files.exists(unifiedRoot.resolve(file));
    } catch (IOException unreadable) {
      return false;
    }
  }

  private Abilities hierarchies() {
    Map<String, Path> mounts = mounts();
    return new Abilities(
        false,
        mounts.containsKey("memory"),
        has(mounts, "memory", "memory.memsw.limit_in_bytes"),
        has(mounts, "memory", "memory.soft_limit_in_bytes"),
        has(mounts, "memory", "memory.oom_control"),
        has(mounts, "cpu", "cpu.shares"),
        has(mounts, "cpu", "cpu.cfs_quota_us"),
        mounts.containsKey("cpuset"),
        mounts.containsKey("cpuset") ? text(mounts.get("cpuset").resolve("cpuset.cpus")) : "",
        mounts.containsKey("cpuset") ? text(mounts.get("cpuset").resolve("cpuset.mems")) : "",
        mounts.containsKey("pids"),
        has(mounts, "blkio", "blkio.weight"));
  }

  private static boolean has(Map<String, Path> mounts, String controller, String file) {
    return mounts.containsKey(controller) && Files.exists(mounts.get(controller).resolve(file));
  }

  /** Where the controllers of version 1 are mounted; proc(5) has the form. */
  private Map<String, Path> mounts() {
    Map<String, Path> mounts = new HashMap<>();
    for (String line : text(mountInfo).split("\n", -1)) {
      int separator = line.indexOf(" - cgroup ");
      if (separator >= 0) {
        Path target = Path.of(line.split(" ", -1)[4]);
        String options = line.substring(line.lastIndexOf(' ') + 1);
        List.of(options.split(",", -1)).forEach(option -> mounts.putIfAbsent(option, target));
      }
    }
    return mounts;
  }

  /** Empty when it cannot be read: then nothing is known of it. */
  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
    } catch (IOException unreadable) {
      return "";
    }
  }
}
