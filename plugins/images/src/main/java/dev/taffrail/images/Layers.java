package dev.taffrail.images;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.snapshot.SnapshotKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The committed snapshots that hold an image's layers. */
final class Layers {
  private Layers() {}

  /** Lowest first; OCI image-spec config.md, "Layer ChainID". */
  static List<SnapshotKey> chainIds(Image image) {
    List<SnapshotKey> chain = new ArrayList<>();
    Digest below = null;
    for (Digest diffId : image.diffIds()) {
      below =
          below == null
              ? diffId
              : Digest.sha256((below + " " + diffId).getBytes(StandardCharsets.US_ASCII));
      chain.add(new SnapshotKey(below.toString()));
    }
    return chain;
  }
}
