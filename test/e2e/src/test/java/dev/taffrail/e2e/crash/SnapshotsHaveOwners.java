package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Each snapshot belongs to a container or an image, and each directory to a snapshot. */
final class SnapshotsHaveOwners implements Invariant {
  private static final String OWNER = "dev.taffrail.container";

  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    Map<String, JsonNode> snapshots = after.rows("snapshots");
    Set<String> chains = new TreeSet<>();
    after.rows("images").values().forEach(image -> chains.add(image.path("chainId").asText()));
    Set<String> directories = new TreeSet<>();
    for (JsonNode snapshot : snapshots.values()) {
      directories.add(snapshot.path("directory").asText());
      String owner = snapshot.path("labels").path(OWNER).asText();
      boolean owned =
          owner.isEmpty()
              ? chains.contains(snapshot.path("key").asText())
              : after.containers().containsKey(owner);
      if (!owned) {
        violations.add("A snapshot without owner: " + snapshot);
      }
    }
    Path root = after.dataRoot().resolve("snapshot.overlay");
    Set<String> found = Aftermath.names(root.resolve("snapshots"));
    if (!found.equals(directories)) {
      violations.add("Directories of snapshots: " + found + ", named in events: " + directories);
    }
    Set<String> removed = Aftermath.names(root.resolve("removed"));
    if (!removed.isEmpty()) {
      violations.add("Removed snapshots are still there: " + removed);
    }
    return violations;
  }
}
