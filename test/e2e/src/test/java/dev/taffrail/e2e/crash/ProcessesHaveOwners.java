package dev.taffrail.e2e.crash;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Monitors, runtimes and processes in containers' cgroups belong to running containers; with them
 * go the namespaces, which nothing else holds but a mount of the network namespace.
 */
final class ProcessesHaveOwners implements Invariant {
  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    Set<String> running = after.withTask();
    for (String name : Aftermath.names(Path.of("/proc"))) {
      if (name.chars().allMatch(Character::isDigit) && Long.parseLong(name) != after.daemonPid()) {
        String command = text(Path.of("/proc", name, "cmdline")).replace('\0', ' ').strip();
        String group = text(Path.of("/proc", name, "cgroup"));
        Optional<String> container =
            after.log().containers().stream()
                .filter(id -> command.contains(id) || group.contains("/" + id))
                .findFirst();
        boolean ours = command.contains(after.directory() + "/") || container.isPresent();
        if (ours && !container.map(running::contains).orElse(false)) {
          violations.add("A process without owner: " + name + " " + command + " in\n" + group);
        }
      }
    }
    return violations;
  }

  // A process may end while it is looked at.
  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException ended) {
      return "";
    }
  }
}
