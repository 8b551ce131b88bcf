package dev.taffrail.e2e.crash;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Bundles and runtime state are those of running containers, log directories those of all, and
 * network directories those of containers that have a network.
 */
final class DirectoriesHaveOwners implements Invariant {
  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    Path tasks = after.execRoot().resolve("task.conmon");
    compare(tasks, after.withTask(), violations);
    compare(tasks.resolve(".runtime"), after.withTask(), violations);
    for (String name : Aftermath.names(tasks.resolve(".tmp"))) {
      // The runtime is run from a copy that nobody can change.
      if (!name.equals("crun")) {
        violations.add("A temporary file without owner: " + tasks.resolve(".tmp").resolve(name));
      }
    }
    compare(
        after.dataRoot().resolve("containers.default"), after.containers().keySet(), violations);
    for (String name : Aftermath.names(after.sandboxes())) {
      if (!after.withNetwork().contains(name)) {
        violations.add("A directory without owner: " + after.sandbox(name));
      }
    }
    return violations;
  }

  private static void compare(Path parent, Set<String> owners, List<String> violations)
      throws IOException {
    Set<String> found = Aftermath.names(parent);
    for (String name : found) {
      if (!name.startsWith(".") && !owners.contains(name)) {
        violations.add("A directory without owner: " + parent.resolve(name));
      }
    }
    for (String owner : owners) {
      if (!found.contains(owner)) {
        violations.add("A directory is missing: " + parent.resolve(owner));
      }
    }
  }
}
