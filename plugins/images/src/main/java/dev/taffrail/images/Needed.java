package dev.taffrail.images;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.snapshot.SnapshotKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What all images need; the rest may go.
 *
 * @param snapshots {@code <snapshotter>/<chain id>}
 */
record Needed(Set<Digest> blobs, Set<String> snapshots) {
  static Needed of(StateView view) {
    Set<Digest> blobs = new HashSet<>();
    Set<String> snapshots = new HashSet<>();
    for (Row<Image> row : view.list(ImageEvent.IMAGES)) {
      blobs.addAll(blobsOf(row.value()));
      snapshots.add(row.value().snapshotter() + "/" + row.value().chainId());
    }
    return new Needed(blobs, snapshots);
  }

  /** The configuration, the manifest and the layers. */
  static List<Digest> blobsOf(Image image) {
    List<Digest> blobs = new ArrayList<>();
    blobs.add(image.manifest().digest());
    blobs.add(image.id());
    image.layers().forEach(layer -> blobs.add(layer.digest()));
    return blobs;
  }

  boolean needs(String snapshotter, SnapshotKey key) {
    return snapshots.contains(snapshotter + "/" + key);
  }
}
