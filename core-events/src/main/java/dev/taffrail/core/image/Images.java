package dev.taffrail.core.image;

import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Future;
import java.util.List;

/**
 * Keeps images. Where a method takes a name, that is a reference, an id with or without {@code
 * sha256:}, or a unique prefix of one; NOT_FOUND says {@code No such image: NAME} as Docker does.
 */
public interface Images {
  PluginType<Images> IMAGES = new PluginType<>("images", Images.class);

  /** INVALID_ARGUMENT for a damaged or hostile archive, or a change that is no such instruction. */
  @Deadline(seconds = 3600)
  Future<ImageView> importArchive(CallContext call, ImportRequest request);

  /** Newest first. */
  @Deadline(seconds = 30)
  Future<List<ImageView>> list(CallContext call);

  @Deadline(seconds = 10)
  Future<ImageView> get(CallContext call, String name);

  /** What {@link #get} would have answered then; GONE and OUT_OF_RANGE as the log says. */
  @Deadline(seconds = 30)
  Future<ImageView> getAsOf(CallContext call, String name, Cursor moment);

  /** What {@link #list} would have answered then; GONE and OUT_OF_RANGE as the log says. */
  @Deadline(seconds = 30)
  Future<List<ImageView>> listAsOf(CallContext call, Cursor moment);

  /**
   * Removes a name, and the image with its last name. FAILED_PRECONDITION with Docker's words when
   * a container uses the image or an id has several names, unless {@code force}.
   */
  @Deadline(seconds = 120)
  Future<ImageRemoval> remove(CallContext call, String name, boolean force);

  /** One more name, which may have been another image's. INVALID_ARGUMENT with a digest in it. */
  @Deadline(seconds = 10)
  Future<Void> tag(CallContext call, String name, ImageReference reference);

  /** How it was made, the last step first. */
  @Deadline(seconds = 60)
  Future<List<HistoryEntry>> history(CallContext call, String name);

  /** Of all images. */
  @Deadline(seconds = 60)
  Future<ImageUsage> usage(CallContext call);
}
