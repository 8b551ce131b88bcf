package dev.taffrail.e2e.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Of all containers there ever were, only those that run have control groups. */
final class CgroupsHaveOwners implements Invariant {
  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    Set<String> running = after.withTask();
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] mount = line.split(" ", 4);
      if (mount[2].startsWith("cgroup")) {
        Path parent = Path.of(mount[1], "taffrail");
        for (String group : Aftermath.names(parent)) {
          if (after.log().containers().contains(group) && !running.contains(group)) {
            violations.add("A cgroup without owner: " + parent.resolve(group));
          }
        }
      }
    }
    return violations;
  }
}
