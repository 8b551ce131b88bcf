package dev.taffrail.e2e.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Below the daemon's directories only the root file systems of running containers are mounted, and
 * the network namespaces of those that have an endpoint.
 */
final class MountsHaveOwners implements Invariant {
  @Override
  public List<String> violations(Aftermath after) throws IOException {
    Set<String> owned =
        after.withTask().stream()
            .map(id -> after.execRoot().resolve("task.conmon").resolve(id).resolve("rootfs"))
            .map(Path::toString)
            .collect(Collectors.toCollection(TreeSet::new));
    after
        .endpoints()
        .values()
        .forEach(
            endpoint ->
                owned.add(
                    after
                        .sandbox(endpoint.path("container").asText())
                        .resolve("netns")
                        .toString()));
    // A test may have put them on file systems of their own.
    Set<String> roots = Set.of(after.execRoot().toString(), after.dataRoot().toString());
    return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
        .map(line -> line.split(" ", 3)[1])
        .filter(target -> target.startsWith(after.directory() + "/"))
        .filter(target -> !owned.contains(target) && !roots.contains(target))
        .map(target -> "A mount without owner: " + target)
        .toList();
  }
}
