package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Each blob belongs to an image, each file to a blob, and no ingest is left. */
final class ContentHasOwners implements Invariant {
  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    Set<String> needed = new TreeSet<>();
    for (JsonNode image : after.rows("images").values()) {
      needed.add(image.path("id").asText());
      needed.add(image.path("manifest").path("digest").asText());
      image.path("layers").forEach(layer -> needed.add(layer.path("digest").asText()));
    }
    Set<String> blobs = after.rows("blobs").keySet();
    if (!blobs.equals(needed)) {
      violations.add("Blobs: " + blobs + ", needed by images: " + needed);
    }
    Path root = after.dataRoot().resolve("content.local");
    Set<String> files = new TreeSet<>();
    for (String file : Aftermath.names(root.resolve("blobs/sha256"))) {
      files.add("sha256:" + file);
    }
    if (!files.equals(blobs)) {
      violations.add("Files of blobs: " + files + ", named in events: " + blobs);
    }
    Set<String> ingests = Aftermath.names(root.resolve("ingests"));
    if (!ingests.isEmpty()) {
      violations.add("Ingests without owner: " + ingests);
    }
    return violations;
  }
}
