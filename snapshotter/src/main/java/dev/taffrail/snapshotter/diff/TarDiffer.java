package dev.taffrail.snapshotter.diff;

import dev.taffrail.core.content.BlobReader;
import dev.taffrail.core.content.ContentStore;
import dev.taffrail.core.content.Descriptor;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.snapshot.AppliedLayer;
import dev.taffrail.core.snapshot.LayerDiffer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.nio.channels.Channels;
import java.util.List;

/** Unpacks layers on worker threads. */
final class TarDiffer implements LayerDiffer {
  private static final boolean UNORDERED = false;

  private final ContentStore content;
  private final Context context;
  private final Workplace workplace;
  private final LayerLimits limits;

  TarDiffer(ContentStore content, Context context, Workplace workplace, LayerLimits limits) {
    this.content = content;
    this.context = context;
    this.workplace = workplace;
    this.limits = limits;
  }

  @Override
  public Future<AppliedLayer> apply(CallContext call, List<Mount> mounts, Descriptor layer) {
    return content
        .open(call, layer.digest())
        .compose(
            blob ->
                context
                    .executeBlocking(() -> unpack(call, mounts, blob), UNORDERED)
                    .onComplete(done -> blob.close()));
  }

  private AppliedLayer unpack(CallContext call, List<Mount> mounts, BlobReader blob) {
    return workplace.in(
        mounts,
        tree ->
            new LayerUnpack(tree, limits, call::isCancelled)
                .run(Channels.newInputStream(blob.channel())));
  }
}
