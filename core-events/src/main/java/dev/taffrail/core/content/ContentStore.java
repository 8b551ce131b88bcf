package dev.taffrail.core.content;

import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Future;
import java.util.List;

/** Blobs and ingests. */
public interface ContentStore {
  PluginType<ContentStore> CONTENT = new PluginType<>("content", ContentStore.class);

  /** NOT_FOUND when there is no such blob. */
  @Deadline(seconds = 10)
  Future<BlobInfo> info(CallContext call, Digest digest);

  /** Ordered by digest. */
  @Deadline(seconds = 30)
  Future<List<BlobInfo>> list(CallContext call);

  /** NOT_FOUND when there is no such blob. */
  @Deadline(seconds = 10)
  Future<BlobReader> open(CallContext call, Digest digest);

  /** NOT_FOUND when there is no such blob. */
  @Deadline(seconds = 30)
  Future<Void> delete(CallContext call, Digest digest);

  /**
   * Opens or resumes an ingest. INVALID_ARGUMENT for an empty reference, UNAVAILABLE while another
   * writer has it, ALREADY_EXISTS when the expected blob is there.
   */
  @Deadline(seconds = 60)
  Future<IngestWriter> ingest(CallContext call, IngestRequest request);

  @Deadline(seconds = 10)
  Future<List<IngestStatus>> ingests(CallContext call);

  /** Drops an ingest; NOT_FOUND when there is none, UNAVAILABLE while it is being written. */
  @Deadline(seconds = 30)
  Future<Void> abort(CallContext call, String reference);
}
