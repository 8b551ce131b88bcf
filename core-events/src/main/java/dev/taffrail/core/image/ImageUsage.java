package dev.taffrail.core.image;

import dev.taffrail.core.content.Digest;
import java.util.Map;

/**
 * What images take on disk, in bytes of unpacked layers.
 *
 * @param layers all of them, each once
 * @param shared by image id, the layers that another image has as well
 */
public record ImageUsage(long layers, Map<Digest, Long> shared) {
  public ImageUsage {
    shared = Map.copyOf(shared);
  }
}
