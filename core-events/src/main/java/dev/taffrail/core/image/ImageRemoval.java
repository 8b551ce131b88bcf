package dev.taffrail.core.image;

import dev.taffrail.core.content.Digest;
import java.util.List;
import java.util.Optional;

/**
 * What removing an image did.
 *
 * @param untagged references in normal form
 * @param deleted empty when the image keeps other names
 */
public record ImageRemoval(List<String> untagged, Optional<Digest> deleted) {
  public ImageRemoval {
    untagged = List.copyOf(untagged);
  }
}
