package dev.taffrail.core.image;

import dev.taffrail.core.content.Digest;
import java.time.Instant;
import java.util.Objects;

/** The state row of a reference in normal form, {@code docker.io/library/busybox:latest}. */
public record ReferenceRow(Digest image, Instant tagged) {
  public ReferenceRow {
    Objects.requireNonNull(image, "image");
  }
}
