package dev.taffrail.shim.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.task.TaskSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The mounts of a container: Docker's defaults, less what the task mounts itself, then the
 * generated files, then the task's, each after what it lies in.
 */
final class ContainerMounts {
  private record Entry(String target, String type, String source, List<String> options) {}

  private final TaskSpec spec;
  private final List<EtcFiles.EtcFile> files;

  ContainerMounts(TaskSpec spec, List<EtcFiles.EtcFile> files) {
    this.spec = spec;
    this.files = files;
  }

  ArrayNode build() {
    Set<String> taken =
        spec.mounts().stream().map(mount -> normal(mount.target())).collect(Collectors.toSet());
    List<Entry> entries = new ArrayList<>();
    for (Entry entry : defaults()) {
      boolean replaced =
          taken.contains(entry.target())
              || (taken.contains("/dev") && entry.target().startsWith("/dev/"));
      if (!replaced) {
        entries.add(entry);
      }
    }
    List<Entry> own = new ArrayList<>();
    for (EtcFiles.EtcFile file : files) {
      if (!taken.contains(file.target())) {
        own.add(generated(file));
      }
    }
    spec.mounts().forEach(mount -> own.add(own(mount)));
    own.sort(Comparator.comparingInt(entry -> Path.of(entry.target()).getNameCount()));
    entries.addAll(own);
    return json(entries);
  }

  private Entry generated(EtcFiles.EtcFile file) {
    List<String> options = new ArrayList<>(List.of("rbind", "rprivate"));
    if (spec.readonlyRootfs()) {
      options.add("ro");
    }
    return new Entry(file.target(), "bind", file.source().toString(), options);
  }

  private static Entry own(TaskSpec.BindMount mount) {
    List<String> options = new ArrayList<>(mount.options());
    boolean bind = mount.type().equals("bind");
    if (bind && !options.contains("bind") && !options.contains("rbind")) {
      options.add(0, "rbind");
    }
    return new Entry(
        normal(mount.target()), mount.type(), bind ? mount.source() : "tmpfs", options);
  }

  private static String normal(String target) {
    return Path.of("/").resolve(target).normalize().toString();
  }

  private List<Entry> defaults() {
    boolean privileged = spec.security().privileged();
    List<Entry> entries = new ArrayList<>();
    entries.add(new Entry("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")));
    entries.add(
        new Entry(
            "/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")));
    entries.add(
        new Entry(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")));
    entries.add(system("/sys", "sysfs", privileged));
    entries.add(system("/sys/fs/cgroup", "cgroup", privileged));
    if (spec.namespaces().hostIpc()) {
      // Not every host has both.
      Stream.of("/dev/mqueue", "/dev/shm")
          .filter(target -> Files.isDirectory(Path.of(target)))
          .forEach(target -> entries.add(shared(target)));
    } else {
      entries.add(
          new Entry("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")));
      entries.add(
          new Entry(
              "/dev/shm",
              "tmpfs",
              "shm",
              List.of("nosuid", "noexec", "nodev", "mode=1777", "size=" + spec.sharedMemory())));
    }
    return entries;
  }

  private static Entry system(String target, String type, boolean writable) {
    return new Entry(
        target, type, type, List.of("nosuid", "noexec", "nodev", writable ? "rw" : "ro"));
  }

  private static Entry shared(String target) {
    return new Entry(target, "bind", target, List.of("rbind", "nosuid", "noexec", "nodev"));
  }

  private static ArrayNode json(List<Entry> entries) {
    ArrayNode mounts = JsonNodeFactory.instance.arrayNode();
    for (Entry entry : entries) {
      ObjectNode mount = mounts.addObject();
      mount.put("destination", entry.target());
      mount.put("type", entry.type());
      mount.put("source", entry.source());
      entry.options().forEach(mount.putArray("options")::add);
    }
    return mounts;
  }
}
