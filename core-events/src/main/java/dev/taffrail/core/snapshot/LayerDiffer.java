package dev.taffrail.core.snapshot;

import dev.taffrail.core.content.Descriptor;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Future;
import java.util.List;

/** Turns layers into trees. */
public interface LayerDiffer {
  PluginType<LayerDiffer> DIFF = new PluginType<>("diff", LayerDiffer.class);

  /**
   * Unpacks a layer from the content store (tar, uncompressed, gzip or zstd, told by its first
   * bytes) into the writable end of {@code mounts}. INVALID_ARGUMENT that names the entry when the
   * layer is hostile or damaged; what was unpacked until then stays for the caller to remove.
   */
  @Deadline(seconds = 3600)
  Future<AppliedLayer> apply(CallContext call, List<Mount> mounts, Descriptor layer);
}
