package dev.taffrail.core.image;

import dev.taffrail.core.content.Descriptor;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.event.Kept;
import dev.taffrail.core.snapshot.SnapshotKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An image; also its state row, whose id is {@link #id}.
 *
 * @param id digest of the image configuration
 * @param configuration what containers inherit
 * @param layers as the manifest lists them, lowest first
 * @param diffIds digests of the uncompressed layers, lowest first
 * @param chainId names the committed snapshot with all layers (OCI image-spec config.md, "Layer
 *     ChainID")
 * @param snapshotter where that snapshot is
 * @param size bytes of the unpacked layers
 * @param created as the configuration says
 */
public record Image(
    Digest id,
    Descriptor manifest,
    ImageConfiguration configuration,
    String architecture,
    String operatingSystem,
    Optional<String> variant,
    Optional<String> author,
    Optional<String> comment,
    List<Descriptor> layers,
    List<Digest> diffIds,
    SnapshotKey chainId,
    @Kept String snapshotter,
    long size,
    Instant created) {
  public Image {
    layers = List.copyOf(layers);
    diffIds = List.copyOf(diffIds);
  }
}
