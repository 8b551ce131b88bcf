package dev.taffrail.core.image;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One step in which an image was made; see OCI image-spec config.md, "history".
 *
 * @param createdBy the command, empty when it is not known
 * @param size bytes of the step's unpacked layer; 0 for a step without one
 */
public record HistoryEntry(Optional<Instant> created, String createdBy, String comment, long size) {
  public HistoryEntry {
    Objects.requireNonNull(created, "created");
    Objects.requireNonNull(createdBy, "createdBy");
    Objects.requireNonNull(comment, "comment");
  }
}
